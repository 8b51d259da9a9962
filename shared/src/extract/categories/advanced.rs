//! The plan: several aims, bounds or kinds of work at once: the words that ask for it, the facts that speak for it, the facts it cannot do without.

use super::{Asks, Reading, Workload};
use crate::message::Category;

/// What asks for [`Category::Advanced`].
pub(super) const ASKS: Asks = Asks {
    category: Category::Advanced,
    cues: &[
        (
            2.4,
            "among several models|across several models|among models|across models|between several models|several models|mehrere modelle|mehreren modellen|several goals|conflicting goals|competing goals|goals collide|mehrere ziele|sweet spot|assign models|assign each|assign every|distribute the*|curve of cost*|cost against quality|quality against cost|how much quality|most quality|cost versus quality|cost vs quality|quality versus cost|kosten gegen qualitat|kosten-qualitats*|price-quality|best achievable quality|one more quality point|more quality point|one more point of quality|ein punkt mehr|price of quality|routing across|knee|kniepunkt|cost/quality|quality/cost|cost quality curve|cost-quality|efficient frontier|effizienzgrenze|kompromiss|compromise|modellmischung|mischung von modellen|all constraints|given budget|best allocation|cheapest plan|cheapest combination|combination of models|optimal allocation|quality together|balance cost*|balancing cost*|ausbalancieren|share of traffic|which share|traffic should go|go to which model|cheapest assignment|assignment of models|the plan that|trade-off*|tradeoff*|trade off*|pareto*|multi-objective|multi objective|mehrziel*|optimal mix|optimal model mix|optimal routing|optimal plan|optimaler plan|routing plan|route each|routing policy|mix of models|model mix|modellmix|constraint*|subject to|nebenbedingung*|which model for which|welches modell fur welche*|optimale aufteilung|beste aufteilung|optimale mischung|shadow price*|schattenpreis*|hypervolume|zielkonflikt*|minimise cost|minimize cost|minimise the cost|minimize the cost|minimiere|kosten minimieren|maximise quality|maximize quality|split the traffic|split traffic|traffic split|best mix|best plan|allocation|allocate|routing shares|per class|each class|klassen|classes|two workloads|three workloads|zwei workloads|drei workloads|workloads|cheapest routing|cheapest mix|portfolio|jointly|optimizer|milp|under these constraints|at most two vendors|aufteilen|verteilen",
        ),
        (
            6.0,
            "extra quality point|additional quality point|another quality point|extra point of quality|another point of quality|per quality point|jeder weitere qualitatspunkt|zusatzlicher qualitatspunkt|to which model|go to which model|zu welchem modell|an welches modell|which model for which|which model to use for which|welches modell fur welche*|which model for each",
        ),
        (
            1.0,
            "routing|route|optimal|optimum|balance|vendors|providers|anbieter|mix|while keeping|and at the same time|quality floor",
        ),
    ],
    hints: &[("vendors_max", 2.2)],
    essential: &["requests_per_day", "input_tokens", "output_tokens", "quality_floor"],
    signs,
};

/// Bounds of several kinds at once, several aims in one sentence, several kinds of work.
fn signs(reading: &Reading<'_>, workload: &Workload) -> f64 {
    const BOUNDS: [&str; 4] = ["budget_usd_per_month", "latency_target_ms", "quality_floor", "vendors_max"];
    let bounds = BOUNDS.iter().filter(|name| workload.get(name).is_some()).count();
    let mut weight = [0.0, 0.0, 1.2, 3.6, 4.4][bounds];
    if objectives(&reading.lexed.folded) {
        weight += 3.0;
    }
    if !workload.classes.is_empty() {
        weight += 3.0;
    }
    weight
}

/// Whether one sentence names cost, speed and quality: three aims at once.
fn objectives(text: &str) -> bool {
    const AIMS: [&[&str]; 3] = [
        &["cost", "kosten", "price", "preis", "spend"],
        &["latency", "latenz", "speed", "geschwindigkeit", "response time", "antwortzeit"],
        &["quality", "qualitat", "accuracy", "genauigkeit"],
    ];
    let text = text.replace("vs.", "vs");
    text.split(['.', '?', '!', '\n', ':'])
        .any(|sentence| AIMS.iter().all(|aim| aim.iter().any(|word| sentence.contains(word))))
}
