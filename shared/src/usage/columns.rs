//! Which column of a log holds what, by the names that exporters and published traces use. Case, blanks, hyphens,
//! underscores and points make no difference.

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Column {
    /// When a request arrived.
    At(Ticks),
    /// The model.
    Model,
    /// Input tokens, those from the cache included (`OpenAI` and most others).
    Input,
    /// Output tokens.
    Output,
    /// The part of the input that was read from the cache.
    Cached,
    /// Tokens read from the cache that `Input` leaves out (Anthropic).
    CacheRead,
    /// Tokens written to the cache that `Input` leaves out (Anthropic).
    CacheWrite,
    /// How long the whole answer took.
    Latency(Ticks),
    /// Whether it succeeded.
    Status,
    /// The ids of the prompt's blocks; the same id means the same text from the beginning on.
    Hashes,
    /// Says that the row was made up.
    Synthetic,
}

/// The unit of a time, as far as the name tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ticks {
    Unsaid,
    Seconds,
    Millis,
    Micros,
}

impl Column {
    /// Whether it counts tokens.
    pub(super) const fn is_tokens(self) -> bool {
        matches!(self, Self::Input | Self::Output | Self::Cached | Self::CacheRead | Self::CacheWrite)
    }

    /// The words a person reads, which are the names that the documentation uses.
    pub(super) const fn label(self) -> &'static str {
        match self {
            Self::At(_) => "timestamp",
            Self::Model => "model",
            Self::Input => "input_tokens",
            Self::Output => "output_tokens",
            Self::Cached => "cached_tokens",
            Self::CacheRead => "cache_read_input_tokens",
            Self::CacheWrite => "cache_creation_input_tokens",
            Self::Latency(_) => "latency_ms",
            Self::Status => "status",
            Self::Hashes => "hash_ids",
            Self::Synthetic => "synthetic",
        }
    }
}

/// The longest name that is compared.
const NAME_MAX: usize = 48;

/// What a column of this name holds, if it is one that is used.
pub(super) fn named(name: &[u8]) -> Option<Column> {
    let mut buffer = [0_u8; NAME_MAX];
    let mut length = 0;
    for byte in name.iter().filter(|b| b.is_ascii_alphanumeric()) {
        *buffer.get_mut(length)? = byte.to_ascii_lowercase();
        length += 1;
    }
    let key = std::str::from_utf8(buffer.get(..length)?).ok()?;
    Some(match key {
        "timestamp" | "time" | "ts" | "datetime" | "date" | "created" | "createdat" | "starttime" | "startedat"
        | "requesttime" | "requestedat" | "arrivaltime" | "arrivedat" | "starttimestamp" | "requesttimestamp" => {
            Column::At(Ticks::Unsaid)
        }
        "timestampms" | "timems" | "createdms" | "unixms" | "epochms" => Column::At(Ticks::Millis),
        "timestamps" | "unixs" | "epochs" | "timestampseconds" | "epochseconds" => Column::At(Ticks::Seconds),
        "timestampus" | "epochus" | "unixus" => Column::At(Ticks::Micros),
        "model" | "modelid" | "modelname" => Column::Model,
        "inputtokens"
        | "prompttokens"
        | "contexttokens"
        | "inputlength"
        | "requesttokens"
        | "ncontexttokenstotal"
        | "numprompttokens"
        | "numinputtokens"
        | "tokensin"
        | "tokensprompt"
        | "prompttokencount"
        | "inputtokencount"
        | "usageprompttokens"
        | "usageinputtokens"
        | "ninputtokens" => Column::Input,
        "outputtokens"
        | "completiontokens"
        | "generatedtokens"
        | "outputlength"
        | "responsetokens"
        | "ngeneratedtokenstotal"
        | "numcompletiontokens"
        | "numoutputtokens"
        | "tokensout"
        | "tokenscompletion"
        | "candidatestokencount"
        | "outputtokencount"
        | "usagecompletiontokens"
        | "usageoutputtokens"
        | "noutputtokens" => Column::Output,
        "cachedtokens"
        | "cachedinputtokens"
        | "cachedprompttokens"
        | "promptcachedtokens"
        | "cachedcontenttokencount"
        | "inputcachedtokens"
        | "prompttokensdetailscachedtokens" => Column::Cached,
        "cachereadinputtokens" | "cachereadtokens" => Column::CacheRead,
        "cachecreationinputtokens" | "cachewritetokens" | "cachecreationtokens" => Column::CacheWrite,
        "latency" | "duration" | "responsetime" | "elapsed" => Column::Latency(Ticks::Unsaid),
        "latencyms" | "durationms" | "responsetimems" | "elapsedms" | "e2ems" | "totaltimems" => {
            Column::Latency(Ticks::Millis)
        }
        "latencys" | "latencyseconds" | "durations" | "durationseconds" | "elapsedtime" | "elapsedseconds"
        | "responsetimes" => Column::Latency(Ticks::Seconds),
        "latencyus" | "durationus" => Column::Latency(Ticks::Micros),
        "status" | "statuscode" | "httpstatus" | "responsestatus" => Column::Status,
        "hashids" => Column::Hashes,
        "synthetic" => Column::Synthetic,
        _ => return None,
    })
}

/// The names that a log may use, for the problem that says none was found.
pub(super) const EXPECTED: &str = "timestamp, model, input_tokens (or prompt_tokens, ContextTokens, input_length), \
                                   output_tokens (or completion_tokens, GeneratedTokens, output_length), \
                                   cached_tokens, latency_ms, status, hash_ids";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_the_contract_and_of_published_traces() {
        let table: [(&str, Column); 16] = [
            ("TIMESTAMP", Column::At(Ticks::Unsaid)),
            ("Timestamp", Column::At(Ticks::Unsaid)),
            ("ContextTokens", Column::Input),
            ("GeneratedTokens", Column::Output),
            ("prompt_tokens", Column::Input),
            ("completion_tokens", Column::Output),
            ("Request tokens", Column::Input),
            ("Response tokens", Column::Output),
            ("input_length", Column::Input),
            ("output_length", Column::Output),
            ("hash_ids", Column::Hashes),
            ("cached_tokens", Column::Cached),
            ("cache_read_input_tokens", Column::CacheRead),
            ("latency_ms", Column::Latency(Ticks::Millis)),
            ("duration", Column::Latency(Ticks::Unsaid)),
            (" Model ", Column::Model),
        ];
        for (name, column) in table {
            assert_eq!(named(name.as_bytes()), Some(column), "{name}");
        }
        for name in ["", "tokens", "Total tokens", "Log Type", "ä", &"timestamp".repeat(9)] {
            assert_eq!(named(name.as_bytes()), None, "{name}");
        }
    }
}
