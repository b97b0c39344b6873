//! Files as responses. What people upload is served to other people from the origin that they are signed in
//! to, so none of it may ever be displayed there as a page, which could act for them.

use actix_web::body::SizedStream;
use actix_web::http::StatusCode;
use actix_web::http::header::{
    ACCEPT_RANGES, CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_RANGE, CONTENT_SECURITY_POLICY,
    CONTENT_TYPE, Charset, ContentDisposition, DispositionParam, DispositionType, ETAG,
    ExtendedValue, HeaderName, IF_NONE_MATCH, IF_RANGE, RANGE,
};
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder};
use domain::failure::Failure;
use domain::media::{
    Avatar, Chunks, DefaultAvatar, FileError, ImageFormat, Media, OCTET_STREAM, OpenError,
    OpenFile, Part, StoredAttachment,
};
use futures_util::stream::{self, Stream};
use http_core::problem::Problem;
use std::ops::Range;

/// A response with a file, or a problem.
pub(super) type Served = Result<HttpResponse, Problem>;

/// No file may load or run anything, or be of this origin.
const POLICY: &str = "default-src 'none'; sandbox";
/// A browser may keep the file but must ask each time, because who may see it can change.
const ASK_AGAIN: &str = "private, no-cache";
/// For avatars: a new one shows after this many seconds at the latest.
const PUBLIC: &str = "public, max-age=300";

/// An attachment's file, or the range of it that was asked for.
pub(super) async fn attached(
    media: &Media,
    request: &HttpRequest,
    stored: &StoredAttachment,
) -> Served {
    let tag = format!("\"{}-file\"", stored.attachment.id);
    if let Some(same) = unchanged(request, &tag, ASK_AGAIN) {
        return Ok(same);
    }
    let size = stored.attachment.size;
    let range = match asked(request, &tag, size) {
        Ok(range) => range,
        Err(Unsatisfiable) => {
            let mut answer = HttpResponse::build(StatusCode::RANGE_NOT_SATISFIABLE);
            return Ok(answer.insert_header((CONTENT_RANGE, format!("bytes */{size}"))).finish());
        }
    };
    let open = media.read(stored, Part::File, range.clone()).await.map_err(Failure::from)?;
    let mut answer = tagged(&tag, ASK_AGAIN);
    answer.insert_header((CONTENT_TYPE, stored.attachment.mime.as_str()));
    answer.insert_header((CONTENT_DISPOSITION, disposition(stored)));
    answer.insert_header((ACCEPT_RANGES, "bytes"));
    let Some(Range { start, end }) = range else {
        return Ok(answer.body(SizedStream::new(open.size, pieces(open.body))));
    };
    answer.status(StatusCode::PARTIAL_CONTENT);
    answer.insert_header((CONTENT_RANGE, format!("bytes {start}-{}/{size}", end - 1)));
    Ok(answer.body(SizedStream::new(end - start, pieces(open.body))))
}

/// The thumbnail of an attachment that is a picture.
pub(super) async fn thumbnail(
    media: &Media,
    request: &HttpRequest,
    stored: &StoredAttachment,
) -> Served {
    if stored.attachment.picture.is_none() {
        return Err(Failure::from(OpenError::NotFound).into());
    }
    let tag = format!("\"{}-thumbnail\"", stored.attachment.id);
    if let Some(same) = unchanged(request, &tag, ASK_AGAIN) {
        return Ok(same);
    }
    let open = media.read(stored, Part::Thumbnail, None).await.map_err(Failure::from)?;
    picture(tagged(&tag, ASK_AGAIN), open).await
}

/// Somebody's avatar. If the URL means different people for different callers (`me`, or an external id), or not
/// everybody may see it, shared caches must not keep it.
pub(super) async fn avatar(
    media: &Media,
    request: &HttpRequest,
    (shown, part): (&Avatar, Part),
    depends_on_caller: bool,
) -> Served {
    let cache = if depends_on_caller { ASK_AGAIN } else { PUBLIC };
    let tag = match shown {
        Avatar::Chosen(key) => format!("\"{}-{}\"", &key.as_str()[..16], part.as_str()),
        Avatar::Default(made) => {
            let letters = made.initials.chars().map(|c| format!("{:x}.", u32::from(c)));
            format!("\"{}-{}default\"", made.hue, letters.collect::<String>())
        }
    };
    if let Some(same) = unchanged(request, &tag, cache) {
        return Ok(same);
    }
    let mut answer = tagged(&tag, cache);
    match shown {
        Avatar::Chosen(key) => {
            let open = media.read_avatar(key, part).await.map_err(Failure::from)?;
            picture(answer, open).await
        }
        Avatar::Default(made) => {
            answer.insert_header((CONTENT_TYPE, "image/svg+xml"));
            Ok(answer.body(drawn(made)))
        }
    }
}

/// An SVG picture of initials on a colour. Initials are letters and digits, so there is nothing to escape.
fn drawn(DefaultAvatar { initials, hue }: &DefaultAvatar) -> String {
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 128 128\" width=\"128\" \
         height=\"128\"><rect width=\"128\" height=\"128\" fill=\"hsl({hue},50%,40%)\"/><text \
         x=\"64\" y=\"64\" dy=\".35em\" text-anchor=\"middle\" font-family=\"sans-serif\" \
         font-size=\"56\" fill=\"#fff\">{initials}</text></svg>"
    )
}

/// A picture that this server encoded. The format of an avatar is not stored, so it is read from the first bytes.
async fn picture(mut answer: HttpResponseBuilder, open: OpenFile) -> Served {
    let OpenFile { size, mut body } = open;
    let first = body.next().await.map_err(Failure::from)?.unwrap_or_default();
    let mime = ImageFormat::of(&first).map_or(OCTET_STREAM, ImageFormat::mime);
    answer.insert_header((CONTENT_TYPE, mime));
    let first = stream::iter([Ok(Bytes::from(first))]);
    Ok(answer.body(SizedStream::new(size, stream::StreamExt::chain(first, pieces(body)))))
}

fn pieces(body: Box<dyn Chunks>) -> impl Stream<Item = Result<Bytes, FileError>> + Unpin {
    Box::pin(stream::unfold(body, async |mut body| {
        let piece = body.next().await.transpose()?;
        Some((piece.map(Bytes::from), body))
    }))
}

fn tagged(tag: &str, cache: &'static str) -> HttpResponseBuilder {
    let mut answer = HttpResponse::Ok();
    answer.insert_header((ETAG, tag)).insert_header((CACHE_CONTROL, cache));
    answer.insert_header((CONTENT_SECURITY_POLICY, POLICY));
    answer.insert_header((HeaderName::from_static("referrer-policy"), "no-referrer"));
    answer
}

/// The response to a client that has this version of the file; `None` if it does not.
fn unchanged(request: &HttpRequest, tag: &str, cache: &'static str) -> Option<HttpResponse> {
    let had = request.headers().get(IF_NONE_MATCH)?.to_str().ok()?;
    let same = |had: &str| had == "*" || had.trim_start_matches("W/") == tag;
    let same = had.split(',').map(str::trim).any(same);
    same.then(|| tagged(tag, cache).status(StatusCode::NOT_MODIFIED).finish())
}

/// The range begins behind the end of the file.
struct Unsatisfiable;

/// The range that was asked for. `None` means the whole file: if no range was asked for, if there are several
/// or a malformed one (RFC 9110 allows to ignore them), and if the client's version in `If-Range` is another
/// one.
fn asked(request: &HttpRequest, tag: &str, size: u64) -> Result<Option<Range<u64>>, Unsatisfiable> {
    let header = |name| request.headers().get(name).and_then(|value| value.to_str().ok());
    if header(IF_RANGE).is_some_and(|had| had != tag) {
        return Ok(None);
    }
    match header(RANGE).and_then(|range| range.strip_prefix("bytes=")?.split_once('-')) {
        Some(range) => within(range, size),
        None => Ok(None),
    }
}

/// The part of a file of `size` bytes that `first-last` means. Without `first` it is the last `last` bytes.
fn within((first, last): (&str, &str), size: u64) -> Result<Option<Range<u64>>, Unsatisfiable> {
    let range = match (first.parse::<u64>(), last.parse::<u64>()) {
        (Ok(first), Ok(last)) if first <= last => first..last.saturating_add(1).min(size),
        (Ok(first), Err(_)) if last.is_empty() => first..size,
        (Err(_), Ok(last)) if first.is_empty() => size.saturating_sub(last)..size,
        _ => return Ok(None),
    };
    if range.is_empty() { Err(Unsatisfiable) } else { Ok(Some(range)) }
}

/// Pictures may be shown by the browser, everything else is saved. The name is given twice (RFC 6266): in
/// ASCII for old clients, and as it is.
fn disposition(stored: &StoredAttachment) -> ContentDisposition {
    let name = stored.attachment.name.as_str();
    let plain = |c: char| if c.is_ascii_alphanumeric() || "._- ".contains(c) { c } else { '_' };
    let extended = ExtendedValue {
        charset: Charset::Ext("UTF-8".to_owned()),
        language_tag: None,
        value: name.as_bytes().to_vec(),
    };
    ContentDisposition {
        disposition: match stored.attachment.picture {
            Some(_) => DispositionType::Inline,
            None => DispositionType::Attachment,
        },
        parameters: vec![
            DispositionParam::Filename(name.chars().map(plain).collect()),
            DispositionParam::FilenameExt(extended),
        ],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_what_there_is_of_it() {
        for (first, last, expected) in [
            ("0", "0", Some(Some(0..1))),
            ("0", "", Some(Some(0..10))),
            ("5", "99", Some(Some(5..10))),
            ("", "3", Some(Some(7..10))),
            ("", "30", Some(Some(0..10))),
            ("10", "", None),
            ("", "0", None),
            ("5", "4", Some(None)),
            ("a", "b", Some(None)),
            ("0", "1,3-4", Some(None)),
            ("", "", Some(None)),
        ] {
            assert_eq!(within((first, last), 10).ok(), expected, "{first}-{last}");
        }
    }
}
