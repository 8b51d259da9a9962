//! The names of models as people write them ("4o mini", "claude 4.5 sonnet", "Llama 3.3 70B") to the provider's own
//! undated id. A grammar of families, so that a version that is not listed yet still reads as a model.

use winnow::Parser;
use winnow::ascii::digit1;
use winnow::combinator::{alt, not, opt, peek, preceded, repeat, terminated};
use winnow::token::{one_of, take_while};

use super::lex::Parsed;

/// A model that a message names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ModelName {
    /// The id; of a family, what was written of it.
    pub(super) id: String,
    /// Whether this names one model, not only a family such as "Claude".
    pub(super) exact: bool,
}

/// Models of families that the grammar knows; others are asked about.
const KNOWN: &str = " gpt-3.5-turbo gpt-4 gpt-4-turbo gpt-4o gpt-4o-mini gpt-4.1 gpt-4.1-mini gpt-4.1-nano gpt-4.5-preview \
    gpt-5 gpt-5-mini gpt-5-nano gpt-5-pro gpt-5-codex gpt-5.1 gpt-5.2 gpt-5.4 gpt-5.4-mini gpt-5.4-nano gpt-5.5 gpt-5.6-luna \
    gpt-5.6-terra gpt-5.6-sol gpt-6-luna gpt-6-sol gpt-6.1-terra gpt-6.1-sol gpt-6-astra gpt-oss-120b gpt-oss-20b \
    o1 o1-mini o1-pro o3 o3-mini o3-pro o4-mini \
    claude-3-haiku claude-3-sonnet claude-3-opus claude-3-5-haiku claude-3-5-sonnet claude-3-7-sonnet claude-sonnet-4 \
    claude-opus-4 claude-opus-4-1 claude-haiku-4-5 claude-haiku-5-5 claude-sonnet-4-5 claude-sonnet-4-6 \
    claude-sonnet-5 claude-sonnet-5-5 claude-opus-4-5 claude-opus-4-6 claude-opus-4-7 claude-opus-4-8 claude-opus-5 \
    claude-opus-5-5 claude-fable-5 claude-fable-5-1 \
    gemini-1.5-flash gemini-1.5-pro gemini-2.0-flash gemini-2.0-flash-lite gemini-2.5-flash-lite gemini-2.5-flash \
    gemini-2.5-pro gemini-3-pro-preview gemini-3-flash-preview gemini-3.1-flash-lite gemini-3.1-pro-preview \
    gemini-3.5-flash gemini-3.5-flash-lite gemini-3.6-flash gemini-3.7-flash gemini-3.8-flash gemini-4-argon \
    mistral-large mistral-large-2512 mistral-large-3 mistral-large-4 mistral-medium mistral-medium-3-1 mistral-medium-3-5 \
    mistral-small mistral-small-2603 mistral-small-4 ministral-3b ministral-8b ministral-8b-2512 mistral-nemo codestral \
    magistral-medium magistral-small mixtral-8x7b mixtral-8x22b mistral-7b pixtral-large pixtral-12b \
    deepseek-v4-flash deepseek-v4-pro deepseek-v3 deepseek-v3.1 deepseek-v3.2 deepseek-r1 deepseek-chat deepseek-reasoner \
    llama-3.3-70b llama-3.1-8b llama-3.1-70b llama-3.1-405b llama-3.3-70b-versatile llama-3.1-8b-instant \
    llama-4-maverick llama-4-scout llama-3-70b llama-3-8b llama-2-70b qwen3-32b qwen3-max qwen3-235b-a22b qwen2.5-72b \
    grok-3 grok-3-mini grok-4 grok-4.20 grok-4.3 grok-4.5 grok-4.6 grok-4.7 grok-code-fast-1 kimi-k2 kimi-k2.5 kimi-k2.6 \
    kimi-k3 glm-4.5 glm-4.5-air glm-4.6 glm-4.7 glm-5 glm-5.1 glm-5.2 glm-5.3 glm-5.3-flash ";

impl ModelName {
    /// Whether the id, or what it is a dated form of, is one that the grammar's table lists.
    pub(super) fn known(&self) -> bool {
        let undated = self.id.trim_end_matches(|c: char| c.is_ascii_digit() || c == '-');
        KNOWN.contains(&format!(" {} ", self.id)) || (self.id.len() > undated.len() + 7 && KNOWN.contains(undated))
    }
}

const fn exact(id: String) -> ModelName {
    ModelName { id, exact: true }
}

/// A model at the start of the folded text.
pub(super) fn model(rest: &mut &str) -> Parsed<ModelName> {
    // Most words start like no family: look at one letter before trying them all.
    peek(one_of(['g', 'c', 'o', 's', 'h', 'f', 'm', 'd', 'l', 'q', 'k', 'p', 'n', 'a', '2', '3', '4', '5', '6']))
        .void()
        .parse_next(rest)?;
    let named = alt((gpt_oss, gpt, o_series, claude, gemini, mistral, deepseek, llama, others));
    alt((terminated(named, end), terminated(family, end))).parse_next(rest)
}

/// No letter or digit follows, except the "s" of "GPT-4os" which nobody writes.
fn end(rest: &mut &str) -> Parsed<()> {
    not(one_of(char::is_alphanumeric)).parse_next(rest)
}

/// What stands between the parts of a name.
fn gap<'a>(rest: &mut &'a str) -> Parsed<&'a str> {
    take_while(0..=1, [' ', '-', '_', ':']).parse_next(rest)
}

/// A version such as `4`, `4.5` or, for vendors who write it so, `4-5`; never the start of a larger number.
fn version(rest: &mut &str) -> Parsed<String> {
    let short = || digit1.verify(|d: &str| d.len() <= 2);
    let minor = preceded('.', terminated(short(), not(one_of(['%']))));
    (short(), opt(minor), not((opt(one_of([',', '.', '\''])), one_of('0'..='9'))))
        .map(|(major, minor, ()): (&str, Option<&str>, ())| match minor {
            Some(minor) => format!("{major}.{minor}"),
            None => major.into(),
        })
        .parse_next(rest)
}

/// A version with a hyphen (`4-5`) or, joined to its name, a blank-free pair.
fn hyphen_version(rest: &mut &str) -> Parsed<String> {
    let minor = (one_of(['-', '.', '_']), one_of('0'..='9'), not(one_of(char::is_alphanumeric)));
    (one_of('1'..='9'), opt(minor), not(one_of('0'..='9')))
        .map(|(major, minor, ()): (char, Option<(char, char, ())>, ())| match minor {
            Some((_, minor, ())) => format!("{major}-{minor}"),
            None => major.to_string(),
        })
        .parse_next(rest)
}

/// A date at the end of an id, kept as written.
fn date(rest: &mut &str) -> Parsed<String> {
    let long =
        ('-', take_while(4..=4, '0'..='9'), '-', take_while(2..=2, '0'..='9'), '-', take_while(2..=2, '0'..='9'));
    let short = (one_of(['-', '@']), take_while(8..=8, '0'..='9'));
    alt((long.take(), short.take())).map(|text: &str| text.replace('@', "-")).parse_next(rest)
}

/// One of `words`, after a gap.
fn suffix(words: &'static [&'static str]) -> impl FnMut(&mut &str) -> Parsed<&'static str> {
    move |rest: &mut &str| {
        gap.parse_next(rest)?;
        let text: &str = take_while(1.., |c: char| c.is_alphanumeric() || c == '+').parse_next(rest)?;
        words.iter().find(|word| **word == text).copied().ok_or(winnow::error::EmptyError)
    }
}

/// Any further part joined by a hyphen, as in `gpt-7-nova`, unless it is an ordinary word ("GPT-4o-based").
fn joined_part(rest: &mut &str) -> Parsed<String> {
    const ORDINARY: &[&str] = &[
        "based",
        "powered",
        "class",
        "level",
        "backed",
        "like",
        "api",
        "calls",
        "call",
        "only",
        "style",
        "and",
        "requests",
        "model",
        "deployment",
        "bot",
        "series",
        "family",
        "token",
        "tokens",
        "kosten",
        "rechnung",
        "anfragen",
        "modell",
        "spend",
        "bill",
        "costs",
        "usage",
        "to",
        "or",
        "users",
        "agents",
        "traffic",
    ];
    preceded(one_of(['-', '_']), take_while(1.., |c: char| c.is_alphanumeric() || c == '.'))
        .verify(|part: &str| !ORDINARY.contains(&part.trim_end_matches('.')))
        .map(|part: &str| part.trim_end_matches('.').to_string())
        .parse_next(rest)
}

/// The parts after a version, each with its hyphen.
fn tail(words: &'static [&'static str]) -> impl FnMut(&mut &str) -> Parsed<String> {
    move |rest: &mut &str| {
        let part =
            alt((date, suffix(words).map(|word| format!("-{word}")), joined_part.map(|part| format!("-{part}"))));
        repeat(0..=4, part).map(|parts: Vec<String>| parts.concat()).parse_next(rest)
    }
}

const GPT_TAILS: &[&str] =
    &["mini", "nano", "turbo", "pro", "luna", "terra", "sol", "astra", "codex", "nova", "preview", "max"];

fn gpt_oss(rest: &mut &str) -> Parsed<ModelName> {
    (opt(("openai/",)), "gpt", gap, "oss", gap, alt(("120", "20")), opt((gap, "b")))
        .map(|(.., size, _)| exact(format!("gpt-oss-{size}b")))
        .parse_next(rest)
}

fn gpt(rest: &mut &str) -> Parsed<ModelName> {
    let named = (
        opt("chat"),
        "gpt",
        gap,
        version,
        opt(preceded(gap, alt((terminated('o', end_of_letter).void(), "omni".void())))),
        tail(GPT_TAILS),
    )
        .map(|(_, _, _, version, omni, tail)| (version, omni, tail));
    let short_omni = ("4o", end_of_letter, tail(GPT_TAILS)).map(|(_, (), tail)| ("4".to_string(), Some(()), tail));
    let short_size = (
        alt(("3.5", "4.1", "5.4", "5.6", "6.1", "5", "6")),
        suffix(&["mini", "nano", "turbo", "luna", "terra", "sol", "astra"]),
    )
        .map(|(version, size)| (version.to_string(), None, format!("-{size}")));
    alt((named, short_omni, short_size))
        .map(|(version, omni, tail)| exact(format!("gpt-{version}{}{tail}", if omni.is_some() { "o" } else { "" })))
        .parse_next(rest)
}

fn end_of_letter(rest: &mut &str) -> Parsed<()> {
    not(one_of(char::is_alphabetic)).parse_next(rest)
}

fn o_series(rest: &mut &str) -> Parsed<ModelName> {
    ('o', opt('-'), one_of(['1', '3', '4']), end, tail(&["mini", "pro", "preview"]))
        .map(|(_, _, number, (), tail)| exact(format!("o{number}{tail}")))
        .parse_next(rest)
}

fn claude(rest: &mut &str) -> Parsed<ModelName> {
    let tier = || alt(("opus", "sonnet", "haiku", "fable", "mythos"));
    let versions = || (opt('v'), hyphen_version).map(|(_, version)| version);
    let claude = || (alt(("claude", "anthropic/claude", "cluade", "claud")), gap);
    let first = (opt(claude()), tier(), gap, versions(), opt(date)).map(|(_, tier, _, v, date)| (tier, v, date));
    let last = (claude(), versions(), gap, tier(), opt(date)).map(|(_, v, _, tier, date)| (tier, v, date));
    alt((first, last))
        .map(|(tier, version, date)| {
            let date = date.unwrap_or_default();
            // Up to 3.7 the tier stood last.
            exact(if version.starts_with('3') {
                format!("claude-{version}-{tier}{date}")
            } else {
                format!("claude-{tier}-{version}{date}")
            })
        })
        .parse_next(rest)
}

fn gemini(rest: &mut &str) -> Parsed<ModelName> {
    const TIERS: &[&str] = &["pro", "flash", "argon", "ultra", "nano", "neon"];
    let lite = || opt(suffix(&["lite", "8b"]));
    let parts = || opt(alt((suffix(&["preview"]).map(|p| format!("-{p}")), date)));
    let forward = ("gemini", gap, version, suffix(TIERS), lite(), parts()).map(|(_, _, v, t, l, p)| (v, t, l, p));
    let backward = (opt(("gemini", gap)), alt(("flash", "pro", "argon")), lite(), gap, version)
        .verify_map(|(name, tier, lite, _, v)| (name.is_some() || tier == "flash").then_some((v, tier, lite, None)));
    let short = (alt(("1.5", "2.0", "2.5", "3.1", "3.5", "3.6", "3.8")), suffix(&["flash", "pro"]), lite(), parts())
        .map(|(v, t, l, p)| (v.to_string(), t, l, p));
    alt((forward, backward, short))
        .map(|(version, tier, lite, part)| {
            let lite = lite.map(|l| format!("-{l}")).unwrap_or_default();
            let mut part = part.unwrap_or_default();
            // These were only ever sold as previews.
            if part.is_empty() && matches!((version.as_str(), tier), ("3" | "3.1", "pro") | ("3", "flash")) {
                part = "-preview".into();
            }
            exact(format!("gemini-{version}-{tier}{lite}{part}"))
        })
        .parse_next(rest)
}

fn mistral(rest: &mut &str) -> Parsed<ModelName> {
    let number = || {
        opt(preceded(
            gap,
            alt((take_while(4..=4, '0'..='9').map(String::from), terminated(hyphen_version, end), version)),
        ))
    };
    let sized = ("mistral", suffix(&["large", "medium", "small", "nemo", "saba"]), number())
        .map(|(_, tier, v): (_, _, Option<String>)| (format!("mistral-{tier}"), v));
    let seven = ("mistral", gap, "7b").map(|_| ("mistral-7b".to_string(), None));
    let mini = ("ministral", gap, opt(("3", gap)), digit1, 'b', opt(("-2512",)))
        .map(|(_, _, _, size, _, date)| (format!("ministral-{size}b"), date.map(|_| "2512".to_string())));
    let mixtral = ("mixtral", gap, "8x", alt(("7b", "22b"))).map(|(.., size)| (format!("mixtral-8x{size}"), None));
    let named = (
        alt(("codestral", "devstral", "magistral", "pixtral")),
        opt(suffix(&["large", "medium", "small", "12b"])),
        number(),
    )
        .map(|(name, tier, v)| (tier.map_or(name.to_string(), |t| format!("{name}-{t}")), v));
    alt((sized, seven, mini, mixtral, named))
        .map(|(name, v)| {
            exact(match v.map(|v| v.replace('.', "-")) {
                Some(v) => format!("{name}-{v}"),
                None => name,
            })
        })
        .parse_next(rest)
}

fn deepseek(rest: &mut &str) -> Parsed<ModelName> {
    let versioned = (opt('v'), version, tail(&["flash", "pro", "exp", "terminus", "lite"]))
        .map(|(_, v, tail)| format!("v{v}{tail}"));
    let named = alt(("chat", "reasoner", "coder", "flash")).map(String::from);
    let r1 = ("r1", opt(tail(&["distill"]))).map(|(_, tail)| format!("r1{}", tail.unwrap_or_default()));
    (alt(("deepseek", "deep seek", "deep-seek")), gap, alt((r1, versioned, named)))
        .map(|(_, _, rest)| exact(format!("deepseek-{rest}")))
        .parse_next(rest)
}

fn llama(rest: &mut &str) -> Parsed<ModelName> {
    let size = || (gap, digit1, 'b').map(|(_, size, _): (_, &str, _)| format!("{size}b"));
    let tier = suffix(&["maverick", "scout"]).map(String::from);
    let sale = opt(suffix(&["versatile", "instant", "instruct", "chat", "turbo"]));
    (opt(("meta", gap)), "llama", gap, opt('v'), version, opt(alt((size(), tier))), sale)
        .map(|(_, _, _, _, version, size, sale)| {
            // Version 3.3 was released in one size.
            let size = size.unwrap_or_else(|| if version == "3.3" { "70b".into() } else { String::new() });
            let id = if size.is_empty() { format!("llama-{version}") } else { format!("llama-{version}-{size}") };
            ModelName {
                exact: !size.is_empty(),
                id: match sale {
                    Some(sale @ ("versatile" | "instant")) => format!("{id}-{sale}"),
                    _ => id,
                },
            }
        })
        .parse_next(rest)
}

fn others(rest: &mut &str) -> Parsed<ModelName> {
    let size = || opt((gap, digit1, 'b').map(|(_, size, _): (_, &str, _)| format!("-{size}b")));
    let qwen = (
        "qwen",
        gap,
        version,
        size(),
        tail(&["max", "plus", "coder", "turbo", "next", "flash", "instruct", "thinking"]),
    )
        .map(|(_, _, v, size, tail)| format!("qwen{v}{}{tail}", size.unwrap_or_default()));
    let grok_code = ("grok", gap, "code", gap, "fast", opt((gap, "1"))).map(|_| "grok-code-fast-1".to_string());
    let grok =
        ("grok", gap, version, tail(&["fast", "mini", "heavy"])).map(|(_, _, v, tail)| format!("grok-{v}{tail}"));
    let kimi = (alt(("kimi", "moonshot")), gap, 'k', version, tail(&["thinking", "turbo", "pro", "code"]))
        .map(|(_, _, _, v, tail)| format!("kimi-k{v}{tail}"));
    let glm = ("glm", gap, version, tail(&["flash", "air", "flashx"])).map(|(_, _, v, tail)| format!("glm-{v}{tail}"));
    let minimax = ("minimax", gap, 'm', version).map(|(_, _, _, v)| format!("minimax-m{v}"));
    let gemma = ("gemma", gap, version, size()).map(|(_, _, v, size)| format!("gemma-{v}{}", size.unwrap_or_default()));
    let phi = ("phi", gap, version, tail(&["mini"])).map(|(_, _, v, tail)| format!("phi-{v}{tail}"));
    let nova = (opt(("amazon", gap)), "nova", suffix(&["pro", "lite", "micro", "premier"]))
        .map(|(.., tier)| format!("nova-{tier}"));
    let command =
        ("command", alt((suffix(&["r+", "r", "a"]), suffix(&["light"])))).map(|(_, tier)| format!("command-{tier}"));
    alt((alt((qwen, grok_code, grok, kimi, glm)), alt((minimax, gemma, phi, nova, command))))
        .map(exact)
        .parse_next(rest)
}

/// Only the family: which of its models is meant must be asked.
fn family(rest: &mut &str) -> Parsed<ModelName> {
    let claude = (opt((alt(("claude", "anthropic/claude")), gap)), alt(("opus", "sonnet", "haiku", "fable"))).take();
    let claude_version = ("claude", opt((gap, hyphen_version))).take();
    let gemini = ("gemini", opt((gap, version)), opt(suffix(&["pro", "flash", "flash-lite", "nano", "ultra"]))).take();
    let plain = alt(("chatgpt", "gpt", "deepseek", "mistral", "llama", "qwen", "grok", "kimi"));
    alt((claude, claude_version, gemini, plain))
        .map(|text: &str| ModelName { id: text.trim().replace(' ', "-"), exact: false })
        .parse_next(rest)
}

/// Models of the family that `name` starts, to choose from.
pub(super) fn choices(name: &str) -> Vec<String> {
    let tier = ["opus", "sonnet", "haiku", "fable"].iter().find(|tier| name.contains(**tier));
    let stem = name.trim_start_matches("chat").split(['-', '.']).next().unwrap_or(name);
    let mut found: Vec<String> = KNOWN
        .split_whitespace()
        .filter(|id| match tier {
            Some(tier) => id.contains(tier),
            None => id.starts_with(stem) && !stem.is_empty(),
        })
        .map(String::from)
        .collect();
    // The newest stand last in the table and first in the question.
    found.reverse();
    found.truncate(6);
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_names_people_write() {
        for (text, id) in [
            ("gpt-4o", "gpt-4o"),
            ("gpt4o", "gpt-4o"),
            ("gpt 4o", "gpt-4o"),
            ("gpt-4 o", "gpt-4o"),
            ("4o", "gpt-4o"),
            ("4o-mini", "gpt-4o-mini"),
            ("gpt4o mini", "gpt-4o-mini"),
            ("gpt-4o-2024-08-06", "gpt-4o-2024-08-06"),
            ("gpt-4.1", "gpt-4.1"),
            ("4.1 mini", "gpt-4.1-mini"),
            ("gpt-5", "gpt-5"),
            ("gpt 5 mini", "gpt-5-mini"),
            ("gpt-5.6 luna", "gpt-5.6-luna"),
            ("gpt-7-nova", "gpt-7-nova"),
            ("gpt-4o-based", "gpt-4o"),
            ("gpt-oss 120b", "gpt-oss-120b"),
            ("gpt oss 20b", "gpt-oss-20b"),
            ("o3", "o3"),
            ("o4-mini", "o4-mini"),
            ("claude sonnet 4.5", "claude-sonnet-4-5"),
            ("claude 4.5 sonnet", "claude-sonnet-4-5"),
            ("sonnet 4.5", "claude-sonnet-4-5"),
            ("claude-sonnet-4-5", "claude-sonnet-4-5"),
            ("claude sonnet 5", "claude-sonnet-5"),
            ("claude opus 4.8", "claude-opus-4-8"),
            ("claude 3.5 sonnet", "claude-3-5-sonnet"),
            ("haiku 4.5", "claude-haiku-4-5"),
            ("gemini 2.5 flash", "gemini-2.5-flash"),
            ("gemini-2.5-flash-lite", "gemini-2.5-flash-lite"),
            ("gemini 2.5 flash lite", "gemini-2.5-flash-lite"),
            ("gemini flash 2.5", "gemini-2.5-flash"),
            ("2.5 flash", "gemini-2.5-flash"),
            ("gemini 3.1 pro", "gemini-3.1-pro-preview"),
            ("gemini 4 argon", "gemini-4-argon"),
            ("mistral large 4", "mistral-large-4"),
            ("mistral medium 3.5", "mistral-medium-3-5"),
            ("deepseek v3.2", "deepseek-v3.2"),
            ("deepseek v4 flash", "deepseek-v4-flash"),
            ("deepseek r1", "deepseek-r1"),
            ("llama 3.3 70b", "llama-3.3-70b"),
            ("llama-3.3-70b-instruct", "llama-3.3-70b"),
            ("llama3.1 8b", "llama-3.1-8b"),
            ("llama 4 maverick", "llama-4-maverick"),
            ("qwen3 32b", "qwen3-32b"),
            ("grok 4.3", "grok-4.3"),
            ("kimi k2.6", "kimi-k2.6"),
            ("glm-5.3 flash", "glm-5.3-flash"),
        ] {
            let mut rest = text;
            let found = model(&mut rest).unwrap_or_else(|_| panic!("{text} is not read"));
            assert_eq!((found.id.as_str(), found.exact), (id, true), "{text}");
        }
    }

    #[test]
    fn a_family_is_not_a_model() {
        for text in ["claude", "sonnet", "claude 4.5", "gemini", "gpt", "deepseek", "llama"] {
            let found = model(&mut &*text).unwrap();
            assert!(!found.exact, "{text} is read as {}", found.id);
            assert!(!choices(&found.id).is_empty(), "{text}");
        }
        for text in ["4.5", "5 million", "most", "opusculum", "o365", "200k"] {
            assert!(model(&mut &*text).is_err(), "{text}");
        }
    }

    #[test]
    fn knows_dated_ids_of_known_models() {
        assert!(exact("gpt-4o-2024-08-06".into()).known());
        assert!(!exact("gpt-7-nova".into()).known());
    }
}
