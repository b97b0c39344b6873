//! Whether a request is carried out, answered as before, or refused.

use crate::clock::Timestamp;
use crate::failure::{Failure, Kind};
use crate::ids::UserId;
use crate::limits::{IDEMPOTENCY_ANSWER_BYTES, IDEMPOTENCY_KEY_CHARS, IDEMPOTENCY_KEYS};
use std::time::Duration;

/// A client's name for a request: 1 to [`IDEMPOTENCY_KEY_CHARS`] characters of ASCII that can be seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdempotencyKey(String);

/// Why something is no idempotency key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("Idempotency-Key is there once, with 1 to {IDEMPOTENCY_KEY_CHARS} characters of ASCII.")]
pub struct NotAnIdempotencyKey;

impl From<NotAnIdempotencyKey> for Failure {
    fn from(error: NotAnIdempotencyKey) -> Self {
        Self::new(Kind::Invalid, "idempotency_key_malformed", error)
    }
}

impl IdempotencyKey {
    /// Parses the values of the header; `None` if it is not there.
    pub fn read<'a>(
        mut values: impl Iterator<Item = &'a [u8]>,
    ) -> Result<Option<Self>, NotAnIdempotencyKey> {
        let Some(value) = values.next() else { return Ok(None) };
        let is_seen = value.iter().all(|byte| matches!(byte, b' '..=b'~'));
        let fits = (1..=IDEMPOTENCY_KEY_CHARS).contains(&value.len());
        match str::from_utf8(value) {
            Ok(key) if is_seen && fits && values.next().is_none() => Ok(Some(Self(key.to_owned()))),
            _ => Err(NotAnIdempotencyKey),
        }
    }

    /// The key as sent.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A request that begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewRequest {
    /// Whose key it is: an account's, of a service key its own.
    pub owner: UserId,
    /// The digest of the key.
    pub key: [u8; 32],
    /// The digest of the request.
    pub request: [u8; 32],
    /// Now.
    pub at: Timestamp,
    /// Until when nobody else carries it out.
    pub until: Timestamp,
}

/// What is known of an earlier request with the same key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundRequest {
    /// The digest of the request.
    pub request: [u8; 32],
    /// Until when nobody else carries it out.
    pub until: Timestamp,
    /// Its answer, once it has one.
    pub answer: Option<KeptAnswer>,
}

/// An answer that is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptAnswer {
    /// Its status.
    pub status: u16,
    /// The type of its body, if it has one.
    pub content_type: Option<String>,
    /// Its body.
    pub body: Vec<u8>,
}

impl KeptAnswer {
    /// Whether it is kept: a success, unless it is too large.
    pub fn is_kept(&self) -> bool {
        (200..300).contains(&self.status) && self.body.len() <= IDEMPOTENCY_ANSWER_BYTES
    }
}

/// What happens to a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Beginning {
    /// It is carried out.
    New,
    /// It is carried out, in place of one that came to no end.
    TakeOver,
    /// It is answered as before.
    Answered(KeptAnswer),
}

/// Why a request is not carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RepeatRefusal {
    /// The key was sent with another request.
    #[error("This Idempotency-Key was sent with another request.")]
    Reused,
    /// The same request is being carried out.
    #[error("The request with this Idempotency-Key is still under way.")]
    UnderWay,
    /// The account has too many keys.
    #[error("{IDEMPOTENCY_KEYS} keys are kept already; the oldest is forgotten after a day.")]
    TooMany,
}

/// When to ask again for a request that is under way.
const SOON: Duration = Duration::from_secs(1);

impl From<RepeatRefusal> for Failure {
    fn from(refusal: RepeatRefusal) -> Self {
        match refusal {
            RepeatRefusal::Reused => Self::new(Kind::Conflict, "idempotency_key_reused", refusal),
            RepeatRefusal::UnderWay => {
                let failure = Self::new(Kind::Conflict, "idempotency_under_way", refusal);
                Self { retry_after: Some(SOON), ..failure }
            }
            RepeatRefusal::TooMany => {
                Self::too_many(Duration::from_secs(60), "too_many_idempotency_keys", refusal)
            }
        }
    }
}

impl NewRequest {
    /// What happens, given what is known of an earlier one with its key, and how many keys of the owner are kept.
    pub fn decide(
        &self,
        found: Option<FoundRequest>,
        kept: usize,
    ) -> Result<Beginning, RepeatRefusal> {
        let Some(found) = found else {
            return if kept < IDEMPOTENCY_KEYS {
                Ok(Beginning::New)
            } else {
                Err(RepeatRefusal::TooMany)
            };
        };
        if found.request != self.request {
            return Err(RepeatRefusal::Reused);
        }
        match found.answer {
            Some(answer) => Ok(Beginning::Answered(answer)),
            None if found.until > self.at => Err(RepeatRefusal::UnderWay),
            None => Ok(Beginning::TakeOver),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_micros(second * 1_000_000)
    }

    #[test]
    fn a_key_is_seen_and_there_once() {
        let read = |values: &[&[u8]]| IdempotencyKey::read(values.iter().copied());
        assert_eq!(read(&[]), Ok(None));
        let long = [b'x'; IDEMPOTENCY_KEY_CHARS];
        for good in [&b"order-7 paid"[..], b"~", &long] {
            let key = read(&[good]).unwrap().unwrap();
            assert_eq!(key.as_str().as_bytes(), good);
        }
        let longer = [b'x'; IDEMPOTENCY_KEY_CHARS + 1];
        for bad in [&[&b""[..]][..], &[&longer], &[b"a\tb"], &["й".as_bytes()], &[b"a", b"a"]] {
            assert_eq!(read(bad), Err(NotAnIdempotencyKey), "{bad:?}");
        }
    }

    #[test]
    fn a_request_is_carried_out_once() {
        let (owner, key, request) = (UserId::stored(1), [1; 32], [2; 32]);
        let new = NewRequest { owner, key, request, at: at(10), until: at(70) };
        let body = b"{}".to_vec();
        let answer = KeptAnswer { status: 201, content_type: None, body };
        let found = |request, until, answer: Option<&KeptAnswer>| {
            Some(FoundRequest { request, until: at(until), answer: answer.cloned() })
        };
        assert_eq!(new.decide(None, IDEMPOTENCY_KEYS - 1), Ok(Beginning::New));
        assert_eq!(new.decide(None, IDEMPOTENCY_KEYS), Err(RepeatRefusal::TooMany));
        let answered = Ok(Beginning::Answered(answer.clone()));
        assert_eq!(new.decide(found(request, 5, Some(&answer)), IDEMPOTENCY_KEYS), answered);
        for (until, answer) in [(5, None), (11, None), (5, Some(&answer))] {
            assert_eq!(new.decide(found([3; 32], until, answer), 1), Err(RepeatRefusal::Reused));
        }
        assert_eq!(new.decide(found(request, 11, None), 1), Err(RepeatRefusal::UnderWay));
        assert_eq!(new.decide(found(request, 10, None), 1), Ok(Beginning::TakeOver));
    }

    #[test]
    fn successes_are_kept_that_are_not_too_large() {
        let kept = |status, bytes| {
            KeptAnswer { status, content_type: None, body: vec![0; bytes] }.is_kept()
        };
        assert!(kept(200, 0) && kept(204, 0) && kept(201, IDEMPOTENCY_ANSWER_BYTES));
        assert!(!kept(201, IDEMPOTENCY_ANSWER_BYTES + 1));
        for status in [304, 400, 403, 409, 429, 500, 503] {
            assert!(!kept(status, 0), "{status}");
        }
    }
}
