//! Prints how well text is read: `cargo run -p shared --example extract_score [-- --differences [tuned]]`; a name that
//! ends in `.jsonl` is a file of labelled messages that are no set yet. `--time` says how long a message takes to read, of
//! the sets by writers of their own.

#![allow(clippy::print_stdout, missing_docs)]

#[path = "../tests/extract/score.rs"]
mod score;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let differences = arguments.iter().any(|a| a == "--differences");
    if arguments.iter().any(|a| a == "--time") {
        return time();
    }
    let only = arguments.iter().find(|a| !a.starts_with("--"));
    let print = |name: &str, score: &score::Score| {
        println!("{name}: {score}");
        if differences {
            score.differences.iter().for_each(|line| println!("  {line}"));
        }
    };
    if let Some(path) = only.filter(|name| std::path::Path::new(name).extension().is_some_and(|e| e == "jsonl")) {
        match std::fs::read_to_string(path) {
            Ok(lines) => print(path, &score::score(&lines)),
            Err(error) => println!("{path} is not read: {error}"),
        }
        return;
    }
    for set in score::SETS.iter().filter(|set| only.is_none_or(|name| name == set.name)) {
        let held_out = if score::UNSEEN.contains(&set.name) { " (held out)" } else { "" };
        print(&format!("{}{held_out}", set.name), &score::score(set.lines));
    }
}

/// The best of ten rounds over whole messages; use a release build.
fn time() {
    let texts: Vec<String> = score::SETS
        .iter()
        .filter(|set| set.name.starts_with("blind 1") && set.name.len() > 7)
        .flat_map(|set| set.lines.lines())
        .filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok()?["text"].as_str().map(String::from))
        .collect();
    let round = || {
        let start = std::time::Instant::now();
        for text in &texts {
            std::hint::black_box(shared::extract::extract(std::hint::black_box(text)));
        }
        start.elapsed().as_secs_f64() * 1e6 / texts.len() as f64
    };
    let best = (0..10).map(|_| round()).fold(f64::INFINITY, f64::min);
    let characters = texts.iter().map(|text| text.chars().count()).sum::<usize>() / texts.len().max(1);
    println!("{} messages of {characters} characters: {best:.1} us each", texts.len());
}
