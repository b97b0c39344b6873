//! Web Push.

use super::rfc_3339;
use base64::Engine;
use base64::alphabet::URL_SAFE;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use domain::push;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// As browsers write bytes: without padding, which some libraries add.
const BASE64URL: GeneralPurpose = GeneralPurpose::new(
    &URL_SAFE,
    GeneralPurposeConfig::new()
        .with_encode_padding(false)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// What a notification may carry.
#[derive(Clone, Copy, Default, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum PushContent {
    /// Who wrote.
    #[default]
    Sender,
    /// Who wrote, and the beginning of the text.
    SenderAndText,
}

impl From<PushContent> for push::Content {
    fn from(content: PushContent) -> Self {
        match content {
            PushContent::Sender => Self::Sender,
            PushContent::SenderAndText => Self::SenderAndText,
        }
    }
}

impl From<push::Content> for PushContent {
    fn from(content: push::Content) -> Self {
        match content {
            push::Content::Sender => Self::Sender,
            push::Content::SenderAndText => Self::SenderAndText,
        }
    }
}

/// What a browser encrypts with, in base64url.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PushKeys {
    /// Its public key: an uncompressed point of P-256.
    pub(crate) p256dh: String,
    /// Its secret: 16 bytes.
    pub(crate) auth: String,
}

/// A subscription as a browser gives it.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewPushSubscription {
    /// An https address on the public internet, of up to 2,048 characters.
    pub(crate) endpoint: String,
    pub(crate) keys: PushKeys,
    /// When it ends, if it does (RFC 3339).
    #[serde(default)]
    pub(crate) expires_at: Option<String>,
    /// `sender` unless given.
    #[serde(default)]
    pub(crate) content: PushContent,
}

/// What a browser knows of a subscription that it had.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct OldPushSubscription {
    pub(crate) endpoint: String,
    /// The `auth` of its keys.
    pub(crate) auth: String,
}

/// A subscription in the place of another one of the same browser.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PushRenewal {
    pub(crate) old: OldPushSubscription,
    /// An https address on the public internet, of up to 2,048 characters.
    pub(crate) endpoint: String,
    pub(crate) keys: PushKeys,
    /// When it ends, if it does (RFC 3339).
    #[serde(default)]
    pub(crate) expires_at: Option<String>,
}

/// How this device is told of messages.
#[derive(Serialize, ToSchema)]
pub(crate) struct PushSubscription {
    endpoint: String,
    expires_at: Option<String>,
    content: PushContent,
}

impl From<&push::Subscription> for PushSubscription {
    fn from(subscription: &push::Subscription) -> Self {
        Self {
            endpoint: subscription.endpoint.as_str().to_owned(),
            expires_at: subscription.expires_at.map(rfc_3339),
            content: subscription.content.into(),
        }
    }
}

/// What it takes to subscribe, and whether this device is.
#[derive(Serialize, ToSchema)]
pub(crate) struct PushState {
    /// The `applicationServerKey` to subscribe with, in base64url.
    public_key: String,
    /// `null` as long as this device is not told.
    subscription: Option<PushSubscription>,
}

impl PushState {
    pub(crate) fn new(public_key: [u8; 65], subscription: Option<&push::Subscription>) -> Self {
        Self {
            public_key: BASE64URL.encode(public_key),
            subscription: subscription.map(PushSubscription::from),
        }
    }
}

/// The bytes that a text in base64url stands for; none of another text, which is no key.
pub(crate) fn key_bytes(text: &str) -> Vec<u8> {
    BASE64URL.decode(text).unwrap_or_default()
}
