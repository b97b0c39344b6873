//! HTTP as it is on the wire.

use crate::server::within;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Sends a request as it is and reads until the server ends the connection.
pub async fn raw_http(address: &str, request: &str) -> String {
    let mut stream = TcpStream::connect(address).await.expect("the server listens");
    stream.write_all(request.as_bytes()).await.expect("the server reads");
    let mut answer = Vec::new();
    let read = within("the end of a connection", stream.read_to_end(&mut answer)).await;
    read.expect("an answer");
    String::from_utf8_lossy(&answer).into_owned()
}
