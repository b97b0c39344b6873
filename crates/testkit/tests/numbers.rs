//! The three kinds of numbers hold, whatever several people do in whatever order.
#![expect(clippy::unwrap_used, reason = "a panic is the verdict of a test")]

use domain::chat::{ChatRole, SetMemberOutcome, SettingsUpdate};
use domain::ids::{ChatId, Seq, UserId};
use domain::message::{Message, Send};
use domain::session::Caller;
use futures_executor::block_on;
use proptest::prelude::*;
use std::collections::BTreeMap;
use testkit::replica::{ApplyOutcome, Replica};
use testkit::world::World;

/// Something that one of four people tries; the rules decide whether they may.
#[derive(Debug, Clone)]
enum Try {
    Send {
        replies_to: Option<usize>,
    },
    /// With one of three client ids, so that it is often a replay.
    SendOnce {
        client_id: usize,
    },
    Edit {
        message: usize,
    },
    Delete {
        message: usize,
    },
    /// With one of three emoji, set or taken back.
    React {
        message: usize,
        emoji: usize,
        on: bool,
    },
    Pin {
        message: usize,
        on: bool,
    },
    Star {
        message: usize,
    },
    SetMember {
        who: usize,
        role: ChatRole,
    },
    Remove {
        who: usize,
    },
    Rename,
    Read {
        seq: i64,
    },
}

fn tries() -> impl Strategy<Value = Vec<(usize, Try)>> {
    let role = prop_oneof![
        4 => Just(ChatRole::Member),
        2 => Just(ChatRole::Admin),
        1 => Just(ChatRole::Owner),
    ];
    let one = prop_oneof![
        5 => proptest::option::of(0..8_usize).prop_map(|replies_to| Try::Send { replies_to }),
        3 => (0..3_usize).prop_map(|client_id| Try::SendOnce { client_id }),
        3 => (0..8_usize).prop_map(|message| Try::Edit { message }),
        2 => (0..8_usize).prop_map(|message| Try::Delete { message }),
        3 => (0..8_usize, 0..3_usize, any::<bool>())
            .prop_map(|(message, emoji, on)| Try::React { message, emoji, on }),
        2 => (0..8_usize, any::<bool>()).prop_map(|(message, on)| Try::Pin { message, on }),
        1 => (0..8_usize).prop_map(|message| Try::Star { message }),
        4 => (0..4_usize, role).prop_map(|(who, role)| Try::SetMember { who, role }),
        2 => (0..4_usize).prop_map(|who| Try::Remove { who }),
        1 => Just(Try::Rename),
        4 => (0..10_i64).prop_map(|seq| Try::Read { seq }),
    ];
    proptest::collection::vec((0..4_usize, one), 1..40)
}

/// The expected state, kept in the simplest way.
struct Play {
    world: World,
    people: Vec<Caller>,
    chat: ChatId,
    version: i64,
    /// The author, and whether it is deleted.
    written: Vec<(UserId, bool)>,
    sent: Vec<Message>,
    /// The read markers of the present members.
    markers: BTreeMap<UserId, i64>,
    /// A client that is always connected and gets every event.
    listener: Replica,
    copies: Vec<Replica>,
}

impl Play {
    async fn begin() -> Self {
        let world = World::default();
        let mut people = Vec::new();
        for name in ["Anna", "Ben", "Cleo", "Dora"] {
            people.push(world.person(name).await);
        }
        let chat = world.group(&people[0], &[&people[1]]).await;
        let listener = Replica::download(&world.stores, chat, people[0].user).await;
        world.bus.take();
        let markers = people[..2].iter().map(|caller| (caller.user, 0)).collect();
        let copies = vec![Replica::default(), listener.clone()];
        let (written, sent) = (Vec::new(), Vec::new());
        Self { world, people, chat, version: 1, written, sent, markers, listener, copies }
    }

    /// Tries it, and returns by how many versions the chat should have moved.
    async fn tries(&mut self, who: usize, what: &Try) -> i64 {
        let caller = self.people[who].clone();
        match what {
            Try::Send { replies_to } => {
                let reply_to = replies_to.and_then(|nth| self.sent.get(nth)).map(|m| m.id);
                let send = Send { reply_to, ..Send::new(self.chat, "Hello") };
                self.send(&caller, send).await
            }
            Try::SendOnce { client_id } => {
                let name = format!("id-{client_id}");
                let client_id = Some(name.as_str());
                let send = Send { client_id, ..Send::new(self.chat, "Once") };
                self.send(&caller, send).await
            }
            Try::Edit { message } => self.edit(&caller, *message).await,
            Try::Delete { message } => self.delete(&caller, *message).await,
            Try::React { message, emoji, on } => {
                let Some(message) = self.sent.get(*message) else { return 0 };
                let (place, emoji) = ((None, message.id), ["👍", "🦊", "❤"][*emoji]);
                let reacted = self.world.messages.react(&caller, place, emoji, *on).await;
                self.moved(reacted.ok())
            }
            Try::Pin { message, on } => {
                let Some(message) = self.sent.get(*message) else { return 0 };
                let pinned = self.world.messages.pin(&caller, self.chat, message.id, *on).await;
                self.moved(pinned.ok())
            }
            Try::Star { message } => {
                let Some(message) = self.sent.get(*message) else { return 0 };
                // Allowed or not, nobody else is told.
                let _ = self.world.messages.star(&caller, message.id, true).await;
                0
            }
            Try::SetMember { who, role } => self.set_member(&caller, *who, *role).await,
            Try::Remove { who } => {
                let user = self.people[*who].user;
                let gone = self.world.chats.remove_member(&caller, self.chat, user).await.is_ok();
                if gone {
                    self.markers.remove(&user);
                }
                i64::from(gone)
            }
            Try::Rename => {
                let title = format!("Title {}", self.version);
                let wanted = SettingsUpdate { title: Some(&title), ..SettingsUpdate::default() };
                i64::from(self.world.chats.update(&caller, self.chat, wanted).await.is_ok())
            }
            Try::Read { seq } => self.read(&caller, *seq).await,
        }
    }

    /// Whether this is a message that was changed just now.
    fn moved(&self, message: Option<Message>) -> i64 {
        i64::from(message.is_some_and(|message| message.version.get() > self.version))
    }

    async fn send(&mut self, caller: &Caller, send: Send<'_>) -> i64 {
        let Ok(appended) = self.world.messages.send(caller, send).await else { return 0 };
        let message = appended.message;
        if appended.replayed {
            let original = &self.sent[usize::try_from(message.seq.get()).unwrap() - 1];
            assert_eq!((original.id, original.author), (message.id, caller.user));
            return 0;
        }
        assert_eq!(message.seq.get(), self.written.len() as i64 + 1, "dense from 1");
        self.written.push((caller.user, false));
        self.sent.push(message);
        1
    }

    async fn edit(&self, caller: &Caller, nth: usize) -> i64 {
        let Some(message) = self.sent.get(nth) else { return 0 };
        let text = format!("Edited at {}", self.version);
        let edited = self.world.messages.edit(caller, self.chat, message.id, &text).await;
        i64::from(edited.is_ok())
    }

    async fn delete(&mut self, caller: &Caller, nth: usize) -> i64 {
        let Some(message) = self.sent.get(nth) else { return 0 };
        let deleted = self.world.messages.delete(caller, self.chat, message.id).await;
        let was = self.written[nth].1;
        self.written[nth].1 |= deleted.is_ok();
        i64::from(self.written[nth].1 && !was)
    }

    async fn set_member(&mut self, caller: &Caller, who: usize, role: ChatRole) -> i64 {
        let user = self.people[who].user;
        let before = self.world.stores.members.standing(self.chat, user).await.ok();
        match self.world.chats.set_member(caller, self.chat, user, role).await {
            Err(_) => 0,
            Ok(SetMemberOutcome::Added) => {
                self.markers.insert(user, self.written.len() as i64);
                // Nobody joins as the owner: they join first, and then ownership is handed over.
                if role == ChatRole::Owner { 3 } else { 1 }
            }
            Ok(SetMemberOutcome::Kept) if before.is_some_and(|b| b.role == role) => 0,
            Ok(SetMemberOutcome::Kept) if role == ChatRole::Owner => 2,
            Ok(SetMemberOutcome::Kept) => 1,
        }
    }

    async fn read(&mut self, caller: &Caller, seq: i64) -> i64 {
        let moved = self.world.chats.mark_read(caller, self.chat, Seq::stored(seq)).await;
        let Ok(marker) = moved else { return 0 };
        let before = self.markers.insert(caller.user, marker.seq.get()).unwrap();
        assert_eq!(marker.seq.get(), before.max(seq), "only forward");
        assert_eq!(marker.moved.version().is_some(), seq > before);
        i64::from(seq > before)
    }

    /// Any present member, to read the chat.
    fn viewer(&self) -> UserId {
        *self.markers.keys().next().unwrap()
    }

    async fn check(&mut self, what: &Try) {
        for body in self.world.bus.take_bodies() {
            let outcome = self.listener.apply_event(&body);
            let wanted = if body.version().is_some() {
                ApplyOutcome::Applied
            } else {
                ApplyOutcome::Ignored
            };
            assert_eq!(outcome, wanted, "events are consecutive: {body:?}");
        }
        let fresh = Replica::download(&self.world.stores, self.chat, self.viewer()).await;
        fresh.assert_sound();
        assert_eq!(fresh.version.get(), self.version, "{what:?}");
        assert_eq!(self.listener, fresh, "who heard every event has the same");
        assert_eq!(fresh.messages.len(), self.written.len());
        assert!(fresh.members.keys().eq(self.markers.keys()));
        for (user, marker) in &self.markers {
            let after = self.written.iter().skip(usize::try_from(*marker).unwrap());
            let unread = after.filter(|(author, deleted)| author != user && !deleted).count();
            let view = self.world.stores.chats.view(self.chat, *user).await.unwrap();
            assert_eq!(view.read_seq.get(), *marker);
            assert_eq!(view.unread_count, unread as i64, "unread is counted, not kept");
            assert_eq!(fresh.unread(*user), unread as i64);
        }
        self.copies.push(fresh);
    }

    async fn catch_up(&self) {
        let fresh = self.copies.last().unwrap();
        for copy in &self.copies {
            for limit in [1, 2, 3, 7] {
                let mut copy = copy.clone();
                copy.catch_up(&self.world.stores, self.chat, limit).await;
                assert_eq!(copy, *fresh, "{limit} at a time");
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn the_numbers_stay_exact(tries in tries()) {
        block_on(async {
            let mut play = Play::begin().await;
            for (who, what) in &tries {
                play.version += play.tries(*who, what).await;
                play.check(what).await;
            }
            play.catch_up().await;
        });
    }
}
