//! Errors: what callers learn when something did not work, and what stores return.

use std::error::Error;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

/// The kind of a refusal. Each protocol maps it to what it has, such as a status of HTTP.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// What was sent breaks a rule; sending it again will not help.
    Invalid,
    /// It is not known who is calling.
    Unauthenticated,
    /// The caller is known, and may not do this.
    Forbidden,
    /// There is no such thing, or the caller may not know of it.
    NotFound,
    /// The call does not fit the present state.
    Conflict,
    /// Something is larger than allowed.
    TooLarge,
    /// Too often. The same call will succeed later.
    TooMany,
    /// Not now. Trying again may help.
    Unavailable,
    /// A bug in this program.
    Internal,
}

impl Kind {
    /// Whether the same call may succeed later.
    pub const fn retryable(self) -> bool {
        matches!(self, Self::TooMany | Self::Unavailable)
    }
}

/// One field that was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldFailure {
    /// The field's name, as the caller wrote it.
    pub field: &'static str,
    /// A code for programs. `docs/api/errors.md` lists them all.
    pub code: &'static str,
    /// A sentence for people.
    pub detail: String,
}

/// A refusal, reduced to what callers may know.
#[derive(Debug, Clone)]
pub struct Failure {
    /// Its kind.
    pub kind: Kind,
    /// A code for programs. `docs/api/errors.md` lists them all.
    pub code: &'static str,
    /// A sentence for people. It has no cause and no secret.
    pub detail: String,
    /// The fields at fault, if any are.
    pub fields: Vec<FieldFailure>,
    /// How long to wait before trying again, if that is known; see [`Failure::wait`].
    pub retry_after: Option<Duration>,
    /// For the log only. It never reaches a caller.
    pub cause: Option<Arc<dyn Error + Send + Sync>>,
}

/// How long to wait before trying again, if nothing better is known.
const MOMENT: Duration = Duration::from_secs(1);

impl Failure {
    /// A refusal of the call as a whole.
    #[expect(clippy::needless_pass_by_value, reason = "callers hand over the error they match on")]
    pub fn new(kind: Kind, code: &'static str, detail: impl ToString) -> Self {
        let (detail, fields) = (detail.to_string(), Vec::new());
        Self { kind, code, detail, fields, retry_after: None, cause: None }
    }
    /// A refusal of something that was done too often, and for how long it stays refused.
    pub fn too_many(wait: Duration, code: &'static str, detail: impl ToString) -> Self {
        Self { retry_after: Some(wait), ..Self::new(Kind::TooMany, code, detail) }
    }
    /// A refusal of one field's value.
    #[expect(clippy::needless_pass_by_value, reason = "callers hand over the error they match on")]
    pub fn field(field: &'static str, code: &'static str, detail: impl ToString) -> Self {
        Self::fields(vec![FieldFailure { field, code, detail: detail.to_string() }])
    }
    /// A refusal of one field's value because of what others have.
    pub fn taken(field: &'static str, code: &'static str, detail: impl ToString) -> Self {
        Self { kind: Kind::Conflict, code, ..Self::field(field, code, detail) }
    }
    /// A refusal of several fields at once. The detail is that of the first.
    pub fn fields(fields: Vec<FieldFailure>) -> Self {
        let detail = fields.first().map_or_else(String::new, |f| f.detail.clone());
        Self { fields, ..Self::new(Kind::Invalid, "invalid", detail) }
    }
    /// In how many whole seconds the same call may succeed; `None` if it never will. A conflict that passes by
    /// itself says when.
    pub fn wait(&self) -> Option<NonZeroU32> {
        let wait = self.retry_after.unwrap_or(MOMENT);
        let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
        let seconds = u32::try_from(seconds).unwrap_or(u32::MAX);
        let passes = self.kind.retryable() || self.retry_after.is_some();
        passes.then(|| NonZeroU32::new(seconds).unwrap_or(NonZeroU32::MIN))
    }
}

/// Why a store could not do what it was asked to.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// There is no such row.
    #[error("not found")]
    NotFound,
    /// The change does not fit what is stored already.
    #[error("in conflict with what is stored")]
    Conflict,
    /// The database could not be reached, did not answer, or the connection broke off. It is not known
    /// whether the change was made.
    #[error("the database is not available")]
    Unavailable(#[source] Arc<dyn Error + Send + Sync>),
    /// Another transaction held a lock for longer than the call may wait. The change was not made.
    #[error("somebody else is changing the same")]
    Busy(#[source] Arc<dyn Error + Send + Sync>),
    /// The database's disk is full. The change was not made.
    #[error("the disk of the database is full")]
    Full(#[source] Arc<dyn Error + Send + Sync>),
}

impl StoreError {
    /// Wraps an error of a driver.
    pub fn unavailable(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Unavailable(Arc::from(cause.into()))
    }
    /// Wraps the reason for [`Self::Busy`].
    pub fn busy(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Busy(Arc::from(cause.into()))
    }
}

/// Why a store did not make a change that is decided under its lock (ADR 39).
#[derive(Debug, thiserror::Error)]
pub enum WriteError<R> {
    /// The decision refused it. Nothing was changed, and no version was used up.
    #[error(transparent)]
    Refused(R),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl<R: Into<Failure>> From<WriteError<R>> for Failure {
    fn from(error: WriteError<R>) -> Self {
        match error {
            WriteError::Refused(why) => why.into(),
            WriteError::Store(error) => error.into(),
        }
    }
}

impl From<StoreError> for Failure {
    /// `NotFound` and `Conflict` come here only if the use case did not expect them: what it has just read
    /// was deleted or changed before it was done.
    fn from(error: StoreError) -> Self {
        let mut failure = match &error {
            StoreError::Unavailable(_) => {
                Self::new(Kind::Unavailable, "unavailable", "The server cannot do this right now.")
            }
            StoreError::Busy(_) => Self::new(
                Kind::Unavailable,
                "busy",
                "Somebody else is changing this right now; nothing was done. Try again.",
            ),
            StoreError::Full(_) => Self::new(
                Kind::Unavailable,
                "storage_full",
                "The server has no room to store this.",
            ),
            StoreError::NotFound | StoreError::Conflict => Self::new(
                Kind::Conflict,
                "changed_meanwhile",
                "What this is about has changed in the meantime.",
            ),
        };
        failure.cause = Some(Arc::new(error));
        failure
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_is_told_in_whole_seconds_and_never_too_short() {
        let wait = |failure: Failure| failure.wait().map(NonZeroU32::get);
        let after = |millis| wait(Failure::too_many(Duration::from_millis(millis), "x", ""));
        assert_eq!([0, 1, 1_000, 1_001, 29_999].map(after), [1, 1, 1, 2, 30].map(Some));
        assert_eq!(wait(Failure::new(Kind::Unavailable, "x", "")), Some(1));
        assert_eq!(Failure::new(Kind::NotFound, "x", "").wait(), None);
    }
}
