//! Counts the writes that are under way, all together and of each chat, so that there is an end to them and
//! to the program, and so that those of one chat leave room for all others.

use domain::failure::StoreError;
use domain::ids::ChatId;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

/// How many writes may be under way or waiting at once.
pub const WRITES: u32 = 4096;

/// How many of them may be of one chat: as many as are committed together. Others wait without a place.
pub const WRITES_OF_A_CHAT: usize = 512;

/// Lets a limited number of writes in until it is closed.
pub struct Gate {
    places: Arc<Semaphore>,
    chats: Arc<Chats>,
    patience: Duration,
}

/// A place; the write holds it until it is over.
pub struct Pass {
    _place: OwnedSemaphorePermit,
    chat: Option<ChatPass>,
}

/// What the writes of each chat share, for as long as there are any.
#[derive(Default)]
struct Chats(Mutex<HashMap<ChatId, Arc<ChatPlaces>>>);

struct ChatPlaces {
    passes: Arc<Semaphore>,
    /// Whose turn it is to have a connection: the head is locked by one of them anyway.
    turn: Arc<Semaphore>,
}

/// A place among the writes of a chat.
struct ChatPass {
    chats: Arc<Chats>,
    chat: ChatId,
    /// `None` while it is waited for.
    place: Option<OwnedSemaphorePermit>,
    /// `None` once this is being dropped.
    places: Option<Arc<ChatPlaces>>,
}

impl Gate {
    pub fn new(patience: Duration) -> Self {
        let (places, chats) = (Arc::new(Semaphore::new(WRITES as usize)), Arc::default());
        Self { places, chats, patience }
    }

    /// A place for a write that is of no chat, or of several.
    pub async fn enter(&self) -> Result<Pass, StoreError> {
        Ok(Pass { _place: self.place().await?, chat: None })
    }

    /// A place for a write of a chat.
    pub async fn enter_chat(&self, chat: ChatId) -> Result<Pass, StoreError> {
        let (mut pass, places) = ChatPass::new(self.chats.clone(), chat);
        let place = acquire(places.passes.clone(), self.patience).await?;
        drop(places);
        let too_many = || StoreError::busy("too many changes of the same chat are waiting");
        pass.place = Some(place.ok_or_else(too_many)?);
        Ok(Pass { _place: self.place().await?, chat: Some(pass) })
    }

    async fn place(&self) -> Result<OwnedSemaphorePermit, StoreError> {
        let place = acquire(self.places.clone(), self.patience).await?;
        place.ok_or_else(|| StoreError::unavailable("too many writes are waiting"))
    }

    /// How many writes are in.
    pub fn inside(&self) -> usize {
        (WRITES as usize).saturating_sub(self.places.available_permits())
    }

    /// Waits for the writes that are in and lets nobody in after them.
    pub async fn close(&self) {
        // Whoever comes now queues behind this, and is turned away by the next line.
        let all = self.places.acquire_many(WRITES).await;
        self.places.close();
        drop(all);
    }
}

/// A permit, or `None` if that takes too long. The clock is asked only by those that have to wait.
async fn acquire(
    semaphore: Arc<Semaphore>,
    patience: Duration,
) -> Result<Option<OwnedSemaphorePermit>, StoreError> {
    if let Ok(permit) = semaphore.clone().try_acquire_owned() {
        return Ok(Some(permit));
    }
    match timeout(patience, semaphore.acquire_owned()).await {
        Ok(Ok(permit)) => Ok(Some(permit)),
        Ok(Err(_)) => Err(StoreError::unavailable("the database has been closed")),
        Err(_) => Ok(None),
    }
}

impl Pass {
    /// The turn of its chat to have a connection, once the writes of the chat before it are over; nothing for
    /// a write of no chat.
    pub async fn turn(
        &self,
        patience: Duration,
    ) -> Result<Option<OwnedSemaphorePermit>, StoreError> {
        let Some(places) = self.chat.as_ref().and_then(|chat| chat.places.as_ref()) else {
            return Ok(None);
        };
        let turn = acquire(places.turn.clone(), patience).await?;
        let waited = || StoreError::busy("the changes of the same chat before this take too long");
        turn.ok_or_else(waited).map(Some)
    }
}

impl Chats {
    fn lock(&self) -> MutexGuard<'_, HashMap<ChatId, Arc<ChatPlaces>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl ChatPass {
    fn new(chats: Arc<Chats>, chat: ChatId) -> (Self, Arc<ChatPlaces>) {
        let fresh = || {
            Arc::new(ChatPlaces {
                passes: Arc::new(Semaphore::new(WRITES_OF_A_CHAT)),
                turn: Arc::new(Semaphore::new(1)),
            })
        };
        let places = chats.lock().entry(chat).or_insert_with(fresh).clone();
        (Self { chats, chat, place: None, places: Some(places.clone()) }, places)
    }
}

impl Drop for ChatPass {
    /// The last one takes along what the writes of the chat shared.
    fn drop(&mut self) {
        drop(self.place.take());
        let mut chats = self.chats.lock();
        drop(self.places.take());
        if chats.get(&self.chat).is_some_and(|places| Arc::strong_count(places) == 1) {
            chats.remove(&self.chat);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chat(id: i64) -> ChatId {
        ChatId::stored(id)
    }

    #[tokio::test]
    async fn closing_waits_for_those_inside_and_turns_the_rest_away() {
        let gate = Arc::new(Gate::new(Duration::from_secs(60)));
        let inside = gate.enter().await.expect("an open gate");
        let closing = tokio::spawn({
            let gate = gate.clone();
            async move { gate.close().await }
        });
        while gate.places.available_permits() > 0 {
            tokio::task::yield_now().await;
        }
        assert!(!closing.is_finished());
        let late = tokio::spawn({
            let gate = gate.clone();
            async move { gate.enter().await.is_err() }
        });
        drop(inside);
        closing.await.expect("no panic");
        assert!(late.await.expect("no panic"), "somebody got in after the end");
    }

    #[tokio::test]
    async fn one_chat_takes_a_part_of_the_places_and_others_go_on() {
        let gate = Gate::new(Duration::ZERO);
        let mut inside = Vec::new();
        for _ in 0..WRITES_OF_A_CHAT {
            inside.push(gate.enter_chat(chat(1)).await.expect("a place of the chat's"));
        }
        let refused = gate.enter_chat(chat(1)).await.err().expect("no place of the chat's is left");
        assert!(matches!(refused, StoreError::Busy(_)), "{refused:?}");
        assert_eq!(gate.inside(), WRITES_OF_A_CHAT, "who waits takes nobody's place");
        drop(gate.enter_chat(chat(2)).await.expect("another chat has its own"));
        drop(gate.enter().await.expect("so has what is of no chat"));
        drop(inside.pop());
        drop(gate.enter_chat(chat(1)).await.expect("a place became free"));
        drop(inside);
        assert!(gate.chats.lock().is_empty(), "what nobody uses is forgotten");
    }

    #[tokio::test]
    async fn the_writes_of_a_chat_take_turns() {
        let gate = Gate::new(Duration::ZERO);
        let (one, two) = (gate.enter_chat(chat(1)).await, gate.enter_chat(chat(1)).await);
        let (one, two) = (one.expect("a place"), two.expect("a place"));
        let turn = one.turn(Duration::ZERO).await.expect("nobody is before it");
        assert!(
            two.turn(Duration::ZERO)
                .await
                .is_err_and(|failure| matches!(failure, StoreError::Busy(_)))
        );
        let other = gate.enter_chat(chat(2)).await.expect("a place");
        drop(other.turn(Duration::ZERO).await.expect("another chat waits for nobody"));
        drop(turn);
        drop(two.turn(Duration::ZERO).await.expect("its turn"));
        assert!(gate.enter().await.expect("a place").turn(Duration::ZERO).await.is_ok());
    }
}
