//! A collector of OpenTelemetry traces of our own.

use crate::post_request::PostRequest;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncWriteExt, BufReader};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// It takes whatever comes.
pub struct Collector {
    address: String,
    bodies: Arc<Mutex<Vec<Vec<u8>>>>,
    serving: JoinHandle<()>,
}

impl Drop for Collector {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

impl Collector {
    /// Listens on this machine.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address").to_string();
        let bodies = Arc::<Mutex<Vec<_>>>::default();
        let taken = Arc::clone(&bodies);
        let serving = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (taken, mut stream) = (Arc::clone(&taken), BufReader::new(stream));
                tokio::spawn(async move {
                    while let Some(post) = PostRequest::read(&mut stream).await {
                        taken.lock().expect("nobody panicked").push(post.body);
                        let head = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";
                        if stream.get_mut().write_all(head).await.is_err() {
                            return;
                        }
                    }
                });
            }
        });
        Self { address, bodies, serving }
    }

    /// Where the server is to send them.
    pub fn url(&self) -> String {
        format!("http://{}/v1/traces", self.address)
    }

    /// Whether these bytes are anywhere in what came.
    pub fn has(&self, bytes: &str) -> bool {
        let bodies = self.bodies.lock().expect("nobody panicked");
        bodies.iter().any(|body| body.windows(bytes.len()).any(|part| part == bytes.as_bytes()))
    }

    /// The spans that came.
    pub fn spans(&self) -> Vec<Span> {
        let bodies = self.bodies.lock().expect("nobody panicked");
        let requests = bodies.iter().map(|body| {
            ExportTraceServiceRequest::decode(&body[..]).expect("OTLP as the standard has it")
        });
        let scopes = requests.flat_map(|request| request.resource_spans);
        let scopes = scopes.flat_map(|resource| resource.scope_spans);
        scopes.flat_map(|scope| scope.spans).collect()
    }
}

/// An attribute of a span that is a text.
pub fn attribute<'a>(span: &'a Span, name: &str) -> Option<&'a str> {
    let found = span.attributes.iter().find(|attribute| attribute.key == name)?;
    match found.value.as_ref()?.value.as_ref()? {
        Value::StringValue(text) => Some(text),
        _ => None,
    }
}
