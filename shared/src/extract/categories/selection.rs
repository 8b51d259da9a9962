//! Which model to use: the words that ask for it, the facts that speak for it, the facts it cannot do without.

use super::{Asks, Reading, Workload};
use crate::extract::lex::Kind;
use crate::extract::lexicon::C;
use crate::extract::roles::{Role, roles};
use crate::message::Category;

/// What asks for [`Category::Selection`].
pub(super) const ASKS: Asks = Asks {
    category: Category::Selection,
    cues: &[
        (
            2.5,
            "bang for the buck|bang for our buck|value for money|price-performance|preis-leistung*|rate these|rate the following|rank these|rank the following|evaluate these|assess these|bewerte diese|welchem modell|welchen modellen|welchem llm|anything better|something better than|nothing better|anything else we|should we change|should we stay|should we keep|should we upgrade|should we downgrade|should we migrate|should i switch|should i move|should i go with|should i use|should i take|sollen wir wechseln|sollten wir wechseln|sollen wir bleiben|migrating away|moving away from|move away from|get away from|get off|weg von|worth it over|worth it compared|worth the extra|worth the premium|worth upgrading|what beats|which model beats|was schlagt|outperforms|looking for a model|look for a model|need a model|suche ein modell|suchen ein modell|searching for a model|want a model|brauchen ein modell|modellwechsel|as good|still the right|right one|replacement model|replace our model|change models|modellempfehl*|something better|any other model|other models|passende modell|passendes modell|passenden modell|geeignete modell|geeignetes modell|modell fur|better suited|which other model|what other model|is there a model|which model|which models|what model|best model|right model|better model|model choice|model selection|modellauswahl|modellwahl|welches modell|welche modelle|bestes modell|beste modell|choose a model|pick a model|pick the right|select a model|which llm|what llm|best llm|right llm|welches llm|bestes llm|recommend a model|model comparison|modellvergleich|compare models|modelle vergleichen|switch models|which one is better|which is better|what should we use|which should we use|suitable model|model recommendation|which of these models|which of the models|best fit|most suitable|gute alternative|good alternative|lohnt sich der wechsel|should we switch|should we move|should we replace|worth switching|model for|choose between|best value|better value|entscheiden zwischen|modell empfehl*|modell passt|besseres modell|right choice",
        ),
        (
            1.2,
            "an llm|a llm|ein llm|do what|suggest*|match|downgrade|upgrade|something smaller|picking|better choice|better option|recommend|recommends|recommended|recommendations|your recommendation|a recommendation|empfehl*|empfiehl*|compare|comparison|vergleich*|choose|choosing|pick|rank|ranking|better than|besser als|is better|ist besser|ware besser|bessere antworten|alternative|alternatives|alternativen|replace|replacement|which one|head to head|leaderboard|better answers|shortlist|geeignet*|auswahl|arena score|elo|win rate|benchmark*|what would you recommend",
        ),
        (0.6, "switch to|switching to|wechseln|wechsel|umsteigen|umstieg|move to|moving to"),
        (0.25, "model|models|modell|modelle|llm|llms"),
    ],
    hints: &[("quality_floor", 0.4), ("context_tokens", 0.8)],
    essential: &["model", "task", "requests_per_day", "input_tokens", "output_tokens"],
    signs,
};

/// A model that is only considered asks whether to take it; so does "the best coding model for us".
fn signs(reading: &Reading<'_>, _: &Workload) -> f64 {
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
    let candidate = roles(reading).iter().any(|m| m.role == Role::Candidate);
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
    f64::from(u8::from(candidate)) * 0.8 + f64::from(u8::from(described)) * 2.0
}
