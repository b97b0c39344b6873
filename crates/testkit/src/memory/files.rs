//! The file store.

use async_trait::async_trait;
use domain::media::{Body, FileError, FileKey, FileStore, OpenFile, Part, Whole};
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Keeps files in memory. It can be told to be full, or to delete nothing.
#[derive(Default)]
pub struct MemoryFiles {
    files: Mutex<BTreeMap<(FileKey, &'static str), Vec<u8>>>,
    full: AtomicBool,
    stuck: AtomicBool,
}

impl MemoryFiles {
    /// A store without files.
    pub fn new() -> Arc<Self> {
        Arc::default()
    }

    /// Sets whether it is full, so that it takes nothing more.
    pub fn set_full(&self, full: bool) {
        self.full.store(full, Ordering::SeqCst);
    }

    /// Sets whether nothing can be deleted.
    pub fn set_stuck(&self, stuck: bool) {
        self.stuck.store(stuck, Ordering::SeqCst);
    }

    /// How many parts are stored.
    pub fn count(&self) -> usize {
        self.files().len()
    }

    fn files(&self) -> MutexGuard<'_, BTreeMap<(FileKey, &'static str), Vec<u8>>> {
        self.files.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl FileStore for MemoryFiles {
    async fn put<'a>(
        &self,
        key: &FileKey,
        part: Part,
        body: &'a mut Body<'a>,
    ) -> Result<u64, FileError> {
        let mut bytes = Vec::new();
        while let Some(piece) = body.next().await? {
            bytes.extend(piece);
        }
        if self.full.load(Ordering::SeqCst) {
            return Err(FileError::unavailable("there is no room"));
        }
        let size = bytes.len() as u64;
        self.files().insert((key.clone(), part.as_str()), bytes);
        Ok(size)
    }

    async fn open(
        &self,
        key: &FileKey,
        part: Part,
        range: Option<Range<u64>>,
    ) -> Result<OpenFile, FileError> {
        let files = self.files();
        let bytes = files.get(&(key.clone(), part.as_str())).ok_or(FileError::NotFound)?;
        let size = bytes.len();
        let cut = |at: u64| usize::try_from(at).unwrap_or(size).min(size);
        let Range { start, end } = range.unwrap_or(0..u64::MAX);
        let wanted = bytes[cut(start)..cut(end)].to_vec();
        Ok(OpenFile { size: size as u64, body: Box::new(Whole::new(wanted)) })
    }

    async fn remove(&self, key: &FileKey, part: Part) -> Result<(), FileError> {
        if self.stuck.load(Ordering::SeqCst) {
            return Err(FileError::unavailable("nothing can be deleted"));
        }
        self.files().remove(&(key.clone(), part.as_str()));
        Ok(())
    }
}
