//! Reading from the database what no event brought.

use crate::gaps::{Gap, ToReconcile};
use crate::hub::Hub;
use domain::chat::{Chats, Membership};
use domain::event::{Audience, Event, EventBody};
use domain::failure::StoreError;
use domain::ids::{ChatId, UserId};
use domain::nodes::{Doubt, Sockets};
use futures_util::StreamExt;
use futures_util::stream;
use std::collections::HashSet;
use std::time::{Duration, Instant};

/// How long a missing event may be on its way before the database is asked for it.
const GAP_PATIENCE: Duration = Duration::from_millis(50);
/// How many chats are filled at once.
const FILLS: usize = 4;
/// About how many events are filled in at once: well under what fits into a mailbox.
const FILL: usize = 100;
/// How long others wait for a socket that does not read before it gets more than it can take.
const FILL_PATIENCE: Duration = Duration::from_millis(250);
/// How long to leave a database alone that could not answer.
const REST: Duration = Duration::from_millis(500);
/// How many times longer than a comparison to leave the database alone before one that is routine,
/// and how long at most.
const REST_AFTER: u32 = 30;
const REST_AT_MOST: Duration = Duration::from_secs(3);
/// Chats that are compared by one query.
const HEADS: usize = 1_000;
/// People whose chats are compared by one query.
const PEOPLE: usize = 200;

/// How often in a row to look at a chat in which much happens.
const LOOKS: usize = 5;

impl Hub {
    /// Fills gaps from the database, for ever. A gap opens when an event was published out of
    /// order, or not at all because its process died or its caller left, or got lost between nodes.
    pub async fn fill_gaps(&self, chats: &Chats) {
        loop {
            self.gap_seen.notified().await;
            let seen: HashSet<_> = self.gaps().iter().map(Gap::place).collect();
            tokio::time::sleep(GAP_PATIENCE).await;
            // Those that opened meanwhile were notified of, and have their turn next.
            let gaps = self.gaps().into_iter().filter(|h| seen.contains(&h.place()));
            let fills = gaps.map(|gap| self.fill(chats, gap));
            let mut fills = stream::iter(fills).buffer_unordered(FILLS);
            while let Some(filled) = fills.next().await {
                if let Err(error) = filled {
                    tracing::warn!(%error, "could not read what was missed; trying again");
                    tokio::time::sleep(REST).await;
                    self.gap_seen.notify_one();
                }
            }
        }
    }

    /// Brings the listeners of a chat from a version to the present, page by page.
    async fn fill(&self, chats: &Chats, gap: Gap) -> Result<(), StoreError> {
        let Gap { chat, from, why } = gap;
        metrics::counter!("confab_bus_refills_total", "reason" => why.word()).increment(1);
        let mut next = Some(from);
        while let Some(since) = next {
            let Some(missed) = chats.missed_since(chat, since, FILL).await? else {
                self.tell_gone(chat);
                return Ok(());
            };
            self.wait_for_room(chat).await;
            let more = missed.more;
            next = self.share(chat).fill(missed).filter(|_| more);
        }
        Ok(())
    }

    fn tell_gone(&self, chat: ChatId) {
        let (audience, body) = (Audience::Members(chat), EventBody::ChatDeleted(chat));
        self.deliver_at_once(Event { audience, body });
    }

    /// Lets clients read what they have before they get more, so that a long absence of the bus
    /// does not close their sockets.
    async fn wait_for_room(&self, chat: ChatId) {
        let began = Instant::now();
        while !self.share(chat).has_room(FILL) && began.elapsed() < FILL_PATIENCE {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// Compares with the database whatever the bus has doubts about, for ever.
    pub async fn reconcile(&self, chats: &Chats) {
        let mut rest = Duration::ZERO;
        loop {
            tokio::select! {
                () = self.reconcile_now.notified() => {}
                () = async {
                    tokio::time::sleep(rest).await;
                    self.routine_reconcile.notified().await;
                } => {}
            }
            let began = Instant::now();
            let wanted = std::mem::take(&mut *self.to_reconcile());
            let compared = async {
                self.compare_chats(chats, &wanted).await?;
                if wanted.people { self.compare_people(chats).await } else { Ok(()) }
            };
            if let Err(error) = compared.await {
                tracing::warn!(%error, "could not look for what was missed; trying again");
                tokio::time::sleep(REST).await;
                self.compare(Doubt::Everything);
            }
            rest = (began.elapsed() * REST_AFTER).min(REST_AT_MOST);
        }
    }

    async fn compare_chats(&self, chats: &Chats, wanted: &ToReconcile) -> Result<(), StoreError> {
        for some in self.followed_among(wanted).chunks(HEADS) {
            let heads = chats.heads(some).await?;
            let mut gone: HashSet<_> = some.iter().collect();
            for (chat, version) in &heads {
                gone.remove(chat);
                self.share(*chat).note(*version, wanted.why(*chat));
            }
            gone.into_iter().for_each(|chat| self.tell_gone(*chat));
        }
        Ok(())
    }

    /// The chats that are followed and in doubt.
    fn followed_among(&self, wanted: &ToReconcile) -> Vec<ChatId> {
        if wanted.all_chats {
            return self.followed();
        }
        wanted.chats.iter().copied().filter(|chat| self.share(*chat).is_followed()).collect()
    }

    /// Lets people into chats that they came into unheard.
    async fn compare_people(&self, chats: &Chats) -> Result<(), StoreError> {
        let people: Vec<UserId> = self.connected().people.keys().copied().collect();
        for some in people.chunks(PEOPLE) {
            let memberships = chats.memberships(some).await?;
            let missed: Vec<_> = {
                let connected = self.connected();
                let misses = |m: &Membership| connected.misses(m.chat, m.user);
                memberships.into_iter().filter(misses).collect()
            };
            for membership in missed {
                self.let_in(chats, membership).await?;
            }
        }
        Ok(())
    }

    /// Tells somebody's sockets that they are in a chat, and lets them listen. A departure that is
    /// delivered meanwhile has the last word.
    async fn let_in(&self, chats: &Chats, membership: Membership) -> Result<(), StoreError> {
        let chat = membership.chat;
        for _ in 0..LOOKS {
            let Some((member, version)) = chats.entrance(membership).await? else { break };
            if self.share(chat).let_in(member, version) {
                return Ok(());
            }
        }
        self.compare(Doubt::Everything);
        Ok(())
    }
}
