//! The binary `rapid`.

fn main() -> std::process::ExitCode {
    load::cli::main()
}
