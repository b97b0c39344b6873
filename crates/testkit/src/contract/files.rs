//! Promises of [`domain::media::FileStore`].

use super::fixtures::{POLL_COUNTS, poll_then_drop};
use async_trait::async_trait;
use domain::media::{Chunks, FileError, FileKey, FileStore, Part, Whole};

fn key(n: u8) -> FileKey {
    FileKey::new([n; 32])
}

/// Bytes that differ from their neighbours.
fn bytes(length: usize) -> Vec<u8> {
    (0..length).map(|n| (n % 251) as u8).collect()
}

/// `left` pieces of the same bytes, and then, if `breaks`, a broken connection.
struct Pieces {
    left: usize,
    piece: Vec<u8>,
    breaks: bool,
}

#[async_trait]
impl Chunks for Pieces {
    async fn next(&mut self) -> Result<Option<Vec<u8>>, FileError> {
        // Makes its reader wait, as a network does.
        tokio::task::yield_now().await;
        match self.left.checked_sub(1) {
            Some(left) => self.left = left,
            None if self.breaks => return Err(FileError::Broken),
            None => return Ok(None),
        }
        Ok(Some(self.piece.clone()))
    }
}

async fn read(files: &dyn FileStore, key: &FileKey, part: Part) -> Option<Vec<u8>> {
    match files.open(key, part, None).await {
        Ok(open) => {
            let all = all(open.body).await;
            assert_eq!(open.size, all.len() as u64);
            Some(all)
        }
        Err(FileError::NotFound) => None,
        Err(error) => panic!("{error}"),
    }
}

async fn all(mut body: Box<dyn Chunks>) -> Vec<u8> {
    let mut all = Vec::new();
    while let Some(piece) = body.next().await.unwrap() {
        all.extend(piece);
    }
    all
}

pub async fn bytes_come_back_as_they_were(files: &dyn FileStore) {
    for (n, length) in (0..).zip([0, 1, 255, 65_536, 300_000, 6_000_000]) {
        let mut body = Whole::new(bytes(length));
        let size = files.put(&key(n), Part::File, &mut body).await.unwrap();
        assert_eq!(size, length as u64);
        assert!(read(files, &key(n), Part::File).await == Some(bytes(length)), "{length}");
    }
    let piece = bytes(40_000);
    let mut body = Pieces { left: 200, piece: piece.clone(), breaks: false };
    assert_eq!(files.put(&key(9), Part::File, &mut body).await.unwrap(), 8_000_000);
    assert!(read(files, &key(9), Part::File).await == Some(piece.repeat(200)));
}

pub async fn parts_and_keys_do_not_mix(files: &dyn FileStore) {
    for (n, part) in (0..).zip(Part::ALL) {
        for id in 1..4 {
            let said = vec![id, n];
            files.put(&key(id), part, &mut Whole::new(said)).await.unwrap();
        }
    }
    files.remove(&key(2), Part::Thumbnail).await.unwrap();
    for (n, part) in (0..).zip(Part::ALL) {
        for id in 1..4 {
            let there = (id, part) != (2, Part::Thumbnail);
            assert_eq!(read(files, &key(id), part).await, there.then(|| vec![id, n]));
        }
    }
}

pub async fn a_range_is_cut_off_at_the_end(files: &dyn FileStore) {
    let all_bytes = bytes(1_000);
    files.put(&key(1), Part::File, &mut Whole::new(all_bytes.clone())).await.unwrap();
    for (range, expected) in
        [(0..1, 0..1), (0..1_000, 0..1_000), (500..600, 500..600), (990..2_000, 990..1_000)]
    {
        let open = files.open(&key(1), Part::File, Some(range)).await.unwrap();
        assert_eq!(open.size, 1_000);
        assert_eq!(all(open.body).await, all_bytes[expected]);
    }
}

pub async fn what_was_removed_is_not_there(files: &dyn FileStore) {
    assert!(read(files, &key(1), Part::File).await.is_none());
    files.put(&key(1), Part::File, &mut Whole::new(bytes(10))).await.unwrap();
    for _ in 0..2 {
        files.remove(&key(1), Part::File).await.unwrap();
        assert!(read(files, &key(1), Part::File).await.is_none());
    }
}

pub async fn what_did_not_arrive_whole_is_not_there(files: &dyn FileStore) {
    for (n, left) in (0..).zip([0, 1, 3, 200]) {
        let mut body = Pieces { left, piece: bytes(40_000), breaks: true };
        let put = files.put(&key(n), Part::File, &mut body).await;
        assert!(matches!(put, Err(FileError::Broken)), "{put:?}");
        assert!(read(files, &key(n), Part::File).await.is_none());
    }
}

pub async fn what_was_dropped_half_way_is_not_there(files: &dyn FileStore) {
    for (n, times) in (0..).zip(POLL_COUNTS) {
        let mut body = Pieces { left: 50, piece: bytes(40_000), breaks: false };
        let stored = poll_then_drop(times, files.put(&key(n), Part::File, &mut body)).await;
        let found = read(files, &key(n), Part::File).await;
        if stored.is_some() {
            assert_eq!(found.map(|found| found.len()), Some(2_000_000));
        } else {
            assert!(found.is_none_or(|found| found.len() == 2_000_000), "whole or not at all");
        }
    }
}
