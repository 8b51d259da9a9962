//! Prints how well text is read: `cargo run -p shared --example extract_score [-- --differences [tuned]]`.

#![allow(clippy::print_stdout, missing_docs)]

#[path = "../tests/extract/score.rs"]
mod score;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let differences = arguments.iter().any(|a| a == "--differences");
    let only = arguments.iter().find(|a| !a.starts_with("--"));
    for set in score::SETS.iter().filter(|set| only.is_none_or(|name| name == set.name)) {
        let score = score::score(set);
        println!("{}: {score}", set.name);
        if differences {
            score.differences.iter().for_each(|line| println!("  {line}"));
        }
    }
}
