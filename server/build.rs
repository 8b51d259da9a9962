//! Tells cargo that the embedded migrations depend on their folder, so that a new file is noticed.

fn main() {
    println!("cargo:rerun-if-changed=migrations");
}
