//! x
#![allow(missing_docs, clippy::all, clippy::pedantic)]
use std::io::BufRead;
fn main() {
    let names = shared::extract::says();
    for line in std::io::stdin().lock().lines() {
        let text = line.unwrap().replace("\\n", "\n");
        println!("{text}");
        for f in shared::extract::figures(&text) {
            println!("   [{}] {} | {}", f.words, f.claim.map_or("-", |k| names[k]), shared::extract::learned_peek(&text, &f.words));
        }
        let e = shared::extract::extract(&text);
        println!("   => {}", serde_json::to_string(&e.workload).unwrap());
        for q in e.questions { println!("   ? {} {}", q.field, q.text); }
    }
}
