//! Names of models that the grammar does not know: "we run on FooBar-9000". Nothing is read from them, but whoever
//! wrote one must see that it was the name that could not be used.

use std::ops::Range;

use super::lex::{Kind, Tok};
use super::lexicon::C;
use super::reading::Reading;

/// Names with a number that are no models.
const OTHERS: &[&str] = &[
    "iso", "din", "rtx", "gtx", "sha", "utf", "http", "tls", "covid", "level", "tier", "stufe", "phase", "version",
    "top", "web", "office", "windows", "python", "php", "java", "node", "s", "q", "kw", "h", "a", "l", "b", "mi",
    "tpu", "cpu", "gpu", "sla", "gdpr", "dsgvo", "soc", "nis", "part", "team", "shop", "plan",
];

impl Reading<'_> {
    /// The tokens of a name that stands where a model's would: a word and a number joined to it, behind "use", "model" or
    /// "on".
    pub(super) fn unknown_model(&self) -> Option<Range<usize>> {
        let toks = self.toks();
        (0..toks.len()).find_map(|i| {
            let name = self.name_with_number(i)?;
            let leads = |t: &Tok| {
                t.is(C::Use)
                    || matches!(self.lexed.text(t), "model" | "modell" | "on" | "via" | "with" | "auf" | "mit" | "llm")
            };
            let start = i.saturating_sub(3);
            let led = toks[start..i].iter().rev().take_while(|t| t.kind != Kind::Stop && !t.is_sym(',')).any(leads);
            let followed = toks.get(name.end).is_some_and(|_| matches!(self.text(name.end), "model" | "modell"));
            (led || followed).then_some(name)
        })
    }

    /// A word that means nothing else, and a number joined to it with a hyphen or without: "FooBar-9000", "Orca2".
    fn name_with_number(&self, i: usize) -> Option<Range<usize>> {
        let toks = self.toks();
        let word = self.text(i);
        let digits = |text: &str| text.chars().any(|c| c.is_ascii_digit());
        let letters = word.chars().take_while(|c| c.is_alphabetic()).count();
        let stem = word.trim_end_matches(|c: char| c.is_ascii_digit());
        if !toks[i].is(C::Other) || letters < 3 || OTHERS.contains(&stem) {
            return None;
        }
        let joined = |at: usize| toks.get(at).is_some_and(|t| t.glued);
        let mut end = i + 1;
        let mut numbered = digits(word);
        while end < toks.len() && toks[end].is_sym('-') && joined(end) && joined(end + 1) {
            let part = toks[end + 1];
            if !matches!(part.kind, Kind::Num(_) | Kind::Word(_)) {
                break;
            }
            numbered |= matches!(part.kind, Kind::Num(_)) || digits(self.text(end + 1));
            end += 2;
            // "Falcon-180B": the unit is a part of the name.
            while joined(end) && matches!(toks[end].kind, Kind::Word(_)) {
                end += 1;
            }
        }
        numbered.then_some(i..end)
    }
}
