//! The worker as a separate program, for this crate's tests; the server starts itself as its worker.

use std::env::args;
use std::process::ExitCode;

fn main() -> ExitCode {
    let word = |nth| args().nth(nth).unwrap_or_default();
    media_store::work(&word(1), &word(2))
}
