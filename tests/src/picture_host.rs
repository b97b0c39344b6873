//! A host of pictures, which counts who asks.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// Pictures by their paths. What is not there is answered with 404.
pub struct PictureHost {
    address: String,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    pictures: HashMap<String, Vec<u8>>,
    asked: HashMap<String, usize>,
}

impl PictureHost {
    /// Starts one, for as long as the test lasts.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = format!("http://{}", listener.local_addr().expect("an address"));
        let state = Arc::<Mutex<State>>::default();
        let answering = state.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(answer(stream, answering.clone()));
            }
        });
        Self { address, state }
    }

    /// Has a picture at a path, and returns its address.
    pub fn put(&self, path: &str, picture: Vec<u8>) -> String {
        locked(&self.state).pictures.insert(path.to_owned(), picture);
        self.at(path)
    }

    /// The address of a path.
    pub fn at(&self, path: &str) -> String {
        format!("{}{path}", self.address)
    }

    /// How often a path was asked for.
    pub fn asked(&self, path: &str) -> usize {
        locked(&self.state).asked.get(path).copied().unwrap_or(0)
    }
}

fn locked(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn answer(mut stream: TcpStream, state: Arc<Mutex<State>>) {
    let (mut asked, mut bytes) = (Vec::new(), [0; 4096]);
    while !asked.ends_with(b"\r\n\r\n") {
        let Ok(read @ 1..) = stream.read(&mut bytes).await else { return };
        asked.extend_from_slice(&bytes[..read]);
    }
    let asked = String::from_utf8_lossy(&asked).into_owned();
    let path = asked.split(' ').nth(1).unwrap_or_default().to_owned();
    let found = {
        let mut state = locked(&state);
        *state.asked.entry(path.clone()).or_default() += 1;
        state.pictures.get(&path).cloned()
    };
    let (status, body) = found.map_or((404, Vec::new()), |picture| (200, picture));
    let length = body.len();
    let head =
        format!("HTTP/1.1 {status} X\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n");
    let _ = stream.write_all(&[head.as_bytes(), &body].concat()).await;
}
