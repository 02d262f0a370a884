//! `drumbeat`: the whole deployment in one file.

use std::process::ExitCode;

/// A thousand browsers take half the memory that they take with that of the C library (`make bench`, live).
#[cfg(target_os = "linux")]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> ExitCode {
    server::cli::main()
}
