//! Starting this program as its own child process.

use std::io;
use std::path::PathBuf;

/// The command with which this program processes one picture.
pub(crate) const PROCESS_PICTURE: &str = "process-picture";

/// This program and that command. It is the running program, even if its file was replaced since the start.
pub(crate) fn picture_worker() -> io::Result<(PathBuf, Vec<String>)> {
    let running = PathBuf::from("/proc/self/exe");
    let program = if running.exists() { running } else { std::env::current_exe()? };
    Ok((program, vec![PROCESS_PICTURE.to_owned()]))
}
