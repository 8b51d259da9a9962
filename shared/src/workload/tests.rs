//! The table of fields reads what it writes and names what is wrong.

use super::*;
use serde_json::json;

fn errors(json: &Json) -> Vec<String> {
    Workload::from_json(json).unwrap_err().into_iter().map(|e| e.name).collect()
}

#[test]
fn reads_what_it_writes() {
    let json = json!({
        "model": "gpt-4o", "requests_per_day": 200_000.0, "cache_hit_rate": 0.5, "task": "chat",
        "as_of": "2026-11-22",
        "classes": [{"name": "faq", "requests_per_day": 1.0, "input_tokens": 2.0, "output_tokens": 3.0}],
    });
    let workload = Workload::from_json(&json).unwrap();
    assert_eq!(serde_json::to_value(&workload).unwrap(), json);
    assert_eq!(workload.get("requests_per_day"), Some(Value::Number(200_000.0)));
}

#[test]
fn names_every_wrong_field() {
    let json = json!({"requests_per_day": 0, "input_tokens": -1, "cache_hit_rate": 1.5, "task": "poetry",
        "monthly_spend_usd": "12k", "colour": 1, "as_of": "yesterday", "output_tokens": 1e300});
    let mut names = errors(&json);
    names.sort();
    assert_eq!(
        names,
        [
            "as_of",
            "cache_hit_rate",
            "colour",
            "input_tokens",
            "monthly_spend_usd",
            "output_tokens",
            "requests_per_day",
            "task"
        ]
    );
}

#[test]
fn names_contradictions() {
    assert_eq!(errors(&json!({"input_tokens": 100, "cached_prefix_tokens": 200})), ["cached_prefix_tokens"]);
    assert_eq!(errors(&json!({"latency_p50_ms": 900, "latency_p99_ms": 300})), ["latency_p99_ms"]);
    assert_eq!(errors(&json!({"input_tokens": 0, "output_tokens": 0})), ["output_tokens"]);
}

#[test]
fn a_workload_that_a_program_filled_in_is_checked_too() {
    let class = WorkClass {
        name: "a".into(),
        requests_per_day: 0.0,
        input_tokens: 1.0,
        output_tokens: 1.0,
        quality_floor: None,
        latency_target_ms: None,
    };
    let workload = Workload {
        input_tokens: Some(f64::NAN),
        output_tokens: Some(-1.0),
        peak_factor: Some(f64::INFINITY),
        classes: vec![class],
        ..Workload::default()
    };
    let names: Vec<_> = workload.errors().into_iter().map(|e| e.name).collect();
    assert_eq!(names, ["input_tokens", "output_tokens", "peak_factor", "classes[0].requests_per_day"]);
    assert!(Workload { requests_per_day: Some(1.0), ..Workload::default() }.errors().is_empty());
}

#[test]
fn null_clears_a_field() {
    let workload = Workload::from_json(&json!({"model": null})).unwrap();
    assert_eq!(workload, Workload::default());
}

#[test]
fn a_class_is_checked_like_a_workload() {
    let json = json!({"classes": [{"name": "a", "requests_per_day": -1, "input_tokens": 1, "output_tokens": 1}]});
    assert_eq!(errors(&json), ["classes[0].requests_per_day"]);
    assert_eq!(errors(&json!({"classes": [{"name": "a"}]})), ["classes[0]"]);
    assert_eq!(errors(&json!({"classes": [1]})), ["classes[0]"]);
}
