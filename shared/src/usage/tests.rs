use std::fmt::Write;

use super::*;
use crate::catalog::testing;
use crate::limits as l;
use crate::message::Category;
use crate::problem::{Code, Problem};
use proptest::prelude::*;

/// 2026-11-22.
const NOW: u64 = 1_795_305_600_000;

fn read(text: &str) -> Result<Usage, Problem> {
    read_in(text.as_bytes(), usize::MAX)
}

fn read_in(bytes: &[u8], piece: usize) -> Result<Usage, Problem> {
    let mut reader = Reader::new(NOW);
    bytes.chunks(piece.min(bytes.len()).max(1)).try_for_each(|piece| reader.push(piece))?;
    reader.finish()
}

const AZURE: &str = "TIMESTAMP,ContextTokens,GeneratedTokens\r\n\
    2023-11-16 18:15:46.6805900,374,44\r\n2023-11-16 18:15:50.9951690,396,109\r\n2023-11-16 18:15:51.2224670,879,55\r\n";

#[test]
fn azure_llm_inference_trace_2023() {
    let usage = read(AZURE).unwrap();
    let s = &usage.summary;
    assert_eq!((usage.rows, usage.rejected, s.requests), (3, 0, 3));
    assert_eq!(s.input_tokens.unwrap().mean, (374.0 + 396.0 + 879.0) / 3.0);
    assert_eq!(s.output_tokens.unwrap().p50, 55.0);
    assert!((s.span_s.unwrap() - 4.541_877).abs() < 1e-9);
    assert_eq!(s.from.as_deref(), Some("2023-11-16T18:15:46Z"));
    assert_eq!(s.columns["input_tokens"], "ContextTokens");
}

#[test]
fn mooncake_fast25_traces_tell_what_a_prefix_cache_would_save() {
    let text = "{\"timestamp\": 0, \"input_length\": 6758, \"output_length\": 500, \"hash_ids\": [0, 1, 2, 3]}\n\
        {\"timestamp\": 1500, \"input_length\": 7322, \"output_length\": 490, \"hash_ids\": [0, 14, 15, 16]}\n\
        {\"timestamp\": 3000, \"input_length\": 6758, \"output_length\": 3, \"hash_ids\": [0, 1, 2, 3]}\n";
    let s = read(text).unwrap().summary;
    assert_eq!((s.span_s, s.origin, s.from), (Some(3.0), Some(Origin::RelativeMillis), None));
    assert_eq!(s.prefix_reuse_share, Some(1.0 - 7.0 / 12.0));
    assert_eq!(s.duplicate_share, Some(1.0 - 2.0 / 3.0));
}

#[test]
fn burstgpt_counts_seconds() {
    let text = "Timestamp,Model,Request tokens,Response tokens,Total tokens,Log Type\n5,ChatGPT,472,18,490,Conversation log\n45,ChatGPT,1087,230,1317,Conversation log\n";
    let s = read(text).unwrap().summary;
    assert_eq!((s.span_s, s.models[0].model.as_str()), (Some(40.0), "ChatGPT"));
}

#[test]
fn openai_usage_inside_a_stored_answer_is_found_and_cached_tokens_are_part_of_the_input() {
    let line = r#"{"created":1700158623,"model":"gpt-4o","choices":[{"message":{"content":"a \"}] b"}}],"usage":{"prompt_tokens":2006,"completion_tokens":300,"prompt_tokens_details":{"cached_tokens":1920}}}"#;
    let s = read(line).unwrap().summary;
    assert_eq!((s.input_tokens.unwrap().total, s.cached_tokens.unwrap().total), (2_006, 1_920));
    assert_eq!(s.cache_hit_rate, Some(1.0));
}

#[test]
fn the_first_of_a_kind_counts_and_what_is_nested_may_be_of_something_else() {
    let line = r#"{"timestamp":1700158623,"date":"Thursday","job":{"status":"x","time":"noon","latency":"fast"},"model":"gpt-4o","usage":{"input_tokens":7}}"#;
    let usage = read(line).unwrap();
    assert_eq!((usage.rows, usage.summary.from.as_deref()), (1, Some("2023-11-16T18:17:03Z")));
    assert!(read(r#"{"usage":{"input_tokens":"many"}}"#).is_err());
}

#[test]
fn the_logs_own_mix_of_models_is_priced() {
    // 2 days: 1,000 requests of gpt-4o at $0.006 (1,200 + 300 tokens), 1,000 of gpt-4o-mini at $0.00036.
    let mut text = String::from("timestamp,model,input_tokens,output_tokens\n");
    for i in 0..2_000 {
        let model = if i % 2 == 0 { "gpt-4o" } else { "gpt-4o-mini" };
        let at = 1_795_000_000.0 + f64::from(i) * 172_800.0 / 1_999.0;
        writeln!(text, "{at},{model},1200,300").unwrap();
    }
    let warnings = read(&text).unwrap().fill(Category::Cost, &testing::catalog(), &mut Facts::default());
    let told = &warnings.iter().find(|w| w.code == "several_models").unwrap().text;
    // 6.36 dollars in two days are 95.40 in 30.
    assert!(told.contains("50 %") && told.contains("$95.40"), "{told}");
}

#[test]
fn anthropic_usage_counts_the_cache_beside_the_input() {
    let line = r#"{"model":"claude-haiku-4-5","usage":{"input_tokens":50,"cache_read_input_tokens":900,"cache_creation_input_tokens":50,"output_tokens":10}}"#;
    let s = read(line).unwrap().summary;
    assert_eq!((s.input_tokens.unwrap().total, s.cached_share), (1_000, Some(0.9)));
    assert!(s.warnings.iter().any(|w| w.code == "cache_beside_input"));
}

#[test]
fn every_way_of_writing_csv_gives_the_same() {
    let expected =
        read("timestamp,model,input_tokens,latency_ms\n2026-01-01T00:00:00Z,m,1,2.5\n2026-01-01T00:01:00Z,m,2,3.5\n")
            .unwrap();
    for text in [
        "\u{feff}timestamp;model;input_tokens;latency_ms\r\n2026-01-01T00:00:00Z;m;1;2,5\r\n2026-01-01T00:01:00Z;m;2;3,5",
        "sep=\t\ntimestamp\tmodel\tinput_tokens\tlatency_ms\n2026-01-01T00:00:00Z\tm\t1\t2.5\n\n2026-01-01T00:01:00Z\tm\t2\t3.5\n",
        "# made by hand\n\"timestamp\",\"model\",\"input_tokens\",\"latency_ms\"\n\"2026-01-01T00:00:00Z\",\"m\",\"1\",\"2.5\"\n\"2026-01-01T00:01:00Z\",\"m\",\"2\",\"3.5\"\n",
        "prompt,timestamp,model,input_tokens,latency_ms\n\"hello,\n\"\"you\"\"\n\",2026-01-01T00:00:00Z,m,1.0,2.5\nx,2026-01-01T00:01:00Z,m,2.0,3.5\n",
    ] {
        let usage = read(text).unwrap_or_else(|p| panic!("{}: {text}", p.detail));
        assert_eq!((usage.rows, usage.rejected), (2, 0), "{text}: {:?}", usage.first_rejections);
        let (a, b) = (usage.summary, expected.summary.clone());
        assert_eq!(
            (a.input_tokens, a.latency_ms, a.span_s, a.models),
            (b.input_tokens, b.latency_ms, b.span_s, b.models),
            "{text}"
        );
    }
}

#[test]
fn bad_rows_are_counted_and_shown_with_their_line() {
    let text = "timestamp,model,input_tokens,output_tokens\n2026-01-01T00:00:00Z,m,1,1\nyesterday,m,1,1\n\
        2026-01-01T00:00:01Z,\"m\n\",-5,1\n2026-01-01T00:00:02Z,m,1\n2026-01-01T00:00:03Z,m,1,1,1\n2031-01-01,m,1,1\n,,,\n2026-01-01T00:00:09Z,m,1,1\n";
    let usage = read(text).unwrap();
    assert_eq!((usage.rows, usage.rejected), (2, 6));
    let shown: Vec<_> = usage.first_rejections.iter().map(|r| (r.line, r.message.as_str())).collect();
    assert_eq!(
        shown,
        [
            (3, "timestamp \"yesterday\" is not a time such as 2026-11-22T09:30:00Z"),
            (4, "input_tokens \"-5\" is not a count of tokens"),
            (6, "the row has fewer cells than the head"),
            (7, "the row has more cells than the head"),
            (8, "timestamp \"2031-01-01\" lies in the future"),
            (9, "the row has no time, no tokens and no latency"),
        ]
    );
}

#[test]
fn bad_json_lines_are_counted_too() {
    let text = "{\"input_tokens\": 1}\n{\"input_tokens\": 2\n[1]\n{\"input_tokens\": \"x\"}\n{} {}\n{\"input_tokens\": 3, \"cached_tokens\": 4}\n{\"a\":{\"b\":[{\"c\":\"]\"}]},\"input_tokens\":4}\n";
    let usage = read(text).unwrap();
    assert_eq!((usage.rows, usage.rejected, usage.summary.input_tokens.unwrap().total), (2, 5, 5));
}

#[test]
fn a_log_that_says_nothing_has_a_clear_problem() {
    for (text, code, says) in [
        ("", Code::Invalid, "empty"),
        ("\n\n", Code::Invalid, "empty"),
        ("timestamp,model\n", Code::Invalid, "a head and no rows"),
        ("name,age\nx,1\n", Code::Invalid, "name, age"),
        ("timestamp,model\nx,y\n", Code::Invalid, "line 2"),
        ("[{\"model\": 1}]", Code::Invalid, "JSON array"),
        ("timestamp,model\n2099-01-01,y\n", Code::Invalid, "future"),
        ("PK\u{3}\u{4}", Code::UnsupportedMedia, "ZIP"),
    ] {
        let problem = read(text).unwrap_err();
        assert_eq!(problem.code, code, "{text:?}");
        assert!(problem.detail.contains(says), "{text:?}: {}", problem.detail);
    }
    assert_eq!(read_in(b"\x1f\x8b\x08\0", 4).unwrap_err().code, Code::UnsupportedMedia);
}

#[test]
fn one_row_is_enough_for_sizes_but_not_for_a_rate() {
    let usage = read("timestamp,input_tokens,output_tokens\n2026-01-01,5,6\n").unwrap();
    let mut facts = Facts::default();
    let warnings = usage.fill(Category::Cost, &testing::catalog(), &mut facts);
    assert!(warnings.iter().any(|w| w.code == "one_moment"));
    assert_eq!((facts.workload.requests_per_day, facts.workload.input_tokens), (None, Some(5.0)));
}

#[test]
fn a_duration_without_a_unit_is_told() {
    for (rows, mean) in [("1.5\n2.5", 2_000.0), ("1500\n2500", 2_000.0)] {
        let usage = read(&format!("duration\n{rows}\n")).unwrap();
        assert_eq!(usage.summary.latency_ms.unwrap().mean, mean);
        assert!(usage.summary.warnings.iter().any(|w| w.code == "latency_unit"));
        assert_eq!(usage.observed().unwrap().latencies_ms(), [1_500.0, 2_500.0]);
    }
}

#[test]
fn a_quote_that_is_never_closed_costs_a_megabyte_at_most() {
    let mut text = String::from("model,input_tokens\n\"m,1\n");
    text.push_str(&"m,1\n".repeat(600_000));
    let whole = read(&text).unwrap();
    assert_eq!(whole.rejected, 1);
    assert!(whole.rows > 300_000, "{}", whole.rows);
    assert_eq!(whole.first_rejections[0].line, 2);
    let usage = read_in(text.as_bytes(), 1_000).unwrap();
    assert_eq!(usage.rejected, 1);
}

#[test]
fn a_million_models_are_bounded_and_the_rest_is_counted() {
    let mut reader = Reader::new(NOW);
    reader.push(b"model,input_tokens,output_tokens\n").unwrap();
    for i in 0..1_000_000 {
        reader.push(format!("model-{i},10,1\n").as_bytes()).unwrap();
    }
    let usage = reader.finish().unwrap();
    let other = usage.summary.other_models.as_ref().unwrap();
    assert_eq!(other.requests + usage.summary.models.iter().map(|m| m.requests).sum::<u64>(), 1_000_000);
    assert!((other.models as f64 / 1e6 - 1.0).abs() < 0.02, "{}", other.models);
    assert!(serde_json::to_string(&usage).unwrap().len() < 20_000);
}

#[test]
fn a_gigabyte_is_the_most() {
    let mut reader = Reader::new(NOW);
    reader.push(b"model,input_tokens\n").unwrap();
    reader.bytes_for_test(l::USAGE_MAX_BYTES - 5);
    assert!(reader.push(b"m,1\n").is_ok());
    assert_eq!(reader.push(b"m,1\n").unwrap_err().code, Code::TooLong);
}

#[test]
fn a_synthetic_log_repeats_says_so_and_reads_back() {
    for form in [LogForm::Csv, LogForm::Jsonl] {
        let log = |seed| {
            let (mut synthetic, mut out) = (Synthetic::new(seed, form), String::new());
            (0..30_000).for_each(|_| synthetic.row(&mut out));
            out
        };
        assert_eq!(log(1), log(1));
        assert_ne!(log(1), log(2));
        let usage = read(&log(1)).unwrap();
        let s = &usage.summary;
        assert_eq!((usage.rows, usage.rejected), (30_000, 0));
        assert!(s.warnings.iter().any(|w| w.code == "synthetic"));
        assert_eq!(s.models[0].model, "gpt-4o");
        assert!(s.peak_factor.unwrap() > 1.0 && s.latency_ms.unwrap().p50 > 1_000.0);
        assert_eq!(usage.observed().unwrap().arrivals().len(), l::USAGE_SAMPLE_ROWS);
        let stored = serde_json::to_string(&usage).unwrap();
        assert!(stored.len() < 400_000, "{}", stored.len());
        assert_eq!(serde_json::from_str::<Usage>(&stored).unwrap(), usage);
    }
}

#[test]
fn what_is_given_wins_over_the_log() {
    let usage =
        read("timestamp,model,input_tokens,output_tokens\n2026-01-01,gpt-4o,100,10\n2026-01-03,gpt-4o,300,30\n")
            .unwrap();
    let mut facts = Facts::default();
    facts.workload.input_tokens = Some(7.0);
    usage.fill(Category::Cost, &testing::catalog(), &mut facts);
    let w = &facts.workload;
    assert_eq!((w.requests_per_day, w.input_tokens, w.output_tokens), (Some(1.0), Some(7.0), Some(20.0)));
    assert_eq!(w.model.as_deref(), Some("gpt-4o"));
    let source = |field: &str| facts.provenance.get(field).map(|p| p.source);
    assert_eq!((source("input_tokens"), source("output_tokens")), (None, Some(crate::workload::Source::Log)));
}

#[test]
fn the_models_of_a_log_are_kinds_of_work_for_a_plan() {
    let text =
        "timestamp,model,input_tokens,output_tokens\n2026-01-01,a,100,10\n2026-01-02,b,300,30\n2026-01-03,b,500,30\n";
    let (mut facts, mut plain) = (Facts::default(), Facts::default());
    read(text).unwrap().fill(Category::Advanced, &testing::catalog(), &mut facts);
    let names: Vec<_> =
        facts.workload.classes.iter().map(|c| (c.name.as_str(), c.requests_per_day, c.input_tokens)).collect();
    assert_eq!(names, [("b", 1.0, 400.0), ("a", 0.5, 100.0)]);
    read(text).unwrap().fill(Category::Cost, &testing::catalog(), &mut plain);
    assert!(plain.workload.classes.is_empty());
}

proptest! {
    #[test]
    fn pieces_of_any_size_give_the_same(piece in 1_usize..200, quoted in any::<bool>(), rows in 1_usize..60) {
        let mut text = String::from("timestamp,model,input_tokens,prompt\n");
        for i in 0..rows {
            let prompt = if quoted { "\"a, \"\"b\"\"\n c\"" } else { "x" };
            writeln!(text, "2026-01-01 00:00:{:02},m{},{i},{prompt}", i % 60, i % 3).unwrap();
        }
        prop_assert_eq!(read_in(text.as_bytes(), piece), read(&text));
    }

    #[test]
    fn any_bytes_end_with_an_answer_or_a_problem(bytes in prop::collection::vec(any::<u8>(), 0..600), piece in 1_usize..50) {
        let _ = read_in(&bytes, piece);
    }

    #[test]
    fn any_text_after_a_head_is_survived(text in "[0-9a-z,;\"\n\r{}:\\[\\] .T-]{0,400}", piece in 1_usize..50, json in any::<bool>()) {
        let head = if json { "{\"model\":\"m\"}\n" } else { "timestamp,model,input_tokens,latency,hash_ids\n" };
        if let Ok(usage) = read_in(format!("{head}{text}").as_bytes(), piece) {
            let mut facts = Facts::default();
            usage.fill(Category::Advanced, &testing::catalog(), &mut facts);
            prop_assert!(facts.workload.errors().is_empty(), "{:?}", facts.workload.errors());
        }
    }
}
