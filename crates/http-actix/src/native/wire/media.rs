//! Files.

use super::rfc_3339;
use domain::clock::Timestamp;
use domain::media;
use http_core::NATIVE_ROOT;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Bytes.
#[derive(ToSchema)]
#[schema(value_type = String, format = Binary)]
pub(crate) struct Binary(#[expect(dead_code, reason = "it describes")] String);

/// A form with a file.
#[derive(ToSchema)]
pub(crate) struct FileForm {
    /// The file, with its name and its type.
    #[schema(value_type = String, format = Binary)]
    #[expect(dead_code, reason = "it describes")]
    file: String,
}

/// What a file is.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum AttachmentKind {
    Image,
    File,
}

/// An uploaded file.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Attachment {
    id: i64,
    kind: AttachmentKind,
    #[schema(example = "photo.jpg")]
    name: String,
    #[schema(example = "image/jpeg")]
    mime: String,
    /// Bytes.
    size: u64,
    /// Pixels; `null` unless it is an image.
    width: Option<u32>,
    /// Pixels; `null` unless it is an image.
    height: Option<u32>,
    /// A `data:` URL of a tiny picture to show before the real one is there.
    preview: Option<String>,
    /// Where it is, for those who may see it.
    #[schema(example = "/api/v1/media/7")]
    url: String,
    /// Where a smaller picture is; `null` unless it is an image.
    thumbnail_url: Option<String>,
}

impl From<&media::Attachment> for Attachment {
    fn from(attachment: &media::Attachment) -> Self {
        let picture = attachment.picture.as_ref();
        let url = format!("{NATIVE_ROOT}/media/{}", attachment.id);
        Self {
            id: attachment.id.get(),
            kind: if picture.is_some() { AttachmentKind::Image } else { AttachmentKind::File },
            name: attachment.name.to_string(),
            mime: attachment.mime.clone(),
            size: attachment.size,
            width: picture.map(|picture| picture.width),
            height: picture.map(|picture| picture.height),
            preview: picture.map(|picture| picture.preview.clone()),
            thumbnail_url: picture.map(|_| format!("{url}/thumbnail")),
            url,
        }
    }
}

/// What opens media for a page.
#[derive(Serialize, ToSchema)]
pub(crate) struct MediaKey {
    /// To be appended to any address of media.
    #[schema(example = "key=12.1755000000.9f3c")]
    query: String,
    /// Get another one before that.
    expires_at: String,
}

impl MediaKey {
    pub(crate) fn new(key: &str, expires_at: Timestamp) -> Self {
        Self { query: format!("key={key}"), expires_at: rfc_3339(expires_at) }
    }
}

/// Instead of an access token.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct MediaKeyQuery {
    /// From `GET /media-key`.
    #[expect(dead_code, reason = "it describes")]
    key: Option<String>,
}

/// Instead of either.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct MediaLinkQuery {
    /// Of a link that a dialect gave out: the file can be had by it without signing in.
    #[expect(dead_code, reason = "it describes")]
    link: Option<String>,
}

/// How large.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct AvatarQuery {
    /// `large` (512 pixels) unless given, or `small` (128).
    #[param(inline)]
    pub(crate) size: Option<AvatarSize>,
    /// Anything that is another one for another picture, so that no cache shows the one before.
    #[serde(rename = "v")]
    #[param(inline)]
    pub(crate) _v: Option<String>,
    /// From `GET /media-key`, where an external id says whose picture it is.
    #[serde(rename = "key")]
    #[param(inline)]
    pub(crate) _key: Option<String>,
}

/// How large.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum AvatarSize {
    Small,
    Large,
}
