//! People who write without pause.

use crate::person::Person;
use crate::socket::Socket;
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::time::{Duration, Instant};
use tokio::sync::watch;
use tokio::task::JoinSet;

/// How many sends of one writer are under way at once.
const WINDOW: usize = 8;

/// A message whose acknowledgement arrived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acknowledged {
    /// Its id.
    pub id: i64,
    /// Its place.
    pub seq: i64,
    /// Its text, which is its client id too.
    pub text: String,
}

impl Acknowledged {
    /// Asserts that it is at its place in all of its chat.
    pub fn assert_in(&self, history: &[Value]) {
        let stored = &history[usize::try_from(self.seq - 1).expect("a seq from 1")];
        assert_eq!((&stored["id"], &stored["text"]), (&json!(self.id), &json!(self.text)));
    }
}

/// Sends as fast as it is answered, and sends again, after the connection broke, what was not.
pub struct Writer {
    person: Person,
    chat: i64,
    begun: u64,
    unanswered: VecDeque<String>,
    /// What was acknowledged, in this order.
    pub acknowledged: Vec<Acknowledged>,
    tally: watch::Sender<usize>,
}

impl Writer {
    /// Somebody who writes to a chat.
    pub fn new(person: Person, chat: i64) -> Self {
        let (unanswered, acknowledged) = Default::default();
        let tally = watch::Sender::new(0);
        Self { person, chat, begun: 0, unanswered, acknowledged, tally }
    }

    /// Has every acknowledgement added to a number that several share.
    pub fn counted_by(self, tally: &watch::Sender<usize>) -> Self {
        Self { tally: tally.clone(), ..self }
    }

    /// Whether nothing that was sent waits for its answer.
    pub fn is_answered(&self) -> bool {
        self.unanswered.is_empty()
    }

    /// The chat that they write to.
    pub fn chat(&self) -> i64 {
        self.chat
    }

    /// Writes until the connection breaks or cannot be opened, or it is told to stop, which leaves
    /// nothing unanswered.
    pub async fn write(&mut self, address: &str, stop: watch::Receiver<bool>) {
        let Ok(mut socket) = Socket::open(address, &self.person.access).await else { return };
        if socket.next_push().await.is_none() {
            return;
        }
        let mut asked = VecDeque::new();
        for text in self.unanswered.clone() {
            asked.push_back(socket.submit(self.request(&text)).await);
        }
        loop {
            while asked.len() < WINDOW && !*stop.borrow() {
                self.begun += 1;
                let text = format!("{}-{}", self.person.id, self.begun);
                asked.push_back(socket.submit(self.request(&text)).await);
                self.unanswered.push_back(text);
            }
            let Some(id) = asked.pop_front() else { return };
            let Some(answer) = socket.answer(&id).await else { return };
            if let Some(again) = self.note(&answer) {
                asked.push_back(socket.submit(self.request(&again)).await);
                self.unanswered.push_back(again);
            }
            socket.take_pushes();
        }
    }

    fn request(&self, text: &str) -> Value {
        json!({"type": "send", "chat": self.chat, "text": text, "client_id": text})
    }

    /// Has each of them write, as [`Self::write`] does.
    pub fn at_once(
        writers: impl IntoIterator<Item = Self>,
        address: &str,
        stop: &watch::Receiver<bool>,
    ) -> JoinSet<Self> {
        let write = |mut writer: Self| {
            let (address, stop) = (address.to_owned(), stop.clone());
            async move {
                writer.write(&address, stop).await;
                writer
            }
        };
        writers.into_iter().map(write).collect()
    }

    /// Answers come in the order of the requests. What may be tried again is answered.
    fn note(&mut self, answer: &Value) -> Option<String> {
        let text = self.unanswered.pop_front().expect("an answer to a request");
        if answer["error"]["retryable"] == true {
            return Some(text);
        }
        let message = &answer["ok"]["message"];
        assert_eq!(message["text"], *text, "{text} was answered with {answer}");
        let id = message["id"].as_i64().expect("an id");
        let seq = message["seq"].as_i64().expect("a seq");
        self.acknowledged.push(Acknowledged { id, seq, text });
        self.tally.send_modify(|count| *count += 1);
        None
    }
}

/// Has two people answer each other's messages until told to stop. Answers how long the slowest
/// message took to arrive, and how many there were.
pub async fn measure_deliveries(
    mut one: Socket,
    mut other: Socket,
    chat: i64,
    stop: watch::Receiver<bool>,
) -> (Duration, usize) {
    let (mut slowest, mut count) = (Duration::ZERO, 0);
    while !*stop.borrow() {
        let began = Instant::now();
        let text = format!("message {count}");
        let sent = one.send(chat, &text).await;
        other
            .push(&text, |p| p["type"] == "message.created" && p["data"]["id"] == sent["id"])
            .await;
        slowest = slowest.max(began.elapsed());
        count += 1;
        other.take_pushes();
        std::mem::swap(&mut one, &mut other);
    }
    (slowest, count)
}
