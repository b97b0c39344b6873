//! Errors for people at a terminal.

use std::error::Error;

/// What stops a command.
pub(crate) type BoxError = Box<dyn Error + Send + Sync>;

/// An error with its causes, on one line; causes that its text already contains are left out.
pub(crate) fn one_line(error: &(dyn Error + 'static)) -> String {
    let mut line = error.to_string();
    let causes = std::iter::successors(error.source(), |cause| (*cause).source());
    for cause in causes.map(ToString::to_string) {
        if !line.contains(&cause) {
            line = format!("{line}: {cause}");
        }
    }
    line.lines().map(str::trim).collect::<Vec<_>>().join(" ")
}
