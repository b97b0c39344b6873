//! Second factors.

use domain::second_factor::RecoveryCode;
use domain::session;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The password, once more.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ProofOfPassword {
    #[schema(format = Password)]
    pub(crate) password: String,
}

/// The password once more, and a code.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Proof {
    #[schema(format = Password)]
    password: String,
    /// A code of the app or a recovery code, where the account has a second factor.
    #[schema(example = "287082")]
    code: Option<String>,
}

impl Proof {
    pub(crate) fn typed(&self) -> session::Retyped<'_> {
        session::Retyped { password: &self.password, code: self.code.as_deref() }
    }
}

/// A code of an authenticator app.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Code {
    #[schema(example = "287082")]
    pub(crate) code: String,
}

/// What an authenticator app is told. Nobody can be told again.
#[derive(Serialize, ToSchema)]
pub(crate) struct BegunSecondFactor {
    /// The secret in base32.
    #[schema(example = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ")]
    secret: String,
    /// The same for an app to read.
    otpauth_url: String,
}

impl From<session::BegunSecondFactor> for BegunSecondFactor {
    fn from(begun: session::BegunSecondFactor) -> Self {
        Self { secret: begun.secret, otpauth_url: begun.address }
    }
}

/// Codes that each take the place of one of the app once.
#[derive(Serialize, ToSchema)]
pub(crate) struct RecoveryCodes {
    #[schema(example = json!(["74AA-CAQD-AQCQ-MBYI"]))]
    recovery_codes: Vec<String>,
}

impl From<Vec<RecoveryCode>> for RecoveryCodes {
    fn from(codes: Vec<RecoveryCode>) -> Self {
        Self { recovery_codes: codes.iter().map(RecoveryCode::grouped).collect() }
    }
}
