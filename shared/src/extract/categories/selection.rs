//! Which model to use: what the whole message says for it, and the facts
//! it cannot do without.

use super::{Asks, Reading, Workload};
use crate::extract::lex::Kind;
use crate::extract::lexicon::C;
use crate::extract::roles::{Role, roles};
use crate::message::Category;

/// What asks for [`Category::Selection`].
pub(super) const ASKS: Asks = Asks {
    category: Category::Selection,
    essential: &["model", "task", "requests_per_day", "input_tokens", "output_tokens"],
    signs,
};

/// A model that is only considered asks whether to take it; so does "the best coding model for us".
fn signs(reading: &Reading<'_>, _: &Workload, see: &mut dyn FnMut(&str)) {
    const PRAISED: &[&str] = &[
        "top",
        "strongest",
        "most",
        "best",
        "better",
        "right",
        "which",
        "what",
        "suitable",
        "beste",
        "bestes",
        "besseres",
        "welches",
        "passendes",
    ];
    let toks = reading.toks();
    let models = |i: usize| {
        let text = reading.text(i);
        matches!(text, "model" | "models" | "llm" | "llms") || text.starts_with("modell")
    };
    let plain = |i: &usize| {
        matches!(toks[*i].kind, Kind::Word(c) if !matches!(c, C::Use | C::Is | C::First | C::Or))
            || matches!(toks[*i].kind, Kind::Sym(':') | Kind::Num(_))
    };
    // "need: chatbot model", but not "we need the model to be faster".
    let wanted = |i: usize| {
        matches!(reading.text(i), "need" | "want" | "brauchen" | "suchen" | "suche" | "recommend")
            && (i + 1..toks.len().min(i + 3)).any(|j| matches!(toks[j].word(), Some(C::Task(_))))
    };
    let described = (0..toks.len()).any(|i| {
        (PRAISED.contains(&reading.text(i)) || wanted(i))
            && !models(i + 1)
            && (i + 1..toks.len().min(i + 4)).take_while(plain).any(|j| j + 1 < toks.len() && models(j + 1))
    });
    if described {
        see("best model");
    }
    let models = roles(reading);
    if models.iter().any(|m| m.role == Role::Candidate) {
        see("candidate");
    }
    if models.is_empty() {
        see("no model");
    }
}
