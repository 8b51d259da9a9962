//! Whole messages.

use serde_json::{Value, json};

use super::extract;
use crate::message::Category;

/// Checks that `content` says exactly `expected`.
#[track_caller]
#[allow(clippy::needless_pass_by_value)] // reads like a literal
fn says(content: &str, expected: Value) {
    let found = serde_json::to_value(extract(content).workload).unwrap();
    let close = |a: &Value, b: &Value| match (a.as_f64(), b.as_f64()) {
        (Some(a), Some(b)) => (a - b).abs() <= 1e-9 * b.abs().max(1e-9),
        _ => a == b,
    };
    let (f, e) = (found.as_object().unwrap(), expected.as_object().unwrap());
    let same = f.len() == e.len() && e.iter().all(|(name, value)| f.get(name).is_some_and(|v| close(v, value)));
    assert!(same, "{content}\n found    {found}\n expected {expected}");
}

#[test]
fn the_examples_are_read_in_full() {
    let facts = |id: &str| crate::examples::find(id).unwrap().content;
    says(
        facts("cost-support-chat"),
        json!({"model": "gpt-4o", "requests_per_day": 200_000.0, "input_tokens": 1200.0, "output_tokens": 300.0, "task": "chat"}),
    );
    says(
        facts("cost-bill-mismatch"),
        json!({"model": "gpt-4o", "requests_per_day": 200_000.0, "input_tokens": 1200.0, "output_tokens": 300.0,
            "monthly_spend_usd": 12_000.0}),
    );
    says(
        facts("cost-nightly-extraction"),
        json!({"model": "claude-sonnet-4-5", "requests_per_day": 40_000.0, "input_tokens": 3000.0,
            "output_tokens": 400.0, "deferrable_share": 1.0, "task": "extraction"}),
    );
    says(
        facts("cost-long-prompt"),
        json!({"model": "gpt-4.1", "requests_per_day": 198_720.0, "input_tokens": 6000.0, "output_tokens": 350.0,
            "cached_prefix_tokens": 4200.0, "monthly_spend_usd": 95_000.0, "task": "rag"}),
    );
    says(
        facts("cost-all-levers"),
        json!({"model": "claude-opus-4-8", "requests_per_day": 200_000.0, "input_tokens": 5000.0,
            "output_tokens": 800.0, "cached_prefix_tokens": 3000.0, "deferrable_share": 0.5, "weak_accept_share": 0.3,
            "monthly_spend_usd": 270_000.0, "budget_usd_per_month": 120_000.0, "task": "coding"}),
    );
    says(
        facts("selection-coding"),
        json!({"model": "gpt-4o", "requests_per_day": 50_000.0, "input_tokens": 2000.0, "output_tokens": 600.0,
            "task": "coding"}),
    );
    says(
        facts("selection-floor-and-budget"),
        json!({"model": "gpt-4.1-mini", "requests_per_day": 80_000.0, "input_tokens": 900.0, "output_tokens": 250.0,
            "quality_floor": 1400.0, "budget_usd_per_month": 10_000.0, "task": "chat"}),
    );
    says(
        facts("selection-agents"),
        json!({"model": "claude-sonnet-4-5", "requests_per_day": 30_000.0, "input_tokens": 12_000.0,
            "output_tokens": 1500.0, "reasoning_tokens": 2000.0, "context_tokens": 150_000.0, "quality_floor": 1430.0,
            "latency_target_ms": 60_000.0, "budget_usd_per_month": 200_000.0, "task": "chat"}),
    );
    says(
        facts("advanced-routing-plan"),
        json!({"model": "gpt-4o", "requests_per_day": 200_000.0, "input_tokens": 1200.0, "output_tokens": 300.0}),
    );
    says(
        facts("advanced-mix"),
        json!({"model": "gpt-4o", "requests_per_day": 200_000.0, "input_tokens": 1200.0, "output_tokens": 300.0,
            "quality_floor": 1400.0, "vendors_max": 2.0, "task": "chat"}),
    );
    says(
        facts("advanced-all-limits"),
        json!({"model": "claude-sonnet-4-5", "requests_per_day": 300_000.0, "input_tokens": 2000.0,
            "output_tokens": 500.0, "quality_floor": 1420.0, "budget_usd_per_month": 40_000.0, "vendors_max": 3.0,
            "tpm_limit": 2_000_000.0, "rpm_limit": 1000.0, "peak_factor": 2.0, "task": "chat"}),
    );
    for example in crate::examples::EXAMPLES {
        let found = extract(example.content);
        assert_eq!(found.category, Some(example.category), "{}", example.id);
        assert_eq!(found.complexity, example.complexity, "{}", example.id);
    }
}

#[test]
fn a_fact_alone_asks_for_nothing() {
    for text in ["Each answer has 250 output tokens.", "There are 120,000 requests a day.", "We use gpt-4o."] {
        assert_eq!(extract(text).category, None, "{text}");
    }
    assert_eq!(extract("The cursor blinks and our users walk away").category, Some(Category::Latency));
}

#[test]
fn spans_count_characters() {
    let content = "Wir zahlen für GPT‑4o 12k$ im Monat – ärgerlich: 200k Anfragen/Tag 🙂";
    let found = extract(content);
    let chars: Vec<char> = content.chars().collect();
    assert_eq!(found.category, Some(Category::Cost));
    assert!(found.provenance.len() >= 2, "{:?}", found.provenance);
    for (name, provenance) in &found.provenance {
        let [start, end] = provenance.span.unwrap();
        let words: String = chars[start as usize..end as usize].iter().collect();
        assert_eq!(Some(words), provenance.text, "{name}");
    }
}

/// Pieces that the grammar cares about, to be put together in ways that nobody writes.
const PIECES: &[&str] = &[
    "$",
    "€",
    "12k",
    "1.200",
    "1,2 Mio",
    "200",
    "000",
    "½",
    "1e308",
    "1e99",
    "9999999999999999999999",
    "0",
    ".",
    ",",
    "/",
    "-",
    "—",
    ":",
    "=",
    " ",
    "\n",
    "(",
    ")",
    "%",
    "x",
    "per",
    "/day",
    "a month",
    "tokens",
    "in",
    "out",
    "requests",
    "rps",
    "TPM",
    "p95",
    "of",
    "to",
    "from",
    "between",
    "and",
    "not",
    "if",
    "no wait",
    "last year",
    "competitor",
    "gpt-4o",
    "Claude",
    "4.5",
    "sonnet",
    "H100",
    "ms",
    "s",
    "half",
    "a third",
    "doubles",
    "every",
    "6 months",
    "peak",
    "🙂",
    "ﬁ",
    "İ",
    "ß",
    "\u{0}",
    "\u{202e}",
    "٣",
    "१",
    "²",
    "2026-06-01",
    "99/99/9999",
];

#[test]
fn figures_that_contradict_each_other_are_asked_about() {
    let found = extract("p95 is 0.6 seconds, median 1.1 s");
    assert!(found.workload.errors().is_empty(), "{:?}", found.workload);
    assert!(found.questions.iter().any(|q| q.field == "latency_p95_ms"), "{:?}", found.questions);
}

proptest::proptest! {
    #[test]
    fn any_text_is_read_without_a_panic(content in "\\PC{0,2000}") {
        extract(&content);
    }

    #[test]
    fn any_mixture_is_read_and_its_spans_hold(
        picks in proptest::collection::vec((0..PIECES.len(), proptest::bool::ANY), 0..120)
    ) {
        let content: String = picks.iter().flat_map(|(i, gap)| [PIECES[*i], if *gap { " " } else { "" }]).collect();
        let found = extract(&content);
        let chars: Vec<char> = content.chars().collect();
        for provenance in found.provenance.values() {
            let [start, end] = provenance.span.unwrap();
            let words: String = chars[start as usize..end as usize].iter().collect();
            proptest::prop_assert_eq!(Some(words), provenance.text.clone());
        }
        // What is read is what the table of fields allows.
        let json = serde_json::to_value(&found.workload).unwrap();
        let mut again = crate::workload::Workload::default();
        for (name, value) in json.as_object().unwrap().iter().filter(|(name, _)| *name != "classes") {
            proptest::prop_assert!(again.set(name, value).is_ok(), "{} = {}", name, value);
        }
    }
}

#[test]
fn tables_are_read_with_their_labels() {
    let rows = extract("| model | gpt-4o |\n|---|---|\n| requests per day | 12,000 |\n| input tokens | 900 |").workload;
    assert_eq!((rows.requests_per_day, rows.input_tokens), (Some(12_000.0), Some(900.0)));
    assert_eq!(rows.model.as_deref(), Some("gpt-4o"));
    let headed = extract(
        "work | requests/day | input tokens | output tokens\nchat | 4,000 | 800 | 200\nmail | 500 | 3,000 | 90",
    );
    let shapes: Vec<_> = headed
        .workload
        .classes
        .iter()
        .map(|c| (c.name.as_str(), c.requests_per_day, c.input_tokens, c.output_tokens))
        .collect();
    assert_eq!(shapes, [("chat", 4000.0, 800.0, 200.0), ("mail", 500.0, 3000.0, 90.0)]);
    let tabs = extract("model\tgpt-4.1\nmonthly spend\t$2,400").workload;
    assert_eq!((tabs.model.as_deref(), tabs.monthly_spend_usd), (Some("gpt-4.1"), Some(2400.0)));
    let long = format!("{}|b\n{}", "a ".repeat(2_000), "1|2\n".repeat(900));
    assert_eq!(extract(&long).workload.classes.len(), 0);
    for odd in ["|", "||\n||", "| |\n|-|", "a|b\n---|---\n|", "\t\n\t"] {
        assert_eq!(extract(odd).workload.known().count(), 0, "{odd:?}");
    }
}

#[test]
fn numbers_in_words_add_up() {
    for (text, requests) in [
        ("twelve thousand five hundred requests a day", 12_500.0),
        ("two hundred and fifty thousand requests per day", 250_000.0),
        ("thirty-five requests a day", 35.0),
        ("zweitausendfünfhundert Anfragen am Tag", 2_500.0),
        ("fünfunddreißigtausend Anfragen täglich", 35_000.0),
    ] {
        assert_eq!(extract(text).workload.requests_per_day, Some(requests), "{text}");
    }
}

#[test]
fn what_is_below_zero_is_asked_and_a_list_is_not() {
    let found = extract("We send -200k requests/day to gpt-4o with 1,200 input and 300 output tokens");
    assert_eq!(found.workload.requests_per_day, None);
    let question = found.questions.iter().find(|q| q.field == "requests_per_day").unwrap();
    assert!(question.text.contains("\"-200k") && question.text.contains("below zero"), "{}", question.text);
    let list = extract("Our cost:\n-200k requests/day\n-1,200 input tokens\n-300 output tokens\n-gpt-4o");
    assert_eq!((list.workload.requests_per_day, list.workload.input_tokens), (Some(200_000.0), Some(1_200.0)));
    let shrinking = extract("200k requests/day on gpt-4o, traffic changes by -5% per month, when do we hit the limit?");
    assert!(shrinking.questions.iter().all(|q| !q.text.contains("below zero")));
}

#[test]
fn what_others_say_and_what_was_before_is_not_ours() {
    says("Vendor benchmarks say 400 ms TTFT, we measure 1.2 s TTFT.", json!({"ttft_ms": 1200.0}));
    says("Our provider says the limit is 500 RPM.", json!({"rpm_limit": 500.0}));
    says("Before the redesign prompts were 4,000 tokens; since then they're 2,500.", json!({"input_tokens": 2500.0}));
    says(
        "Half of the answers come within 1.5s, 95 percent within 6s.",
        json!({"latency_p50_ms": 1500.0, "latency_p95_ms": 6000.0}),
    );
    says("Target: 95% within 3 seconds.", json!({"latency_target_ms": 3000.0}));
    says("200 users x 8 requests per day", json!({"requests_per_day": 1600.0}));
}

#[test]
fn powers_are_read_as_powers_and_what_is_above_the_bound_is_asked() {
    for text in ["10^6", "1e6", "10**6", "10⁶", "1 x 10^6", "1.0e+6"] {
        let text = format!("We send {text} requests/day to gpt-4o with 1200 input and 300 output tokens.");
        assert_eq!(extract(&text).workload.requests_per_day, Some(1e6), "{text}");
    }
    let found = extract(
        "We send 10^30 requests/day to gpt-4o with 1200 input and 99999999999999 output tokens, what does it cost?",
    );
    let workload = &found.workload;
    assert_eq!((workload.requests_per_day, workload.input_tokens, workload.output_tokens), (None, Some(1200.0), None));
    let asked =
        |field: &str| found.questions.iter().filter(|q| q.field == field).map(|q| q.text.as_str()).collect::<Vec<_>>();
    let [requests] = asked("requests_per_day")[..] else { panic!("{:?}", found.questions) };
    assert!(requests.contains("10^30") && requests.contains("at most 1000000000000"), "{requests}");
    let [output] = asked("output_tokens")[..] else { panic!("{:?}", found.questions) };
    assert!(output.contains("99999999999999") && output.contains("at most 100000000"), "{output}");
    assert!(asked("input_tokens").is_empty(), "{:?}", found.questions);
}

#[test]
fn a_model_that_no_family_has_is_asked_about_by_its_name() {
    for text in [
        "We use FooBar-9000 for 20k requests a day, 1200 input and 300 output tokens. What does it cost?",
        "Our model is FooBar-9000, 20k requests a day, 1,200 in / 300 out. How do we cut the bill?",
        "Wir nutzen FooBar-9000, 20.000 Anfragen am Tag. Was kostet das?",
    ] {
        let found = extract(text);
        assert_eq!(found.workload.model, None, "{text}");
        let asked: Vec<_> = found.questions.iter().filter(|q| q.field == "model").collect();
        let [question] = asked[..] else { panic!("{asked:?}") };
        assert!(question.text.starts_with("\"FooBar-9000\" is not in the catalog"), "{}", question.text);
        assert!(!question.choices.is_empty());
    }
    for text in ["20k requests a day with ISO-27001 in mind, what does it cost?", "What does it cost on our H100-80GB?"]
    {
        assert!(extract(text).questions.iter().all(|q| !q.text.contains("catalog")), "{text}");
    }
}

#[test]
fn sums_to_try_out_are_neither_paid_nor_a_budget() {
    let found = extract("What quality do we get for 1,000, 3,000 and 10,000 $ a month, with the best mix of models?");
    assert_eq!((found.workload.monthly_spend_usd, found.workload.budget_usd_per_month), (None, None));
}

#[test]
fn two_questions_of_the_same_weight_are_asked_back() {
    for text in [
        "Two things, both matter: what will the bill be at 10k requests a day, and how do we get the answers faster?",
        "Zwei Fragen, gleich wichtig: Was kostet das im Monat, und welches Modell passt besser?",
    ] {
        let found = extract(text);
        assert_eq!(found.category, None, "{text}");
        assert_eq!(found.questions[0].field, "category");
    }
    // Several aims of one plan are no two questions.
    let plan = extract(
        "Cost, latency and quality are equally important to us: which mix of models is best, 20k requests a day?",
    );
    assert_eq!(plan.category, Some(Category::Advanced));
}

#[test]
fn a_label_of_its_own_ends_what_stands_before() {
    says("p95 is 4 s. RPM cap 200.", json!({"latency_p95_ms": 4000.0, "rpm_limit": 200.0}));
    says(
        "1k requests a day, in 4.4k / out 1.1k",
        json!({"requests_per_day": 1000.0, "input_tokens": 4400.0, "output_tokens": 1100.0}),
    );
    says(
        "p95=5.2s p99=11s target=3s",
        json!({"latency_p95_ms": 5200.0, "latency_p99_ms": 11000.0, "latency_target_ms": 3000.0}),
    );
}

#[test]
fn what_is_expected_is_growth_and_each_person_counts() {
    let found = extract("Traffic is 85k/day now and we expect 130k/day in six months.").workload;
    assert_eq!(found.requests_per_day, Some(85_000.0));
    assert!((found.growth_per_month.unwrap() - 0.0734).abs() < 1e-3);
    says("Each of our 30 recruiters screens 80 CVs a day.", json!({"requests_per_day": 2400.0}));
    says("Traffic falls by 3 % every month.", json!({"growth_per_month": -0.03}));
}

#[test]
fn a_window_is_needed_and_a_question_stands_beside_the_prefix() {
    says("We need a 200k window.", json!({"context_tokens": 200_000.0}));
    says(
        "Jede Anfrage hat 1.800 Token Vorspann, der sich nie ändert, und 300 Token Frage; die Antworten sind 260 Token lang.",
        json!({"input_tokens": 2100.0, "output_tokens": 260.0, "cached_prefix_tokens": 1800.0}),
    );
}

#[test]
fn percentiles_without_a_unit_are_seconds_where_others_are() {
    says(
        "Answers should take under 1.5 seconds. Right now the median is 2.7, p95 is 6.",
        json!({"latency_target_ms": 1500.0, "latency_p50_ms": 2700.0, "latency_p95_ms": 6000.0}),
    );
}

#[test]
fn what_has_grown_is_what_it_is_now() {
    says(
        "The prompt grew from 2k to 7k tokens. Output's still 300.",
        json!({"input_tokens": 7000.0, "output_tokens": 300.0}),
    );
    says("We write summaries of 12k-token hearings.", json!({"input_tokens": 12_000.0, "task": "summarization"}));
}

#[test]
fn what_is_dismissed_or_set_against_another_is_not_in_use() {
    says("Qwen is off the table, we settled on gpt-oss-120b.", json!({"model": "gpt-oss-120b"}));
    says("Haiku 4.5 vs GPT-4.1 mini for classification?", json!({"task": "classification"}));
    says("GPT-4o mini got 0.81 in March and was kicked out.", json!({}));
    says(
        "Today reasoning eats 2,500 tokens per step, input 4k.",
        json!({"reasoning_tokens": 2500.0, "input_tokens": 4000.0}),
    );
}

#[test]
fn cents_are_no_requests() {
    says(
        "Eleven cents per request and 9,000 requests a day, and my margin on a parcel label is forty cents.",
        json!({"requests_per_day": 9000.0}),
    );
}

#[test]
fn a_verb_in_two_parts_reads_data_out() {
    says(
        "Wir lesen Frachtbriefe mit gpt-4o aus, 900 am Tag.",
        json!({"model": "gpt-4o", "requests_per_day": 900.0, "task": "extraction"}),
    );
    says("It pulls date and total out of receipts.", json!({"task": "extraction"}));
    says("Ten tickets go to the agent's screen.", json!({}));
}
