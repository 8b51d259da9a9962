//! What a message asks for, how sure that is, and how much it asks at once.

use super::facts::Reading;
use super::lexicon::C;
use crate::message::{Category, Complexity};
use crate::workload::Workload;

/// Words that ask for a category, divided by `|`.
const WORDS: &[(Category, &str)] = &[
    (
        Category::Cost,
        "cheap|cheapest|cost-effective|cost effective|cost optimization|cost optimisation|optimize cost|optimize costs|optimise cost|optimise costs|cost reduction|cost saving|cost savings|cut cost|cut costs|cutting costs|reduce cost|reduce costs|reducing costs|lower the bill|lower our bill|lower cost|lower costs|save money|saving money|too expensive|expensive|pricey|teuer|zu teuer|kosten senken|kosten sparen|geld sparen|where is the money|spend less|pay less|weniger zahlen|kostenoptimierung|kostensenkung|how much would it cost|what does it cost|what does that cost|was kostet|waste|wasting|einsparpotenzial|einsparpotential|billig|billigste|kosten reduzieren|kosten optimieren|overpaying|overpay|bill down|costs down|cost down|spend down|bring down our costs|halve the bill|halve our bill|halve our spend|slash the bill|optimize spend|price reduction|save on|drive down|cost cutting|llm cost|llm costs|token costs|tokenkosten|kostentreiber",
    ),
    (
        Category::Latency,
        "fast enough|slow|too slow|slower|sluggish|laggy|lag|langsam|zu langsam|speed up|speeding up|speed|reduce latency|cut latency|lower latency|latency optimization|latency optimisation|optimize latency|optimise latency|snappier|snappy|beschleunigen|latenz senken|latenz reduzieren|latenz verbessern|response time down|latency down|tail latency|quicker|responsive|responsiveness|waiting time|wait time|wartezeit|wartezeiten|long tail|queueing|queuing|queue wait|hedging|hedge|geschwindigkeit|tempo|schneller werden|schneller machen|too long|zu lange|dauert zu lange|make it faster|reagieren|reaktionszeit|perceived latency|streaming help|warteschlange",
    ),
    (
        Category::Selection,
        "which model|which models|what model|best model|right model|choose|choosing|choose a model|pick a model|pick|model selection|model choice|modellauswahl|modellwahl|welches modell|welche modelle|bestes modell|recommend a model|recommend|recommendation|select a model|selecting|switch models|better model|suitable model|which llm|welches llm|best llm|compare models|model comparison|modellvergleich|compare|which one|which is better|what should we use|which should we use|empfehlen|empfehlung|rank|ranking|shortlist|auswahlen|aussuchen|geeignet|suited|best fit|right choice|most suitable|best value|empfiehlst|nehmen|welches|which of|modelle vergleichen|head to head|pareto|entscheiden|should we switch|should we move|worth switching|replace|replacement|lohnt sich der wechsel|besser|better",
    ),
    (
        Category::Scaling,
        "scale|scaling|scales|scale up|scale out|skalieren|skalierung|skaliert|capacity|capacity planning|kapazitat|kapazitatsplanung|how many gpus|how many servers|how many instances|wie viele gpus|wie viele server|servers needed|gpus needed|self-host|self host|self-hosting|self hosting|selfhost|selfhosted|self-hosted|own hosting|host it ourselves|hosting ourselves|eigenes hosting|selbst hosten|selber hosten|selbst betreiben|on-prem|on prem|break-even|break even|breakeven|when will we hit|when do we hit|run out|how long until|how long before|headroom|handle the load|handle the growth|handle growth|rate limits|hit the limit|hit our limit|hit limits|hit the rate limit|reach the limit|ans limit|limit erreichen|stossen wir|throughput|traffic growth|growth|capacity plan|more traffic|mehr traffic|autoscaling|auto-scaling|provision|provisioning|keep up|keep up with|wie lange reicht|reicht das|hochskalieren|overload|uberlast|enough capacity|will it hold|burst capacity|load test|lastspitzen abfangen|sizing|dimensionieren|how many|wie viele|reichen|outgrow|saturate|saturation|ausgereizt|eigenbetrieb|rent our own|eigene gpus|own gpus",
    ),
    (
        Category::Advanced,
        "trade-off|trade-offs|tradeoff|tradeoffs|trade off|pareto front|pareto frontier|multi-objective|multi objective|optimal mix|optimal routing|routing plan|route each|route requests|routing policy|mix of models|portfolio|constraint|constraints|subject to|joint optimization|jointly|simultaneously optimize|optimize across|optimise across|across all|per class|per workload|each class|classes|workloads|klassen|nebenbedingung|nebenbedingungen|optimale aufteilung|optimale mischung|optimal plan|optimaler plan|allocation|allocate|assign|shadow price|hypervolume|balance cost|balance quality|zielkonflikt|zielkonflikte|abwagung|gesamtoptimierung|mehrziel*|routing shares|model mix|modellmix|optimizer|milp|pareto-optimal|split traffic|split the traffic|traffic split|which model for which|best plan|best mix|aufteilen|verteilen|aufteilung|routing|minimize cost|minimise cost|minimiere|kosten minimieren|optimum|all at once|at the same time optimize",
    ),
];

/// The category, `None` if two are as likely, and how sure it is.
pub(super) fn category(reading: &Reading<'_>, workload: &Workload) -> (Option<Category>, f64) {
    let mut scores = [0.0_f64; 5];
    let index = |category: Category| Category::ALL.iter().position(|c| *c == category).unwrap_or(0);
    let folded = &reading.lexed.folded;
    for (category, phrases) in WORDS {
        for phrase in phrases.split('|').filter(|phrase| holds(folded, phrase)) {
            // A longer phrase is less likely an accident.
            scores[index(*category)] += 1.0 + 0.5 * phrase.matches(' ').count() as f64;
        }
    }
    for (name, category, weight) in FIELD_HINTS {
        if workload.get(name).is_some() {
            scores[index(*category)] += weight;
        }
    }
    if reading.toks().iter().any(|t| t.is(C::Save)) {
        scores[index(Category::Cost)] += 0.3;
    }
    if !workload.classes.is_empty() {
        scores[index(Category::Advanced)] += 3.0;
    }
    let total: f64 = scores.iter().sum();
    let mut order: Vec<usize> = (0..scores.len()).collect();
    order.sort_by(|a, b| scores[*b].total_cmp(&scores[*a]).then(a.cmp(b)));
    let (best, second) = (scores[order[0]], scores[order[1]]);
    if best < 0.5 {
        return (None, 0.0);
    }
    let confidence = (best / (total + 0.5)).clamp(0.0, 0.99);
    let clear = best - second > 0.15;
    (if clear { Category::ALL.get(order[0]).copied() } else { None }, confidence)
}

/// What a known field says about the question.
const FIELD_HINTS: &[(&str, Category, f64)] = &[
    ("monthly_spend_usd", Category::Cost, 1.2),
    ("budget_usd_per_month", Category::Cost, 0.6),
    ("deferrable_share", Category::Cost, 0.5),
    ("cached_prefix_tokens", Category::Cost, 0.4),
    ("latency_p50_ms", Category::Latency, 0.8),
    ("latency_p95_ms", Category::Latency, 1.0),
    ("latency_p99_ms", Category::Latency, 1.0),
    ("ttft_ms", Category::Latency, 1.0),
    ("tpot_ms", Category::Latency, 0.8),
    ("latency_target_ms", Category::Latency, 0.8),
    ("sequential_calls", Category::Latency, 0.8),
    ("parallel_calls", Category::Latency, 0.8),
    ("growth_per_month", Category::Scaling, 1.2),
    ("rpm_limit", Category::Scaling, 1.2),
    ("tpm_limit", Category::Scaling, 1.2),
    ("peak_factor", Category::Scaling, 0.8),
    ("gpu", Category::Scaling, 1.2),
    ("tokens_per_second_per_gpu", Category::Scaling, 1.0),
    ("horizon_months", Category::Scaling, 0.6),
    ("vendors_max", Category::Advanced, 1.2),
    ("quality_floor", Category::Selection, 0.4),
    ("context_tokens", Category::Selection, 0.5),
];

/// Whether the text holds the phrase as whole words.
fn holds(text: &str, phrase: &str) -> bool {
    let phrase = phrase.trim_end_matches('*');
    let mut from = 0;
    while let Some(at) = text.get(from..).and_then(|rest| rest.find(phrase)) {
        let start = from + at;
        let end = start + phrase.len();
        let outside = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric());
        if outside(text[..start].chars().next_back()) && outside(text[end..].chars().next()) {
            return true;
        }
        from = end;
    }
    false
}

/// How much a message asks at once, from the facts it gives.
pub(super) fn complexity(reading: &Reading<'_>, workload: &Workload) -> Complexity {
    // The four figures of every price and the kind of work make no question harder.
    const PLAIN: &[&str] = &["model", "vendor", "task", "requests_per_day", "input_tokens", "output_tokens"];
    let facts = workload.known().filter(|(spec, _)| !PLAIN.contains(&spec.name)).count();
    // A wish for quality is one more thing to weigh.
    let more = facts
        + usize::from(reading.toks().iter().any(|t| matches!(t.word(), Some(C::Quality | C::Arena | C::Accuracy))));
    if !workload.classes.is_empty() || more >= 5 {
        Complexity::Advanced
    } else if more >= 2 {
        Complexity::Intermediate
    } else {
        Complexity::Basic
    }
}
