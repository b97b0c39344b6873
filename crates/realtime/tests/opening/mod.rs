//! Opening a socket without a network.

use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::test::TestRequest;
use actix_web::{FromRequest, HttpResponse, web};
use realtime::{CloseCode, OpenSocket, SocketOptions, SocketTimes};

const OPTIONS: SocketOptions =
    SocketOptions { message_bytes: 4096, times: SocketTimes::DEFAULT, takes_binary: false };

/// Opens a socket of a client that sends this, with a life that lets it in at once.
pub(crate) async fn open<F>(mut sent: Payload, life: F) -> HttpResponse
where
    F: AsyncFnOnce(&mut OpenSocket) -> Result<CloseCode, CloseCode> + 'static,
{
    let (request, _) = TestRequest::get()
        .insert_header((header::UPGRADE, "websocket"))
        .insert_header((header::CONNECTION, "upgrade"))
        .insert_header((header::SEC_WEBSOCKET_VERSION, "13"))
        .insert_header((header::SEC_WEBSOCKET_KEY, "dGhlIHNhbXBsZSBub25jZQ=="))
        .to_http_parts();
    let payload = web::Payload::from_request(&request, &mut sent).await.expect("a payload");
    let life = async move |socket: &mut OpenSocket| {
        socket.let_in();
        life(socket).await
    };
    realtime::open(&request, payload, OPTIONS, life).await.expect("a request for a socket")
}
