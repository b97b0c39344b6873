//! Resolving the people and chats that a request names: by this server's ids, or by external ids of the
//! caller's host.

use super::wire::GivenId;
use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::{FromRequest, HttpRequest, ResponseError};
use domain::admin::Actor;
use domain::chat::Chats;
use domain::failure::Failure;
use domain::host::{ExternalId, ExternalIds, NotAReference, Reference};
use domain::ids::{ChatId, UserId};
use domain::session::Caller;
use futures_util::future::LocalBoxFuture;
use http_core::auth::{SignedIn, SignedInNow, Viewer};
use http_core::problem::Problem;
use std::str::FromStr;

/// A parsed reference, or why it is invalid.
type Read<Id> = Result<Reference<Id>, NotAReference>;

/// Resolves references for a caller.
#[derive(Clone, Copy)]
pub(super) struct Names<'a> {
    ids: &'a ExternalIds,
    caller: &'a Caller,
}

impl<'a> Names<'a> {
    pub(super) fn new(ids: &'a ExternalIds, caller: &'a Caller) -> Self {
        Self { ids, caller }
    }

    /// The user that the field names.
    pub(super) async fn user(
        self,
        field: &'static str,
        named: Read<UserId>,
    ) -> Result<UserId, Problem> {
        let named = read(field, named)?;
        Ok(self.ids.user(self.caller, named).await.map_err(Failure::from)?)
    }

    /// The user that the field names, if it is given.
    pub(super) async fn maybe_user(
        self,
        field: &'static str,
        given: Option<GivenId>,
    ) -> Result<Option<UserId>, Problem> {
        match given {
            Some(given) => self.user(field, given.reference()).await.map(Some),
            None => Ok(None),
        }
    }

    /// The users that the field names, in the same order.
    pub(super) async fn users(
        self,
        field: &'static str,
        given: impl IntoIterator<Item = &GivenId>,
    ) -> Result<Vec<UserId>, Problem> {
        let named = given.into_iter().map(|given| read(field, given.reference()));
        let named = named.collect::<Result<_, _>>()?;
        Ok(self.ids.users(self.caller, named).await.map_err(Failure::from)?)
    }

    /// The chat that the field names.
    pub(super) async fn chat(
        self,
        field: &'static str,
        named: Read<ChatId>,
    ) -> Result<ChatId, Problem> {
        let named = read(field, named)?;
        Ok(self.ids.chat(self.caller, named).await.map_err(Failure::from)?)
    }
}

/// The field's reference, or a problem that names the field.
pub(super) fn read<Id>(field: &'static str, named: Read<Id>) -> Result<Reference<Id>, Problem> {
    named.map_err(|error| Problem::field(field, "invalid_id", format!("{field}: {error}.")))
}

/// The external id in a path where only an external id is allowed, because this server assigns its own ids.
pub(super) fn external<Id>(field: &'static str, segment: &str) -> Result<ExternalId, Problem>
where
    Reference<Id>: FromStr<Err = NotAReference>,
{
    match read(field, segment.parse::<Reference<Id>>())? {
        Reference::External(id) => Ok(id),
        Reference::Id(_) => {
            let detail = "What a host makes is named by ext: and the host's own id.".to_owned();
            Err(Problem::field(field, "invalid_id", detail))
        }
    }
}

/// A signed-in caller whose request names people and chats.
pub(super) struct Calling(pub(super) Caller, Data<ExternalIds>, Data<Chats>);

impl Calling {
    /// Resolves references for this caller.
    pub(super) fn names(&self) -> Names<'_> {
        Names::new(&self.1, &self.0)
    }
    /// Whom a path means.
    pub(super) async fn user(&self, segment: &str) -> Result<UserId, Problem> {
        self.names().user("user_id", segment.parse()).await
    }
    /// Which chat a path means. A service key that would need another scope to reach it is refused.
    pub(super) async fn chat(&self, segment: &str) -> Result<ChatId, Problem> {
        let chat = self.names().chat("chat_id", segment.parse()).await?;
        self.2.check_reach(&self.0, chat).await.map_err(Failure::from)?;
        Ok(chat)
    }
}

impl FromRequest for Calling {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (caller, (ids, chats)) =
            (SignedIn::from_request(request, payload), references(request));
        Box::pin(async move { Ok(Self(caller.await?.0, ids, chats)) })
    }
}

fn references(request: &HttpRequest) -> (Data<ExternalIds>, Data<Chats>) {
    let ids = request.app_data::<Data<ExternalIds>>().cloned();
    let chats = request.app_data::<Data<Chats>>().cloned();
    let handed = "`UseCases::register` hands them to the app";
    (ids.expect(handed), chats.expect(handed))
}

/// An admin whose request names people and chats.
pub(super) struct CallingAdmin(pub(super) Actor, Calling);

impl CallingAdmin {
    /// Whom a path means.
    pub(super) async fn user(&self, segment: &str) -> Result<UserId, Problem> {
        self.1.user(segment).await
    }
    /// Which chat a path means.
    pub(super) async fn chat(&self, segment: &str) -> Result<ChatId, Problem> {
        self.1.chat(segment).await
    }
}

impl FromRequest for CallingAdmin {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (caller, (ids, chats)) =
            (SignedInNow::from_request(request, payload), references(request));
        Box::pin(async move {
            let caller = caller.await?.0;
            let actor = Actor::admin(&caller).map_err(Failure::from)?;
            Ok(Self(actor, Calling(caller, ids, chats)))
        })
    }
}

/// The user that a path names, on routes that need no sign-in. Without a caller, external ids match nobody.
pub(super) async fn seen_user(
    viewer: Option<&Caller>,
    ids: &ExternalIds,
    named: Reference<UserId>,
) -> Result<UserId, Problem> {
    match (named, viewer) {
        (Reference::Id(id), _) => Ok(id),
        (external, Some(caller)) => Ok(ids.user(caller, external).await.map_err(Failure::from)?),
        (Reference::External(_), None) => Ok(UserId::UNKNOWN),
    }
}

/// The viewer, by an access token or a media key; `None` if there is no valid one.
pub(super) async fn viewer(request: &HttpRequest) -> Result<Option<Caller>, Problem> {
    match Viewer::extract(request).await {
        Ok(Viewer(caller)) => Ok(Some(caller)),
        Err(refused) if refused.status_code() == StatusCode::UNAUTHORIZED => Ok(None),
        Err(refused) => Err(refused),
    }
}
