//! The file store's promises, in a folder, in memory, and in a bucket.
#![allow(clippy::unwrap_used, reason = "a panic is a test's verdict")]

mod bucket;

use bucket::FakeBucket;
use domain::media::{FileError, FileKey, FileStore, Part, Whole};
use media_store::{Bucket, Files};
use object_store::memory::InMemory;
use std::borrow::Borrow;
use std::fs;
use std::sync::Arc;

/// A store, and what it runs on.
struct Place<T> {
    files: Files,
    _ground: T,
}

impl<T> Borrow<dyn FileStore> for Place<T> {
    fn borrow(&self) -> &(dyn FileStore + 'static) {
        &self.files
    }
}

async fn in_folder() -> Place<tempfile::TempDir> {
    let folder = tempfile::tempdir().unwrap();
    Place { files: Files::in_folder(folder.path()).unwrap(), _ground: folder }
}

async fn in_memory() -> Place<()> {
    Place { files: Files::over(Arc::new(InMemory::new())), _ground: () }
}

async fn in_bucket() -> Place<FakeBucket> {
    let bucket = FakeBucket::start().await;
    Place { files: Files::in_bucket(described(&bucket)).unwrap(), _ground: bucket }
}

fn described(bucket: &FakeBucket) -> Bucket {
    Bucket {
        name: "confab".into(),
        endpoint: Some(bucket.endpoint()),
        region: "here".into(),
        key: Some(("an id".into(), "a secret".into())),
    }
}

mod folder {
    testkit::file_tests!(crate::in_folder);
}

mod memory {
    testkit::file_tests!(crate::in_memory);
}

mod s3 {
    testkit::file_tests!(crate::in_bucket);
}

fn key() -> FileKey {
    FileKey::new([7; 32])
}

#[tokio::test]
async fn no_half_file_is_left_in_a_folder() {
    let place = in_folder().await;
    struct Breaks(usize);
    #[async_trait::async_trait]
    impl domain::media::Chunks for Breaks {
        async fn next(&mut self) -> Result<Option<Vec<u8>>, FileError> {
            self.0 += 1;
            if self.0 < 9 { Ok(Some(vec![0; 100_000])) } else { Err(FileError::Broken) }
        }
    }
    let put = place.files.put(&key(), Part::File, &mut Breaks(0)).await;
    assert!(matches!(put, Err(FileError::Broken)), "{put:?}");
    let folders = fs::read_dir(place._ground.path()).unwrap().map(|entry| entry.unwrap().path());
    let files: Vec<_> = folders.flat_map(|folder| fs::read_dir(folder).unwrap()).collect();
    assert!(files.is_empty(), "{files:?}");
}

#[tokio::test]
async fn a_bucket_that_refuses_is_an_error_that_tells_no_secret() {
    let bucket = FakeBucket::start().await;
    bucket.refuse();
    let files = Files::in_bucket(described(&bucket)).unwrap();
    let put = files.put(&key(), Part::File, &mut Whole::new(vec![1])).await;
    let Err(FileError::Unavailable(cause)) = put else { panic!("{put:?}") };
    let told = format!("{cause} {cause:?} {:?}", described(&bucket));
    assert!(!told.contains("a secret"), "{told}");
}

#[test]
fn a_folder_that_is_not_there_is_an_error() {
    assert!(Files::in_folder(std::path::Path::new("/nowhere/at/all")).is_err());
}
