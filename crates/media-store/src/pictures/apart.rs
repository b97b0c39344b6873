//! A worker, seen from the server.

use super::head::Head;
use super::turns::Turn;
use super::worker;
use async_trait::async_trait;
use domain::limits::FILE_BYTES;
use domain::media::{Chunks, FileError, ImageError, ImageFormat, Purpose};
use std::path::PathBuf;
use std::process::Stdio;
use tokio::io::{AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

/// Bytes that are taken over at once.
const PIECE: usize = 64 * 1024;

/// A program that calls [`super::work`] with the two words that follow these arguments.
#[derive(Debug, Clone)]
pub struct Worker {
    /// Where it is.
    pub program: PathBuf,
    /// What it is called with first.
    pub arguments: Vec<String>,
}

/// A worker at work, and its turn. Both end when this is dropped.
pub(super) struct Apart {
    child: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
    /// Bytes that it may still hand on.
    room: u64,
    _turn: Turn,
}

impl Apart {
    pub(super) fn start(
        worker: &Worker,
        format: ImageFormat,
        purpose: Purpose,
        turn: Turn,
    ) -> Result<Self, ImageError> {
        let mut command = Command::new(&worker.program);
        command.args(&worker.arguments).args([format.mime(), worker::word(purpose)]);
        // It needs to know nothing, and the environment has secrets.
        command.env_clear().current_dir("/").kill_on_drop(true);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().map_err(failed)?;
        let (input, output) = (child.stdin.take(), child.stdout.take());
        let output = output.ok_or_else(|| failed("it has no output"))?;
        Ok(Self {
            child,
            input,
            output: BufReader::with_capacity(PIECE, output),
            room: FILE_BYTES,
            _turn: turn,
        })
    }

    /// Hands the upload over. The worker reads all of it before it says anything.
    pub(super) async fn feed(&mut self, mut upload: Box<dyn Chunks>) -> Result<(), ImageError> {
        let Some(mut input) = self.input.take() else { return Ok(()) };
        while let Some(piece) = upload.next().await.map_err(ImageError::Failed)? {
            // Why it does not want more shows at its end.
            if input.write_all(&piece).await.is_err() {
                break;
            }
        }
        Ok(())
    }

    /// What it says first, or why it says nothing.
    pub(super) async fn head(&mut self) -> Result<Head, ImageError> {
        if let Some(head) = Head::read(&mut self.output).await {
            return Ok(head);
        }
        let status = self.child.wait().await.map_err(failed)?;
        Err(worker::refusal(status))
    }
}

/// The picture. It is all there only if the worker ended well.
#[async_trait]
impl Chunks for Apart {
    async fn next(&mut self) -> Result<Option<Vec<u8>>, FileError> {
        let mut piece = Vec::with_capacity(PIECE);
        self.output.read_buf(&mut piece).await.map_err(FileError::unavailable)?;
        if !piece.is_empty() {
            // Made anew it may be larger than it was, and stays on the disk.
            let room = self.room.checked_sub(piece.len() as u64);
            self.room = room.ok_or(FileError::TooLarge)?;
            return Ok(Some(piece));
        }
        let status = self.child.wait().await.map_err(FileError::unavailable)?;
        match status.success() {
            true => Ok(None),
            false => Err(FileError::TooLarge),
        }
    }
}

fn failed(why: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> ImageError {
    ImageError::Failed(FileError::unavailable(why))
}
