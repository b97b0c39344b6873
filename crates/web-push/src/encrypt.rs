//! Encrypts notifications (RFC 8291) and hands them to push services (RFC 8030).

use crate::keys::Keys;
use crate::wire::payload;
use async_trait::async_trait;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use bytes::Bytes;
use domain::clock::Clock;
use domain::ids::ChatId;
use domain::internet::Reach;
use domain::limits::{PUSH_LIFE, PUSH_PATIENCE};
use domain::push::{Delivery, Endpoint, PushSender, ReceiverKeys, Subscription, Told, Unfit};
use hmac::{Hmac, KeyInit, Mac};
use http_body_util::{BodyExt, Full, Limited};
use hyper::header::{
    AUTHORIZATION, CONTENT_ENCODING, CONTENT_TYPE, HeaderMap, HeaderValue, RETRY_AFTER,
};
use hyper::{Request, StatusCode, Uri};
use public_http::{Client, Lookup, NotPublic, client};
use sha2::Sha256;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::timeout;
use tower_service::Service;
use web_push_native::p256::PublicKey;
use web_push_native::{Auth, encrypt};

/// How many bytes of a response are read. A connection can be reused only if its response was read to the end.
const ANSWER_BYTES: usize = 16 * 1024;

/// Sends notifications with the VAPID keys of this installation.
pub struct Sender {
    keys: Keys,
    client: Client,
    lookup: Lookup,
    reach: Reach,
    clock: Arc<dyn Clock>,
}

impl Sender {
    /// A sender with these keys. `reach` says whether it may call only the public internet (ADR 29).
    pub fn new(keys: Keys, reach: Reach, clock: Arc<dyn Clock>) -> Self {
        let lookup = Lookup::new(reach);
        Self { keys, client: client(reach, lookup.clone(), PUSH_PATIENCE), lookup, reach, clock }
    }

    /// The request for a notification; `None` if the endpoint may not be called or the keys are invalid.
    fn request(&self, to: &Subscription, told: &Told) -> Option<Request<Full<Bytes>>> {
        // Checked again, because the stored endpoint was checked with the settings of that time.
        let endpoint = Endpoint::new(to.endpoint.as_str(), self.reach).ok()?;
        let uri: Uri = endpoint.as_str().parse().ok()?;
        let origin = format!("{}://{}", uri.scheme_str()?, uri.authority()?);
        let key = PublicKey::from_sec1_bytes(&to.keys.p256dh).ok()?;
        let body = encrypt(payload(told), &key, &Auth::from(to.keys.auth)).ok()?;
        Request::post(uri)
            .header(AUTHORIZATION, self.keys.authorization(&origin, self.clock.now()))
            .header(CONTENT_TYPE, "application/octet-stream")
            .header(CONTENT_ENCODING, "aes128gcm")
            .header("TTL", PUSH_LIFE.as_secs())
            .header("Urgency", "normal")
            .header("Topic", topic(&to.keys, told.chat))
            .body(Full::new(body.into()))
            .ok()
    }

    async fn ask(&self, request: Request<Full<Bytes>>) -> Delivery {
        match self.client.request(request).await {
            Ok(answer) => {
                let delivery = judge(answer.status(), answer.headers());
                // The body is read only for the sake of the connection, so errors do not matter.
                let _ = Limited::new(answer.into_body(), ANSWER_BYTES).collect().await;
                delivery
            }
            Err(error) if NotPublic::caused(&error) => Delivery::Refused,
            Err(error) => {
                tracing::debug!(%error, "a push service was not reached");
                Delivery::Later(None)
            }
        }
    }
}

#[async_trait]
impl PushSender for Sender {
    fn public_key(&self) -> [u8; 65] {
        self.keys.public()
    }

    async fn vet(&self, endpoint: &Endpoint, keys: &ReceiverKeys) -> Result<(), Unfit> {
        PublicKey::from_sec1_bytes(&keys.p256dh).map_err(|_| Unfit::Key)?;
        let uri: Uri = endpoint.as_str().parse().map_err(|_| Unfit::Address)?;
        let host = uri.host().ok_or(Unfit::Address)?;
        // An IPv6 address needs no lookup, and [`Endpoint`] has checked it.
        if host.starts_with('[') {
            return Ok(());
        }
        let name = host.parse().map_err(|_| Unfit::Address)?;
        // Only an address that is not public is refused here. A name that cannot be found right now may be
        // found when there is something to send.
        match timeout(PUSH_PATIENCE, self.lookup.clone().call(name)).await {
            Ok(Err(error)) if NotPublic::caused(&*error) => Err(Unfit::Address),
            _ => Ok(()),
        }
    }

    async fn send(&self, to: &Subscription, told: &Told) -> Delivery {
        let Some(request) = self.request(to, told) else { return Delivery::Refused };
        let asked = timeout(PUSH_PATIENCE, self.ask(request)).await;
        asked.unwrap_or(Delivery::Later(None))
    }
}

/// What a response means. A redirect is a refusal: nobody has checked where it leads.
fn judge(status: StatusCode, headers: &HeaderMap) -> Delivery {
    match status.as_u16() {
        200..=299 => Delivery::Taken,
        404 | 410 => Delivery::Gone,
        408 | 429 | 500..=599 => Delivery::Later(headers.get(RETRY_AFTER).and_then(seconds)),
        _ => Delivery::Refused,
    }
}

/// `Retry-After` in seconds. Its other form, a date, is not supported, and the usual pause applies.
fn seconds(value: &HeaderValue) -> Option<Duration> {
    value.to_str().ok()?.trim().parse().ok().map(Duration::from_secs)
}

/// The topic of a chat's notifications, by which a later one replaces one that was not fetched yet. The
/// service sees that both have the same topic, but not which chat it is: the topic is keyed with the device's
/// secret. 24 bytes are 32 characters in base64, the most that RFC 8030 allows.
fn topic(keys: &ReceiverKeys, chat: ChatId) -> String {
    let mac = Hmac::<Sha256>::new_from_slice(&keys.auth).expect("HMAC takes a key of any length");
    let digest = mac.chain_update(b"topic").chain_update(chat.get().to_be_bytes()).finalize();
    BASE64_URL_SAFE_NO_PAD.encode(&digest.into_bytes()[..24])
}
