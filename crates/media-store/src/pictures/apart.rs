//! Running a worker process, from the server's side.

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

/// Bytes that are read at once.
const PIECE: usize = 64 * 1024;

/// A program that calls [`super::work`] with the two words that follow its arguments.
#[derive(Debug, Clone)]
pub struct Worker {
    /// The program's path.
    pub program: PathBuf,
    /// Its first arguments.
    pub arguments: Vec<String>,
}

/// A running worker, and its turn. Both end when this is dropped.
pub(super) struct Apart {
    child: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
    /// How many bytes it may still write.
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
        // The worker needs no environment, and the server's contains secrets.
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

    /// Passes the upload to the worker, which reads all of it before it writes anything.
    pub(super) async fn feed(&mut self, mut upload: Box<dyn Chunks>) -> Result<(), ImageError> {
        let Some(mut input) = self.input.take() else { return Ok(()) };
        while let Some(piece) = upload.next().await.map_err(ImageError::Failed)? {
            // Why it stopped reading shows in its exit status.
            if input.write_all(&piece).await.is_err() {
                break;
            }
        }
        Ok(())
    }

    /// Reads the head that the worker writes first; if there is none, the reason by its exit status.
    pub(super) async fn head(&mut self) -> Result<Head, ImageError> {
        if let Some(head) = Head::read(&mut self.output).await {
            return Ok(head);
        }
        let status = self.child.wait().await.map_err(failed)?;
        Err(worker::refusal(status))
    }
}

/// The picture's bytes. They are complete only if the worker exits successfully.
#[async_trait]
impl Chunks for Apart {
    async fn next(&mut self) -> Result<Option<Vec<u8>>, FileError> {
        let mut piece = Vec::with_capacity(PIECE);
        self.output.read_buf(&mut piece).await.map_err(FileError::unavailable)?;
        if !piece.is_empty() {
            // A re-encoded picture may be larger than the upload, so its size is limited, too.
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
