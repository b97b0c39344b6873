//! What the outside learns when something did not work.

use std::error::Error;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

/// What sort of refusal it is; each protocol has its own words for these.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// What was sent breaks a rule; sending it again will not help.
    Invalid,
    /// Who is calling is not known.
    Unauthenticated,
    /// The caller is known and may not do this.
    Forbidden,
    /// It is not there, or the caller may not know that it is.
    NotFound,
    /// It does not fit the state that things are in.
    Conflict,
    /// It is bigger than allowed.
    TooLarge,
    /// Too often; later is fine.
    TooMany,
    /// Not now; trying again may help.
    Unavailable,
    /// A mistake of this program.
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
    /// A word for programs; `docs/api/errors.md` lists them all.
    pub code: &'static str,
    /// A sentence for people.
    pub detail: String,
}

/// A refusal, reduced to what the outside may know.
#[derive(Debug, Clone)]
pub struct Failure {
    /// What sort it is.
    pub kind: Kind,
    /// A word for programs; `docs/api/errors.md` lists them all.
    pub code: &'static str,
    /// A sentence for people. It holds no cause and no secret.
    pub detail: String,
    /// The fields at fault, where there are any.
    pub fields: Vec<FieldFailure>,
    /// When trying again is worth it, where that is known; see [`Failure::wait`].
    pub retry_after: Option<Duration>,
    /// For the log only.
    pub cause: Option<Arc<dyn Error + Send + Sync>>,
}

/// After which something that failed for now is worth another try, unless it is known better.
const MOMENT: Duration = Duration::from_secs(1);

impl Failure {
    /// A refusal that concerns the call as a whole.
    #[expect(clippy::needless_pass_by_value, reason = "callers hand over the error they match on")]
    pub fn new(kind: Kind, code: &'static str, detail: impl ToString) -> Self {
        let (detail, fields) = (detail.to_string(), Vec::new());
        Self { kind, code, detail, fields, retry_after: None, cause: None }
    }
    /// A refusal of what was done too often, and how long it stays refused.
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
    /// A refusal of several fields at once. The first gives the sentence.
    pub fn fields(fields: Vec<FieldFailure>) -> Self {
        let detail = fields.first().map_or_else(String::new, |f| f.detail.clone());
        Self { fields, ..Self::new(Kind::Invalid, "invalid", detail) }
    }
    /// In how many whole seconds the same call may succeed; `None` if it never will.
    pub fn wait(&self) -> Option<NonZeroU32> {
        let wait = self.retry_after.unwrap_or(MOMENT);
        let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
        let seconds = u32::try_from(seconds).unwrap_or(u32::MAX);
        self.kind.retryable().then(|| NonZeroU32::new(seconds).unwrap_or(NonZeroU32::MIN))
    }
}

/// What a store returns when it could not do what it was asked to.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The row that the call names is not there.
    #[error("not found")]
    NotFound,
    /// The change does not fit what is stored already.
    #[error("in conflict with what is stored")]
    Conflict,
    /// The database could not be asked, or did not answer, or broke off.
    /// Whether the change was made is not known.
    #[error("the database is not available")]
    Unavailable(#[source] Arc<dyn Error + Send + Sync>),
    /// Somebody else holds what the call has to lock, for longer than it may wait. The change was not made.
    #[error("somebody else is changing the same")]
    Busy(#[source] Arc<dyn Error + Send + Sync>),
    /// There is no room on the database's disk. The change was not made.
    #[error("the disk of the database is full")]
    Full(#[source] Arc<dyn Error + Send + Sync>),
}

impl StoreError {
    /// Wraps what a driver reported.
    pub fn unavailable(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Unavailable(Arc::from(cause.into()))
    }
    /// Says who waited for what.
    pub fn busy(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Busy(Arc::from(cause.into()))
    }
}

/// Why a store did not make a change about which the rules decide under its lock.
#[derive(Debug, thiserror::Error)]
pub enum WriteError<R> {
    /// The rules refuse it: nothing was changed, and no version was used up.
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
    /// `NotFound` and `Conflict` that a use case did not expect: what its rules were asked about went, or
    /// became something else, before it was done.
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
