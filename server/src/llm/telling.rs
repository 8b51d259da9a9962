//! A model's text as it grows: cut into sentences, each checked before anybody sees it.

use super::Listener;
use super::figures::Known;

/// Longest text of a model that is shown, in characters: a paragraph or two beside the figures.
const TEXT_MAX_CHARS: usize = 1_500;
/// Most of a sentence that is kept while its end has not come: what is longer is no sentence.
const SENTENCE_MAX_BYTES: usize = 2_000;

/// What a text must not hold: addresses, markup and signs that it was talked into something.
const UNWANTED: &[&str] =
    &["http:", "https:", "www.", "<", "`", "](", "javascript:", "system prompt", "previous instructions", "as an ai"];

/// A text that passed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Told {
    /// The sentences that passed.
    pub text: String,
    /// How many passed.
    pub kept: u32,
    /// How many did not.
    pub dropped: u32,
}

impl Told {
    /// Whether enough of it is left to be worth showing: what loses most of its sentences has lost its sense.
    pub const fn is_usable(&self) -> bool {
        self.kept > 0 && self.dropped <= self.kept
    }
}

/// Hears a model and tells on what is fit to be told.
pub struct Telling<'a> {
    known: &'a Known,
    tell: &'a mut (dyn FnMut(&str) + Send),
    /// The sentence that has not ended.
    open: String,
    told: Told,
    chars: usize,
}

impl<'a> Telling<'a> {
    /// Checks against `known`; `tell` gets the whole text so far whenever a sentence was added.
    pub fn new(known: &'a Known, tell: &'a mut (dyn FnMut(&str) + Send)) -> Self {
        Self { known, tell, open: String::new(), told: Told::default(), chars: 0 }
    }

    /// The model has ended; answers what passed. A last sentence without its end was cut off and is left out.
    pub fn finish(&mut self) -> Told {
        let last = std::mem::take(&mut self.open);
        if ends_sentence(last.trim_end()) {
            self.sentence(&last);
        }
        std::mem::take(&mut self.told)
    }

    fn sentence(&mut self, sentence: &str) {
        let sentence = plain(sentence);
        if sentence.is_empty() {
            return;
        }
        let lower = sentence.to_lowercase();
        let fit = !UNWANTED.iter().any(|word| lower.contains(word)) && !sentence.chars().any(char::is_control);
        let checked = self.known.check(&sentence);
        if let Err(invented) = &checked {
            tracing::info!(word = invented.0, "left out a sentence of the model: this was not computed");
        }
        let length = sentence.chars().count() + 1;
        if !fit || checked.is_err() {
            self.told.dropped += 1;
        } else if self.chars + length <= TEXT_MAX_CHARS {
            if !self.told.text.is_empty() {
                self.told.text.push(' ');
            }
            self.told.text.push_str(&sentence);
            self.told.kept += 1;
            self.chars += length;
            (self.tell)(&self.told.text);
        }
    }
}

impl Listener for Telling<'_> {
    fn begin(&mut self) {
        self.open.clear();
        self.told = Told::default();
        self.chars = 0;
    }

    fn words(&mut self, text: &str) {
        self.open.push_str(text);
        while let Some(end) = sentence_end(&self.open) {
            let rest = self.open.split_off(end);
            let sentence = std::mem::replace(&mut self.open, rest);
            self.sentence(&sentence);
        }
        if self.open.len() > SENTENCE_MAX_BYTES {
            self.open.clear();
            self.told.dropped += 1;
        }
    }
}

/// A sentence without what Markdown adds and without the sign of a list.
fn plain(sentence: &str) -> String {
    let text = sentence.trim().trim_start_matches(['#', '-', '*', '•', ' ']).replace("**", "");
    // "1." at the beginning of a line counts the lines, not what they speak of.
    let digits = text.chars().take_while(char::is_ascii_digit).count();
    let text = match text.get(digits..) {
        Some(rest) if (1..=2).contains(&digits) => rest
            .strip_prefix([')', '.'])
            .map_or(text.as_str(), |rest| if rest.is_empty() || rest.starts_with(' ') { rest } else { text.as_str() }),
        _ => text.as_str(),
    };
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn ends_sentence(text: &str) -> bool {
    text.trim_end_matches(['"', '”', '’', ')', '*']).ends_with(['.', '!', '?', ':'])
}

/// Where the first whole sentence of `text` ends; `None` while that is not certain.
fn sentence_end(text: &str) -> Option<usize> {
    let mut before = "";
    let mut begin = 0;
    for (at, c) in text.char_indices() {
        if !c.is_whitespace() {
            continue;
        }
        let word = &text[begin..at];
        if c == '\n' && !text[..at].trim().is_empty() {
            return Some(at + 1);
        }
        let shortened = ["e.g.", "i.e.", "vs.", "approx.", "ca.", "z.B.", "no.", "bzw.", "etc."].contains(&word);
        // "1." at the beginning is the sign of a list.
        let numbers = before.is_empty() && word.trim_end_matches('.').chars().all(|c| c.is_ascii_digit());
        if !word.is_empty()
            && word.trim_end_matches(['"', '”', '’', ')', '*']).ends_with(['.', '!', '?'])
            && !shortened
            && !numbers
        {
            return Some(at + c.len_utf8());
        }
        if !word.is_empty() {
            before = word;
        }
        begin = at + c.len_utf8();
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn known() -> Known {
        let mut known = Known::default();
        known.allow("It costs $36,000 a month, of which 40 % can be saved with gpt-4o-mini.");
        known
    }

    fn hear(parts: &[&str]) -> (Told, Vec<String>) {
        let (known, mut told) = (known(), Vec::new());
        let mut tell = |text: &str| told.push(text.to_owned());
        let mut telling = Telling::new(&known, &mut tell);
        telling.begin();
        for part in parts {
            telling.words(part);
        }
        let all = telling.finish();
        (all, told)
    }

    #[test]
    fn sentences_are_told_when_they_are_whole_and_checked() {
        let (told, heard) = hear(&["It costs $36", "k a month. You can", " save 40 %. Or $99 a day! Try gpt-4o-mini."]);
        assert_eq!(told.text, "It costs $36k a month. You can save 40 %. Try gpt-4o-mini.");
        assert_eq!((told.kept, told.dropped, told.is_usable()), (3, 1, true));
        assert_eq!(heard, ["It costs $36k a month.", "It costs $36k a month. You can save 40 %.", &told.text]);
    }

    #[test]
    fn what_is_cut_off_is_left_out() {
        let (told, _) = hear(&["It costs $36k a month. You can save 4"]);
        assert_eq!(told.text, "It costs $36k a month.");
        assert!(!hear(&["You can save"]).0.is_usable());
        assert!(!hear(&[""]).0.is_usable());
    }

    #[test]
    fn markup_addresses_and_talk_of_instructions_are_left_out() {
        for bad in [
            "See https://evil.example for more.",
            "<img src=x onerror=alert(1)> Nice.",
            "[Click](javascript:x) now.",
            "My previous instructions were different.",
            "As an AI I cannot say.",
        ] {
            let (told, heard) = hear(&[bad]);
            assert_eq!((told.text.as_str(), heard.len()), ("", 0), "{bad}");
        }
        let (told, _) = hear(&["**It costs** $36k a month, e.g. now.\n- You can save 40 %.\n1. Try gpt-4o-mini.\n"]);
        assert_eq!(told.text, "It costs $36k a month, e.g. now. You can save 40 %. Try gpt-4o-mini.");
    }

    #[test]
    fn a_new_try_voids_what_was_heard() {
        let (known, mut last) = (known(), String::new());
        let mut tell = |text: &str| text.clone_into(&mut last);
        let mut telling = Telling::new(&known, &mut tell);
        telling.begin();
        telling.words("It costs $36k a month. And th");
        telling.begin();
        telling.words("You can save 40 %. ");
        assert_eq!(telling.finish().text, "You can save 40 %.");
        assert_eq!(last, "You can save 40 %.");
    }

    #[test]
    fn a_text_without_end_is_bounded() {
        let long = "word ".repeat(10_000);
        let (told, _) = hear(&[&long]);
        assert!(!told.is_usable());
        let sentences = "It costs $36k a month. ".repeat(1_000);
        let (told, _) = hear(&[&sentences]);
        assert!(told.is_usable() && told.text.chars().count() <= TEXT_MAX_CHARS);
    }

    proptest! {
        #[test]
        fn how_the_text_is_cut_into_chunks_makes_no_difference(
            text in "[A-Za-z0-9$%.,! \\n]{0,120}",
            cuts in proptest::collection::vec(1usize..9, 0..60),
        ) {
            let (whole, _) = hear(&[&text]);
            let (mut parts, mut rest) = (Vec::new(), text.as_str());
            for cut in cuts {
                let (part, more) = rest.split_at(cut.min(rest.len()));
                parts.push(part);
                rest = more;
            }
            parts.push(rest);
            prop_assert_eq!(hear(&parts).0, whole);
        }
    }
}
