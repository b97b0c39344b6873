//! A socket's life, from the request that opens it to the last frame, the same for every protocol.

use crate::close::CloseCode;
use crate::connection::{Belonging, Connection};
use crate::conversation::Conversation;
use crate::frame::Frame;
use crate::hub::Hub;
use crate::metrics::closed;
use crate::presence::Online;
use crate::serve::serve;
use crate::socket::{Socket, SocketOptions};
use actix_web::web::Payload;
use actix_web::{HttpRequest, HttpResponse, rt};
use bytestring::ByteString;
use domain::chat::Chats;
use domain::failure::StoreError;
use domain::ids::{ChatId, Version};
use domain::presence::{ConnectionId, PresenceService};
use domain::session::{Caller, Sessions};
use std::convert::Infallible;
use std::sync::Arc;
use tokio::sync::oneshot;

/// What a socket calls, whatever its protocol.
#[derive(Clone)]
pub struct SocketServices {
    /// Where events come from.
    pub hub: Arc<Hub>,
    /// Whether its owner is still signed in.
    pub sessions: Arc<Sessions>,
    /// The chats that it listens to.
    pub chats: Arc<Chats>,
    /// Who is online by it.
    pub presence: Arc<PresenceService>,
}

/// A socket that was opened. Its client is not told so before it is let in.
pub struct OpenSocket {
    /// The socket.
    pub socket: Socket,
    held: Option<oneshot::Sender<Infallible>>,
}

/// Where somebody stands when their conversation begins.
pub struct Beginning {
    /// What presence knows the socket by.
    pub connection: ConnectionId,
    /// The socket, to say that it belongs to another session.
    pub belonging: Belonging,
    /// The chats that they are in, and the version of each from which on events are pushed.
    pub chats: Vec<(ChatId, Version)>,
}

/// Opens a socket. `life` is a task of its own: whatever it returns, the socket is closed with that
/// code then. The response is returned when `life` lets the client in, or is over.
///
/// # Errors
/// The request does not ask for a socket.
pub async fn open<F>(
    request: &HttpRequest,
    payload: Payload,
    options: SocketOptions,
    life: F,
) -> Result<HttpResponse, actix_web::Error>
where
    F: AsyncFnOnce(&mut OpenSocket) -> Result<CloseCode, CloseCode> + 'static,
{
    let (response, socket) = Socket::open(request, payload, options).await?;
    let (held, let_in) = oneshot::channel();
    let mut opened = OpenSocket { socket, held: Some(held) };
    rt::spawn(async move {
        let (Ok(code) | Err(code)) = life(&mut opened).await;
        tracing::debug!(?code, "socket closed");
        closed(code);
        // Who was never let in learns why all the same.
        opened.let_in();
        opened.socket.close(code).await;
    });
    let Err(_) = let_in.await;
    Ok(response)
}

impl OpenSocket {
    /// Tells the client that its socket is open, so that it can be heard and told something.
    pub fn let_in(&mut self) {
        self.held = None;
    }

    /// The next text frame of somebody who is not signed in and may take their time to, for protocols whose
    /// clients never come back to a socket that was closed.
    ///
    /// # Errors
    /// The client is gone, or the process is stopping.
    pub async fn next_text(&mut self, services: &SocketServices) -> Result<ByteString, CloseCode> {
        tokio::select! {
            () = services.hub.stopping() => Err(CloseCode::Restarting),
            text = self.socket.next_text() => text,
        }
    }

    /// Serves somebody who is signed in until the end: joins their chats, lets the client in, and
    /// writes what the conversation says first, so that whatever happens from then on is pushed.
    ///
    /// # Errors
    /// Why it ended before it was served.
    pub async fn converse<C: Conversation, F: IntoIterator<Item = Frame>>(
        &mut self,
        services: &SocketServices,
        caller: Arc<Caller>,
        begin: impl AsyncFnOnce(Arc<Caller>, Beginning) -> Result<(C, F), CloseCode>,
    ) -> Result<CloseCode, CloseCode> {
        let mut connection = Connection::new(&services.hub, &services.chats, &caller);
        // If the session ended since somebody looked at the token, the next look closes the socket: it tells of
        // everything that ended within the last SESSION_LOOK_MARGIN.
        let presence = Arc::clone(&services.presence);
        let online = Online::new(presence, caller.user, connection.presence_id(), C::LINGERS);
        // Boxed: it is over in moments, and each socket keeps room for the largest thing that it waits for.
        let begun = Box::pin(self.begin(&connection, &online, caller, begin)).await;
        let ended = match begun {
            Ok(mut conversation) => {
                Ok(serve(&mut self.socket, &mut connection, &mut conversation).await)
            }
            Err(code) => Err(code),
        };
        online.leave().await;
        ended
    }

    async fn begin<C: Conversation, F: IntoIterator<Item = Frame>>(
        &mut self,
        connection: &Connection,
        online: &Online,
        caller: Arc<Caller>,
        begin: impl AsyncFnOnce(Arc<Caller>, Beginning) -> Result<(C, F), CloseCode>,
    ) -> Result<C, CloseCode> {
        let chats = connection.join_chats(&caller).await.map_err(|error| trouble(&error))?;
        if C::APPEARS {
            online.enter().await.map_err(|error| trouble(&error))?;
        }
        let (presence, belonging) = (connection.presence_id(), connection.belonging());
        let beginning = Beginning { connection: presence, belonging, chats };
        let (conversation, first) = begin(caller, beginning).await?;
        self.let_in();
        for frame in first {
            self.socket.write(frame).await?;
        }
        Ok(conversation)
    }
}

fn trouble(error: &StoreError) -> CloseCode {
    tracing::warn!(%error, "a socket was not served");
    CloseCode::Trouble
}
