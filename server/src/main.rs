//! `drumbeat`: the whole deployment in one file.

use std::process::ExitCode;

fn main() -> ExitCode {
    server::cli::main()
}
