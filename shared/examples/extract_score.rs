//! Prints how well text is read: `cargo run -p shared --example extract_score [-- --differences [tuned]]`; a name that
//! ends in `.jsonl` is a file of labelled messages that are no set yet.

#![allow(clippy::print_stdout, missing_docs)]

#[path = "../tests/extract/score.rs"]
mod score;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let differences = arguments.iter().any(|a| a == "--differences");
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
        print(set.name, &score::score(set.lines));
    }
}
