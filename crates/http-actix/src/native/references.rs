//! Whom and which chat a request names: numbers of this server, or external ids of the caller's host.

use super::wire::GivenId;
use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::{FromRequest, HttpRequest, ResponseError};
use domain::admin::Actor;
use domain::failure::Failure;
use domain::host::{ExternalId, ExternalIds, NotAReference, Reference};
use domain::ids::{ChatId, UserId};
use domain::session::Caller;
use futures_util::future::LocalBoxFuture;
use http_core::auth::{SignedIn, Viewer};
use http_core::problem::Problem;
use std::str::FromStr;

/// A reference that could be read, or why not.
type Read<Id> = Result<Reference<Id>, NotAReference>;

/// What a caller means by ids.
#[derive(Clone, Copy)]
pub(super) struct Names<'a> {
    ids: &'a ExternalIds,
    caller: &'a Caller,
}

impl<'a> Names<'a> {
    pub(super) fn new(ids: &'a ExternalIds, caller: &'a Caller) -> Self {
        Self { ids, caller }
    }

    /// Who is named in that field.
    pub(super) async fn user(
        self,
        field: &'static str,
        named: Read<UserId>,
    ) -> Result<UserId, Problem> {
        let named = read(field, named)?;
        Ok(self.ids.user(self.caller, named).await.map_err(Failure::from)?)
    }

    /// Who is named in that field, if somebody is.
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

    /// Who are named in that field, in their order.
    pub(super) async fn users(
        self,
        field: &'static str,
        given: impl IntoIterator<Item = &GivenId>,
    ) -> Result<Vec<UserId>, Problem> {
        let named = given.into_iter().map(|given| read(field, given.reference()));
        let named = named.collect::<Result<_, _>>()?;
        Ok(self.ids.users(self.caller, named).await.map_err(Failure::from)?)
    }

    /// Which chat is named in that field.
    pub(super) async fn chat(
        self,
        field: &'static str,
        named: Read<ChatId>,
    ) -> Result<ChatId, Problem> {
        let named = read(field, named)?;
        Ok(self.ids.chat(self.caller, named).await.map_err(Failure::from)?)
    }
}

/// What is named in that field.
pub(super) fn read<Id>(field: &'static str, named: Read<Id>) -> Result<Reference<Id>, Problem> {
    named.map_err(|error| Problem::field(field, "invalid_id", format!("{field}: {error}.")))
}

/// Whom or what a path means by their host's id, where that alone will do: a number is given by this server.
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

/// Somebody who is signed in, and names people and chats.
pub(super) struct Calling(pub(super) Caller, Data<ExternalIds>);

impl Calling {
    /// What they mean by ids.
    pub(super) fn names(&self) -> Names<'_> {
        Names::new(&self.1, &self.0)
    }
    /// Whom a path means.
    pub(super) async fn user(&self, segment: &str) -> Result<UserId, Problem> {
        self.names().user("user_id", segment.parse()).await
    }
    /// Which chat a path means.
    pub(super) async fn chat(&self, segment: &str) -> Result<ChatId, Problem> {
        self.names().chat("chat_id", segment.parse()).await
    }
}

impl FromRequest for Calling {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let ids = request.app_data::<Data<ExternalIds>>().cloned();
        let ids = ids.expect("`UseCases::register` hands them to the app");
        let caller = SignedIn::from_request(request, payload);
        Box::pin(async move { Ok(Self(caller.await?.0, ids)) })
    }
}

/// An admin who names people and chats.
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
        let calling = Calling::from_request(request, payload);
        Box::pin(async move {
            let calling = calling.await?;
            Ok(Self(Actor::admin(&calling.0).map_err(Failure::from)?, calling))
        })
    }
}

/// Whom a path means where nobody need be signed in.
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

/// Who views by a token or a key of media, if that is known.
pub(super) async fn viewer(request: &HttpRequest) -> Result<Option<Caller>, Problem> {
    match Viewer::extract(request).await {
        Ok(Viewer(caller)) => Ok(Some(caller)),
        Err(refused) if refused.status_code() == StatusCode::UNAUTHORIZED => Ok(None),
        Err(refused) => Err(refused),
    }
}
