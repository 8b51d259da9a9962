//! What a message asks for, how sure that is, and how much it asks at once.

use super::clauses::Status;
use super::lex::Kind;
use super::lexicon::C;
use super::reading::Reading;
use super::roles::{Role, roles};
use crate::message::{Category, Complexity};
use crate::workload::Workload;

/// Words and phrases that ask for a category, divided by `|`, with their weight. A star stands for any ending.
const WORDS: &[(Category, f64, &str)] = &[
    (
        Category::Cost,
        2.0,
        "reduce spend|reduce spending|reduce our spend|lower spend|lower spending|cut spend|cut spending|spend review|spend down|what is cheaper|what's cheaper|was ist gunstiger|financially|finanziell|total cost|price check|cost estimate|$ per month|usd per month|dollars per month|how much per month|how much is that|how much would that be|how much a month|how much do we|cheaper alternative*|gunstigere alternative*|too expensive|expensive|too much money|overpay*|zu teuer|teuer|teurer|cut cost*|cut our cost*|cut the cost*|reduce cost*|reduce our cost*|reduce the cost*|lower cost*|lower our cost*|lower the cost*|cost reduction|cost optim*|kosten senken|kosten sparen|kosten reduzieren|kosten zu senken|kosten runter|kostenoptimierung|kostensenkung|sparpotenzial|sparpotential|einsparpoten*|save money|saving money|lower the bill|lower our bill|reduce the bill|reduce our bill|cut the bill|cut our bill|what does it cost|what does that cost|what would it cost|was kostet|wie teuer|where does the money go|where is the money|spend less|pay less|too pricey|pricey|weniger zahlen|weniger ausgeben|cost check|cost saving*|cost-saving*|waste of money|burning|monthly cost*|monthly price|cost per month|costs per month|price per month|monatliche kosten|bring the cost*|bring down the cost*|bring our cost*|bring it down|llm bill|bill down|costs down|cost down",
    ),
    (
        Category::Cost,
        1.2,
        "cheaper|gunstiger|guenstiger|billiger|save|saves|saving|savings|sparen|einsparen|einsparung*|cost|costs|kosten|kostet|costing|how much do we pay|price|kostentreiber|tokenkosten|cost-effective|expense*|caching save|batching save|was sparen wir|ausgaben",
    ),
    (
        Category::Cost,
        0.6,
        "reduce|senken|lower|cut|cheap|cheapest|gunstigste*|billigste*|bill|invoice|rechnung|pay|paying|zahlen|spend|spending|pricing|prices|preis|preise|budget|money|batch api|discount|usd|dollar*|cost us",
    ),
    (
        Category::Latency,
        2.2,
        "answer time|time is spent|is the time spent|time spent|take so long|takes so long|so long|takes forever|take forever|wait for|waits for|waiting|users wait|answer speed|response speed|verkurzen|real-time responses|real-time answers|real time|realtime answers|echtzeit|instant|instantly|sofort|too slow|slow|slower|sluggish|laggy|lagging|lags|the lag|langsam|zu langsam|speed up|speed it up|speeding up|faster|schneller|schnellere|schnelleren|reduce latency|cut latency|lower latency|latency optim*|optimi* latency|snappier|snappy|beschleunig*|latenz senken|latenz runter|latenz reduzieren|latenz verbessern|tail latency|quicker|responsive*|waiting time|wait time|wartezeit*|queueing|queuing|wait in the queue|wait in queue|in the queue|warteschlange|hedge|hedging|hedged|antwortzeiten|antwortzeit|reaktionszeit|too long|zu lange|dauert zu lange|response time|response times|perceived latency|streaming help|share of queries is slow|latency problem|make it fast|fan-out|fans out|fan out|long tail|latency down",
    ),
    (
        Category::Latency,
        1.0,
        "latency|latenz|latenzziel|latency target|ttft|tpot|p95|p99|time to first token|speed|geschwindigkeit|slo|delay|verzogerung|seconds to answer|queue",
    ),
    (
        Category::Selection,
        2.5,
        "what beats|which model beats|was schlagt|outperforms|looking for a model|look for a model|need a model|suche ein modell|suchen ein modell|searching for a model|want a model|brauchen ein modell|modellwechsel|as good|still the right|right one|replacement model|replace our model|change models|modellempfehl*|something better|any other model|other models|passende modell|passendes modell|passenden modell|geeignete modell|geeignetes modell|modell fur|better suited|which other model|what other model|is there a model|which model|which models|what model|best model|right model|better model|model choice|model selection|modellauswahl|modellwahl|welches modell|welche modelle|bestes modell|beste modell|choose a model|pick a model|pick the right|select a model|which llm|what llm|best llm|right llm|welches llm|bestes llm|recommend a model|model comparison|modellvergleich|compare models|modelle vergleichen|switch models|which one is better|which is better|what should we use|which should we use|suitable model|model recommendation|which of these models|which of the models|best fit|most suitable|gute alternative|good alternative|lohnt sich der wechsel|should we switch|should we move|should we replace|worth switching|model for|choose between|best value|better value|entscheiden zwischen|modell empfehl*|modell passt|besseres modell|right choice",
    ),
    (
        Category::Selection,
        1.2,
        "suggest*|match|downgrade|upgrade|something smaller|picking|better choice|better option|recommend|recommends|recommended|recommendations|your recommendation|a recommendation|empfehl*|empfiehl*|compare|comparison|vergleich*|choose|choosing|pick|rank|ranking|better than|besser als|is better|ist besser|ware besser|bessere antworten|alternative|alternatives|alternativen|replace|replacement|which one|head to head|leaderboard|better answers|shortlist|geeignet*|auswahl|arena score|elo|win rate|benchmark*|what would you recommend",
    ),
    (
        Category::Scaling,
        2.4,
        "can our setup handle|setup handle|can handle|how much concurrency|in flight|concurrent connections|parallel connections|host the model|host it|host ourselves|host our own|hosting it|higher tier|next tier|more replicas|replicas|wie viele gleichzeitige|wie viele verbindungen|how many parallel|how many connections|how many concurrent|how many slots|how many gpus|how many servers|how many instances|how many replicas|how many cards|wie viele gpus|wie viele server|wieviele gpus|wieviele server|servers needed|gpus needed|capacity|capacity planning|kapazitat*|scale|scaling|scale up|skalier*|self-host*|self host*|selfhost*|own hosting|eigenes hosting|eigenbetrieb|selbst hosten|selber hosten|selbst betreiben|on-prem*|break-even|break even|breakeven|rentiert|hit the limit*|hit our limit*|hit our rate limit*|hit the rate limit*|hit limits|reach the limit|limit reached|limit erreicht|limit hold|limits hold|stossen wir an|run out|running out|outgrow|headroom|handle the load|handle the traffic|handle the growth|sizing|dimensionier*|gpu sizing|does that last|how long does that|how long will that|wie lange reicht|wann reicht|reicht das|throttled|keep up|does it hold|will it hold|make it through|capacity question|autoscal*|load test*|saturat*|overload*|uberlast|usage develop|enough capacity|wann stossen|rate limit*|ratenlimit|when is it reached|can we handle|black friday|provision*",
    ),
    (
        Category::Scaling,
        1.0,
        "carry|carries|handle|verkraft*|aushalten|bewaltig*|growth|grow|grows|growing|wachst|wachsen|wachstum|doubles|double|verdopp*|triple|triples|throughput|durchsatz|gpus|limits|servers|how long until|how long will|when do we|wann ist schluss|forecast|projection|prognose|are we fine|enough|shrink|survive|run into the limit*|throttl*",
    ),
    (Category::Scaling, 0.5, "traffic|quota|rpm|tpm|peak|gpu|limit|server|concurrency limit|slots"),
    (Category::Selection, 0.6, "switch to|switching to|wechseln|wechsel|umsteigen|umstieg|move to|moving to"),
    (Category::Selection, 0.25, "model|models|modell|modelle|llm|llms"),
    (
        Category::Advanced,
        2.4,
        "one more quality point|more quality point|one more point of quality|ein punkt mehr|price of quality|routing across|knee|kniepunkt|cost/quality|quality/cost|cost quality curve|cost-quality|efficient frontier|effizienzgrenze|kompromiss|compromise|modellmischung|mischung von modellen|all constraints|given budget|best allocation|cheapest plan|cheapest combination|combination of models|optimal allocation|quality together|balance cost*|balancing cost*|ausbalancieren|share of traffic|which share|traffic should go|go to which model|cheapest assignment|assignment of models|the plan that|trade-off*|tradeoff*|trade off*|pareto*|multi-objective|multi objective|mehrziel*|optimal mix|optimal model mix|optimal routing|optimal plan|optimaler plan|routing plan|route each|routing policy|mix of models|model mix|modellmix|constraint*|subject to|nebenbedingung*|which model for which|welches modell fur welche*|optimale aufteilung|beste aufteilung|optimale mischung|shadow price*|schattenpreis*|hypervolume|zielkonflikt*|minimise cost|minimize cost|minimise the cost|minimize the cost|minimiere|kosten minimieren|maximise quality|maximize quality|split the traffic|split traffic|traffic split|best mix|best plan|allocation|allocate|routing shares|per class|each class|klassen|classes|two workloads|three workloads|zwei workloads|drei workloads|workloads|cheapest routing|cheapest mix|portfolio|jointly|optimizer|milp|under these constraints|at most two vendors|aufteilen|verteilen",
    ),
    (
        Category::Advanced,
        6.0,
        "to which model|go to which model|welchem modell|an welches modell|which model for which|which model to use for which|welches modell fur welche*|which model for each",
    ),
    (
        Category::Advanced,
        1.0,
        "routing|route|optimal|optimum|balance|vendors|providers|anbieter|mix|while keeping|and at the same time|quality floor",
    ),
];

/// What a known field says about the question.
const FIELD_HINTS: &[(&str, Category, f64)] = &[
    ("monthly_spend_usd", Category::Cost, 0.8),
    ("budget_usd_per_month", Category::Cost, 0.3),
    ("deferrable_share", Category::Cost, 0.7),
    ("cached_prefix_tokens", Category::Cost, 0.6),
    ("cache_hit_rate", Category::Cost, 0.4),
    ("duplicate_share", Category::Cost, 0.7),
    ("weak_accept_share", Category::Cost, 0.7),
    ("as_of", Category::Cost, 0.4),
    ("latency_p50_ms", Category::Latency, 0.8),
    ("latency_p95_ms", Category::Latency, 1.0),
    ("latency_p99_ms", Category::Latency, 1.0),
    ("ttft_ms", Category::Latency, 0.4),
    ("tpot_ms", Category::Latency, 0.3),
    ("latency_target_ms", Category::Latency, 0.4),
    ("sequential_calls", Category::Latency, 0.9),
    ("parallel_calls", Category::Latency, 0.9),
    ("arrival_scv", Category::Latency, 0.6),
    ("service_scv", Category::Latency, 0.6),
    ("growth_per_month", Category::Scaling, 1.5),
    ("rpm_limit", Category::Scaling, 1.2),
    ("tpm_limit", Category::Scaling, 1.2),
    ("peak_factor", Category::Scaling, 0.6),
    ("gpu", Category::Scaling, 1.5),
    ("tokens_per_second_per_gpu", Category::Scaling, 1.0),
    ("gpu_usd_per_hour", Category::Scaling, 0.8),
    ("horizon_months", Category::Scaling, 0.8),
    ("vendors_max", Category::Advanced, 2.2),
    ("quality_floor", Category::Selection, 0.4),
    ("context_tokens", Category::Selection, 0.8),
];

/// The category, `None` if two are as likely, and how sure it is.
pub(super) fn category(reading: &Reading<'_>, workload: &Workload) -> (Option<Category>, f64) {
    let mut scores = [0.0_f64; 5];
    let mut add = |category: Category, weight: f64| scores[category as usize] += weight;
    words(reading, &mut add);
    for (name, category, weight) in FIELD_HINTS {
        if workload.get(name).is_some() {
            add(*category, *weight);
        }
    }
    if roles(reading).iter().filter(|m| m.role == Role::Candidate).count() >= 1 {
        add(Category::Selection, 0.8);
    }
    // Bounds of several kinds at once make a plan.
    let bounds = ["budget_usd_per_month", "latency_target_ms", "quality_floor", "vendors_max"];
    let bounds = bounds.iter().filter(|name| workload.get(name).is_some()).count();
    add(Category::Advanced, [0.0, 0.0, 1.2, 3.0, 4.0][bounds]);
    if objectives(&reading.lexed.folded) {
        add(Category::Advanced, 3.0);
    }
    if !workload.classes.is_empty() {
        add(Category::Advanced, 3.0);
    }
    let mut order: Vec<usize> = (0..scores.len()).collect();
    order.sort_by(|a, b| scores[*b].total_cmp(&scores[*a]).then(a.cmp(b)));
    let total: f64 = scores.iter().sum();
    let (best, second) = (scores[order[0]], scores[order[1]]);
    if best < 0.6 {
        // A workload and nothing but a question mark: its price is what one asks first.
        let known = ["model", "requests_per_day", "input_tokens", "output_tokens"]
            .iter()
            .filter(|name| workload.get(name).is_some())
            .count();
        let asked = reading.lexed.folded.contains('?');
        return if asked && known >= 3 { (Some(Category::Cost), 0.3) } else { (None, 0.0) };
    }
    let confidence = (best / (total + 0.5)).clamp(0.0, 0.99);
    let clear = second < 0.8 * best;
    (if clear { Category::ALL.get(order[0]).copied() } else { None }, confidence)
}

/// Adds up the words of the table; a question weighs more than a description.
fn words(reading: &Reading<'_>, add: &mut impl FnMut(Category, f64)) {
    let folded = &reading.lexed.folded;
    for (category, weight, phrases) in WORDS {
        let mut found = 0;
        for phrase in phrases.split('|') {
            if let Some(at) = find(folded, phrase)
                && stated(reading, at)
            {
                found += 1;
                // The same thing said again adds less.
                let again = 1.0 / f64::from(found);
                let asks = match in_question(folded, at) {
                    true if alone(folded, at) => 3.0,
                    true => 1.5,
                    false => 1.0,
                };
                add(*category, weight * again * asks);
            }
        }
    }
}

/// Whether one sentence names cost, speed and quality: three aims at once.
fn objectives(text: &str) -> bool {
    const AIMS: [&[&str]; 3] = [
        &["cost", "kosten", "price", "preis", "spend"],
        &["latency", "latenz", "speed", "geschwindigkeit", "response time", "antwortzeit"],
        &["quality", "qualitat", "accuracy", "genauigkeit"],
    ];
    text.split(['.', '?', '!', '\n', ':'])
        .any(|sentence| AIMS.iter().all(|aim| aim.iter().any(|word| sentence.contains(word))))
}

/// Whether the words at byte `at` are the writer's own.
fn stated(reading: &Reading<'_>, at: usize) -> bool {
    let toks = reading.toks();
    let i = toks.partition_point(|t| (t.byte_end as usize) <= at);
    // Past and foreign figures tell nothing, but a hypothetical question is still a question.
    toks.get(i).is_none_or(|t| !matches!(t.kind, Kind::Num(_)) && (reading.status[i] > Status::Out || !t.is(C::Third)))
}

/// Whether the sentence around byte `at` ends with a question mark.
fn in_question(text: &str, at: usize) -> bool {
    text.get(at..).and_then(|rest| rest.find(['?', '!', ';', '\n'])).is_some_and(|end| {
        let sentence = &text[at..at + end];
        text[at + end..].starts_with('?') && !sentence.contains(". ")
    })
}

/// Whether the question around byte `at` is one or two words: "servers?".
fn alone(text: &str, at: usize) -> bool {
    let start = text[..at].rfind(['.', '?', '!', ';', ',', '\n']).map_or(0, |i| i + 1);
    let end = text[at..].find('?').map_or(text.len(), |i| at + i);
    text[start..end].split_whitespace().count() <= 2
}

/// Where the text holds the phrase as whole words.
fn find(text: &str, phrase: &str) -> Option<usize> {
    let open = phrase.ends_with('*');
    let phrase = phrase.trim_end_matches('*');
    let outside = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric());
    text.match_indices(phrase).map(|(start, _)| start).find(|start| {
        outside(text[..*start].chars().next_back()) && (open || outside(text[start + phrase.len()..].chars().next()))
    })
}

/// How much a message asks at once, from the facts it gives.
pub(super) fn complexity(reading: &Reading<'_>, workload: &Workload) -> Complexity {
    // The four figures of every price and the kind of work make no question harder.
    const PLAIN: &[&str] = &["model", "vendor", "task", "requests_per_day", "input_tokens", "output_tokens"];
    let facts = workload.known().filter(|(spec, _)| !PLAIN.contains(&spec.name)).count();
    // A wish for quality is one more thing to weigh.
    let quality = reading.toks().iter().any(|t| matches!(t.word(), Some(C::Quality | C::Arena | C::Accuracy)));
    let more = facts + usize::from(quality);
    if !workload.classes.is_empty() || more >= 5 {
        Complexity::Advanced
    } else if more >= 2 {
        Complexity::Intermediate
    } else {
        Complexity::Basic
    }
}
