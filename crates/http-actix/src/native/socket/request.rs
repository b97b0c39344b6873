//! Parsing requests, and calling the use cases.

use super::calls::Client;
use super::proof::{Renewals, Renewed};
use super::resume::{self, Reached};
use super::wire::{Done, Outcome, Reply, Request, text};
use crate::native::references::Names;
use crate::native::wire::{Message, SendRequest};
use actix_web::ResponseError;
use actix_web::http::StatusCode;
use domain::failure::Failure;
use domain::ids::NotAnId;
use http_core::body;
use http_core::metrics::{Via, answered, send};
use http_core::problem::Problem;
use http_core::rate_limit::Class;
use http_core::traces;
use realtime::Frame;
use serde_json::{Map, Value};
use std::time::Instant;

/// Bytes of a request's id, at most, because it is sent back.
const REQUEST_ID_BYTES: usize = 64;

/// What the socket has to remember after an answer.
pub(super) enum Note {
    /// The versions that chats have reached after a `resume`.
    Reached(Vec<Reached>),
    /// The token that is valid from now on.
    Renewed(Renewed),
}

/// A parsed frame, or what is wrong with it.
pub(super) struct Parsed {
    id: Option<String>,
    class: Class,
    request: Result<Request, Problem>,
}

impl Parsed {
    pub(super) fn new(frame: &str) -> Self {
        let refused = |problem| Self { id: None, class: Class::Other, request: Err(problem) };
        let bad_id = |code, detail: String| refused(Problem::field("id", code, detail));
        let mut request: Map<String, Value> = match body::parse(frame.as_bytes()) {
            Ok(request) => request,
            Err(problem) => return refused(problem),
        };
        match request.remove("id") {
            // `auth` needs no id: it has the same form as the first frame of a socket.
            None | Some(Value::Null) if request.get("type").is_some_and(|kind| kind == "auth") => {
                Self {
                    id: None,
                    class: Class::Other,
                    request: body::parse_value(Value::Object(request)),
                }
            }
            None | Some(Value::Null) => {
                bad_id("missing", "A request has an id, a string.".to_owned())
            }
            Some(Value::String(id)) if id.len() > REQUEST_ID_BYTES => {
                bad_id("too_long", format!("A request's id has {REQUEST_ID_BYTES} bytes at most."))
            }
            Some(Value::String(id)) => {
                let kind = request.get("type").and_then(Value::as_str);
                let class = kind.map_or(Class::Other, class_of);
                Self { id: Some(id), class, request: body::parse_value(Value::Object(request)) }
            }
            Some(_) => bad_id("wrong_type", "A request's id is a string.".to_owned()),
        }
    }

    /// Whether it is a `resume`, whose answer decides from which version each chat's events continue.
    pub(super) fn resumes(&self) -> bool {
        matches!(self.request, Ok(Request::Resume { .. }))
    }

    /// The frame to answer with, and what to remember.
    pub(super) async fn answer(
        self,
        client: Client,
        renewals: Renewals,
    ) -> (Option<Frame>, Option<Note>) {
        let (mut note, began) = (None, Instant::now());
        traces::is_a(self.class);
        let done = match client.count(self.class).map_err(Problem::from).and(self.request) {
            Err(problem) => Err(problem),
            Ok(Request::Resume { chats }) => {
                resume::resume(&client, chats).await.map(|(resumed, marks)| {
                    note = Some(Note::Reached(marks));
                    Done::Resumed(resumed)
                })
            }
            Ok(Request::Auth { token }) => renewals.take(&client, &token).await.map(|renewed| {
                let (session_id, expiry) = (renewed.session.get(), renewed.until.expiry());
                note = Some(Note::Renewed(renewed));
                Done::Renewed { session_id, expiry }
            }),
            // Boxed because the future is large: two allocations of 1 KB are faster than one of 2 KB.
            Ok(request) => Box::pin(call(&client, request)).await,
        };
        let status = done.as_ref().map_or_else(Problem::status_code, |_| StatusCode::OK);
        answered(Via::Socket, Some(self.class), status, began.elapsed());
        let outcome = done.map_or_else(Outcome::Error, |done| Outcome::Ok(Box::new(done)));
        (Some(text(&Reply { re: self.id.as_deref(), outcome })), note)
    }
}

/// The rate limit that a request counts for, by its type.
fn class_of(kind: &str) -> Class {
    match kind {
        "send" | "edit" | "delete" | "react" => Class::Send,
        _ => Class::Other,
    }
}

async fn call(client: &Client, request: Request) -> Result<Done, Problem> {
    let Client { services, caller, .. } = client;
    let names = Names::new(&services.external_ids, caller);
    match request {
        Request::Send(request) => send_message(client, &names, request).await,
        Request::Edit(request) => {
            let (chat, message, edit) = request.into_parts();
            let message = id("message", message)?;
            let chat = names.chat("chat", chat.reference()).await?;
            let edit = edit.prepare();
            let edited = services.messages.update(caller, chat, message, edit.wanted()).await;
            Ok(Done::Changed { message: Message::from(&edited.map_err(Failure::from)?) })
        }
        Request::Delete { chat, message } => {
            let message = id("message", message)?;
            let chat = names.chat("chat", chat.reference()).await?;
            let deleted = services.messages.delete(caller, chat, message).await;
            Ok(Done::Changed { message: Message::from(&deleted.map_err(Failure::from)?) })
        }
        Request::React { chat, message, emoji, on } => {
            let message = id("message", message)?;
            let chat = match chat {
                Some(chat) => Some(names.chat("chat", chat.reference()).await?),
                None => None,
            };
            let place = (chat, message);
            let changed = services.messages.react(caller, place, &emoji, on).await;
            Ok(Done::Changed { message: Message::from(&changed.map_err(Failure::from)?) })
        }
        Request::Star { message, on } => {
            let starred = services.messages.star(caller, id("message", message)?, on).await;
            starred.map_err(Failure::from)?;
            Ok(Done::Nothing {})
        }
        Request::Read { chat, seq } => {
            let seq = id("seq", seq)?;
            let chat = names.chat("chat", chat.reference()).await?;
            let marker = services.chats.mark_read(caller, chat, seq).await;
            Ok(Done::Read(marker.map_err(Failure::from)?.into()))
        }
        Request::Typing { chat, typing } => {
            let chat = names.chat("chat", chat.reference()).await?;
            services.typing.set(caller, chat, typing).await.map_err(Failure::from)?;
            Ok(Done::Nothing {})
        }
        Request::Presence { online } => {
            let changed = if online {
                services.presence.connect(caller.user, client.connection).await
            } else {
                services.presence.disconnect(caller.user, client.connection).await
            };
            changed.map_err(Failure::from)?;
            Ok(Done::Nothing {})
        }
        Request::Ping {} | Request::Resume { .. } | Request::Auth { .. } => Ok(Done::Nothing {}),
    }
}

async fn send_message(
    client: &Client,
    names: &Names<'_>,
    request: SendRequest,
) -> Result<Done, Problem> {
    let Client { services, caller, .. } = client;
    let (chat, mut new) = request.into_parts();
    let chat = names.chat("chat", chat.reference()).await?;
    let to = names.maybe_user("to", new.to.take()).await?;
    let new = new.prepare()?;
    let sent = send(&services.messages, caller, new.command(chat, to)).await;
    let sent = sent.map_err(Failure::from)?;
    Ok(Done::Sent { message: Message::from(&sent.message), replayed: sent.replayed })
}

fn id<T: TryFrom<i64, Error = NotAnId>>(field: &'static str, number: i64) -> Result<T, Problem> {
    body::number(field, number)
}
