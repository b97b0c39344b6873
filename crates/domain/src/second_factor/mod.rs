//! The second factor of an account: codes of an authenticator app (TOTP, RFC 6238), and recovery codes for
//! somebody who has lost it.
//!
//! The secret that the app and the server share is not stored. It is derived from a [`FactorSeed`], which is
//! stored, and from the secret of this installation, which is not in the database.

mod code;
mod entities;
mod policy;
mod port;
mod recovery;
mod secret;

pub use code::{CodeRefusal, OneTimeCode, Step, TypedCode, step_of};
pub use entities::{Confirmation, SecondFactor};
pub use policy::{SecondFactorPolicy, SecondFactorState};
#[cfg(feature = "mocks")]
pub use port::MockSecondFactorStore;
pub use port::SecondFactorStore;
pub use recovery::RecoveryCode;
pub use secret::{FactorSeed, TotpSecret};
