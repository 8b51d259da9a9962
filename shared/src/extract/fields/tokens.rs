//! Tokens of a request, and tokens over time.

use super::Guess;
use crate::extract::facts::Says;
use crate::extract::lex::{Kind, Tok};
use crate::extract::lexicon::{C, Per};
use crate::extract::near::Near;
use crate::extract::quantity::{Dim, Item, Mention};
use crate::extract::reading::Reading;
use crate::message::Task;

/// Tokens that no summary has.
const LONG_SUMMARY: f64 = 10_000.0;

impl Reading<'_> {
    pub(super) fn tokens(&self, mention: &Mention, word: &Near, words: &[Near]) -> Option<Guess> {
        let inner = word.token >= mention.from && word.token < mention.to;
        let outside = !inner || word.token < mention.unit_end;
        let text = self.text(word.token);
        // "the context must hold 150k tokens", but not "retrieved context + 300 tokens".
        let needed = |w: &Near| w.left && w.cost < word.cost && matches!(w.means, C::Target | C::AtLeast);
        let reach = match word.left {
            true if words.iter().any(needed) => 2.0,
            true => 0.3,
            false => 1.0,
        };
        match word.means {
            // "2k of the input is always the same": a part of it.
            C::In if !inner && self.part_of(mention) => None,
            // "system prompt 1,500 tokens, user input 500 tokens": the rest of the input.
            C::Rest => Some(Guess { says: Says::Rest, cost: -0.1, exclusive: true }),
            // "the same 4,000-token handbook".
            C::Other if word.left && word.cost < 0.3 && text == "same" => Guess::own("cached_prefix_tokens", 0.2),
            C::In => Guess::own("input_tokens", 0.0),
            C::Out => Guess::own("output_tokens", 0.0),
            C::Reason => Guess::own("reasoning_tokens", -0.2),
            // "6k of that is our handbook, identical every time".
            C::Prefix if word.cost <= 6.0 && !word.left && self.part_of(mention) => {
                Guess::own("cached_prefix_tokens", -0.3)
            }
            C::Prefix if word.cost <= 2.2 => Guess::own("cached_prefix_tokens", -0.3),
            C::Cache => Guess::own("cached_prefix_tokens", 0.3),
            // "10k tokens of context in" are input; a window is a need.
            C::Context if text.contains([' ', '-', 'f']) => Guess::own("context_tokens", -0.2),
            C::Context if inner => Guess::own("context_tokens", 0.3),
            // "a question has 3,000 tokens with its context".
            C::Context if word.left && word.cost <= reach && self.counted_in(word.token) => {
                Guess::own("input_tokens", 0.3)
            }
            C::Context if word.cost <= reach => Guess::own("context_tokens", 2.6),
            // "a 1M token window".
            C::Other if !word.left && word.cost < 0.7 && (text == "window" || text.ends_with("fenster")) => {
                Guess::own("context_tokens", 0.0)
            }
            C::Price => Guess::nothing(0.5),
            C::Other if !word.left && word.cost < 0.5 && matches!(text, "back" | "zuruck") => {
                Guess::own("output_tokens", 0.2)
            }
            // "each contract has 12k tokens", "800 token summaries": what goes in and what comes out.
            // "900 tokens per question".
            C::Request | C::Other if inner && ["question", "frage"].iter().any(|n| text.starts_with(n)) => {
                Guess::own("input_tokens", 0.7)
            }
            C::Request | C::Other if outside && read_noun(text) => Guess::own("input_tokens", 0.7),
            // "summaries of 12k-token hearings".
            C::Other | C::Task(Task::Summarization)
                if word.left
                    && is_written(text)
                    && word.token + 2 == mention.from
                    && self.toks()[word.token + 1].is(C::Of)
                    && self.toks().get(mention.to).is_some_and(|t| t.is(C::Other)) =>
            {
                Guess::own("input_tokens", 0.3)
            }
            // "summary, about 35,000 tokens a sitting": what is summed up.
            C::Task(Task::Summarization) if outside && mention.value() >= LONG_SUMMARY => {
                Guess::own("input_tokens", 0.7)
            }
            C::Other | C::Task(Task::Summarization) if outside && is_written(text) => Guess::own("output_tokens", 0.7),
            // "6.000 Token liest und 800 schreibt".
            C::Use | C::Other if !word.left && word.cost < 0.3 && GIVE.iter().any(|stem| text.starts_with(stem)) => {
                Guess::own("input_tokens", 0.5)
            }
            C::Other if !word.left && word.cost < 0.3 && TAKE.iter().any(|stem| text.starts_with(stem)) => {
                Guess::own("output_tokens", 0.5)
            }
            // "reasoning eats 2,500 tokens".
            C::Use | C::Other
                if word.left
                    && word.token > 0
                    && self.toks()[word.token - 1].is(C::Reason)
                    && GIVE.iter().any(|stem| text.starts_with(stem)) =>
            {
                Guess::own("reasoning_tokens", -0.3)
            }
            C::Use | C::Other if word.left && GIVE.iter().any(|stem| text.starts_with(stem)) => {
                Guess::own("input_tokens", 0.5)
            }
            C::Other if word.left && TAKE.iter().any(|stem| text.starts_with(stem)) => Guess::own("output_tokens", 0.5),
            _ => None,
        }
    }

    /// Whether "with" makes the context a part of what is counted.
    fn counted_in(&self, context: usize) -> bool {
        (context.saturating_sub(2)..context).any(|i| {
            matches!(self.text(i), "samt" | "mit" | "with" | "including" | "incl" | "inkl" | "inklusive" | "plus")
        })
    }

    /// Whether "of the …" follows: the figure is a part of what is named next.
    pub(super) fn part_of(&self, mention: &Mention) -> bool {
        let toks = self.toks();
        let after = |n: usize| toks.get(mention.to + n).and_then(Tok::word);
        let genitive = matches!(self.text(mention.to), "des" | "der") && after(1) == Some(C::In);
        genitive || matches!((after(0), after(1)), (Some(C::Of), Some(C::Article | C::First | C::Filler)))
    }

    pub(super) fn token_rate(&self, mention: &Mention, means: C) -> Option<Guess> {
        match mention.per {
            Some((Per::Second, _)) => {
                let gpu = mention.item == Some(Item::Gpu)
                    || matches!(means, C::Gpu(_) | C::Gpus)
                    || self.message_has(|c| matches!(c, C::Gpu(_) | C::Gpus))
                        && !self.sentence_has(mention.from, |c| c == C::Ttft);
                Guess::of(if gpu { "tokens_per_second_per_gpu" } else { "tpot_ms" }, 1.0)
            }
            Some((Per::Minute, _)) => Guess::of("tpm_limit", 0.0),
            _ => match means {
                C::In => Some(Guess { says: Says::InVolume, cost: 0.0, exclusive: true }),
                C::Out => Some(Guess { says: Says::OutVolume, cost: 0.0, exclusive: true }),
                _ => None,
            },
        }
    }

    /// Whether the quantity before this one counts what the model reads, and this one is said of each.
    pub(super) fn follows_documents(&self, mention: &Mention) -> bool {
        let toks = self.toks();
        let each = |i: usize| {
            toks.get(i).is_some_and(|t| matches!(t.word(), Some(C::Every | C::Per)) || t.kind == Kind::Word(C::Article))
        };
        let said_of_each =
            mention.item == Some(Item::Request) || each(mention.to) || mention.from > 0 && each(mention.from - 1);
        let documents = |m: &&Mention| {
            m.dim == Dim::Requests
                && m.to < mention.from
                && mention.from - m.to <= 4
                && (m.from..m.to).any(|i| read_noun(self.text(i)))
        };
        said_of_each && self.mentions.iter().any(|m| documents(&m))
    }
}

/// Verbs of what goes to the model.
pub(super) const GIVE: &[&str] = &[
    "sen", "feed", "pass", "upload", "schick", "ubergeb", "eat", "consum", "ingest", "read", "liest", "swallow",
    "frisst",
];
/// Verbs of what comes from it.
pub(super) const TAKE: &[&str] = &["receiv", "bekomm", "erhalt", "liefer", "writ", "schreib", "emit", "spit"];

/// Whether a noun is something that the model writes.
pub(super) fn is_written(noun: &str) -> bool {
    const STEMS: &[&str] = &[
        "ergebnis",
        "result",
        "translation",
        "ubersetzung",
        "label",
        "verdict",
        "draft",
        "entwurf",
        "recap",
        "protokoll",
        "summar",
        "zusammenf",
        "kurzfass",
        "description",
        "beschreibung",
        "abstract",
        "rewrite",
        "verdict",
        "story",
        "caption",
        "feedback",
        "begrundung",
        "rationale",
        "schreiben",
        "texte",
        "kommentar",
    ];
    STEMS.iter().any(|stem| noun.starts_with(stem))
}

/// Whether a noun is something that the model reads.
pub(in crate::extract) fn read_noun(noun: &str) -> bool {
    const STEMS: &[&str] = &[
        "doc",
        "dok",
        "contract",
        "vertr",
        "invoice",
        "rechnung",
        "email",
        "mail",
        "e-mail",
        "ticket",
        "transcript",
        "transkript",
        "article",
        "artikel",
        "page",
        "seite",
        "report",
        "review",
        "post",
        "comment",
        "record",
        "gesprach",
        "prompt",
        "beleg",
        "diff",
        "gesprach",
    ];
    STEMS.iter().any(|stem| noun.starts_with(stem))
}
