//! This program, as one that it calls itself.

use std::io;
use std::path::PathBuf;

/// The command that this program works on one picture by.
pub(crate) const PROCESS_PICTURE: &str = "process-picture";

/// This program and that command: what runs now, even if another file has taken its place since.
pub(crate) fn picture_worker() -> io::Result<(PathBuf, Vec<String>)> {
    let running = PathBuf::from("/proc/self/exe");
    let program = if running.exists() { running } else { std::env::current_exe()? };
    Ok((program, vec![PROCESS_PICTURE.to_owned()]))
}
