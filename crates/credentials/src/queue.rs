//! The queue of passwords that wait to be hashed, shared fairly between their senders (ADR 42).
//!
//! Each origin has a lane of its own, and lanes take turns: somebody who sends a hundred passwords waits for
//! a hundred, and others wait for one of them. Origins from which somebody signed in lately are *known*.
//! Known origins take turns with all others together, so that a flood from many addresses does not keep out
//! people who were here before.

use domain::limits::{HASHES_PER_ORIGIN, HASHES_WAITING, KNOWN_ORIGINS};
use domain::user::HashOrigin;
use std::collections::{HashMap, HashSet, VecDeque};
use std::mem::take;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// A job. It is called with `true` in its turn, or with `false` if it is given up because there are too many.
pub(crate) type Job = Box<dyn FnOnce(bool) + Send>;

/// The queue, shared by those who add jobs and the threads that take them.
#[derive(Default)]
pub(crate) struct Queue {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    /// The lanes of known origins.
    known: Lanes,
    others: Lanes,
    /// Whether the last job came from a known origin: then the next is one of the others.
    served_known: bool,
    origins: Origins,
    closed: bool,
}

/// Lanes that take turns.
#[derive(Default)]
struct Lanes {
    jobs: HashMap<HashOrigin, VecDeque<Job>>,
    /// The origins with jobs, in the order of their turns.
    turns: VecDeque<HashOrigin>,
    /// The number of jobs in all lanes.
    waiting: usize,
}

/// Known addresses, in two generations: when the young one is full, it replaces the old one.
#[derive(Default)]
struct Origins {
    young: HashSet<HashOrigin>,
    old: HashSet<HashOrigin>,
}

impl Origins {
    fn remember(&mut self, origin: HashOrigin) {
        if self.young.len() >= KNOWN_ORIGINS {
            self.old = take(&mut self.young);
        }
        self.young.insert(origin);
    }

    fn knows(&self, origin: HashOrigin) -> bool {
        match origin {
            HashOrigin::Address(_) => self.young.contains(&origin) || self.old.contains(&origin),
            // Whoever changes a password is signed in already.
            HashOrigin::Account(_) | HashOrigin::Operator => true,
        }
    }
}

impl Lanes {
    /// Adds a job. `Err` has a job to give up: this one, or, if there are too many in all, the newest of a
    /// longer lane. So a full queue still takes the first jobs of other origins.
    fn push(&mut self, origin: HashOrigin, job: Job) -> Result<(), Job> {
        let own = self.jobs.get(&origin).map_or(0, VecDeque::len);
        if own >= HASHES_PER_ORIGIN {
            return Err(job);
        }
        let evicted = if self.waiting < HASHES_WAITING { None } else { self.evict(own + 1) };
        if self.waiting >= HASHES_WAITING {
            return Err(job);
        }
        let lane = self.jobs.entry(origin).or_default();
        if lane.is_empty() {
            self.turns.push_back(origin);
        }
        lane.push_back(job);
        self.waiting += 1;
        evicted.map_or(Ok(()), Err)
    }

    /// Removes the newest job of the longest lane, if that is longer than `length`.
    fn evict(&mut self, length: usize) -> Option<Job> {
        let (_, longest) = self.jobs.iter_mut().max_by_key(|(_, lane)| lane.len())?;
        let evicted = if longest.len() > length { longest.pop_back() } else { None };
        self.waiting -= usize::from(evicted.is_some());
        evicted
    }

    fn pop(&mut self) -> Option<Job> {
        let origin = self.turns.pop_front()?;
        let lane = self.jobs.get_mut(&origin)?;
        let job = lane.pop_front();
        self.waiting -= usize::from(job.is_some());
        if lane.is_empty() {
            self.jobs.remove(&origin);
        } else {
            self.turns.push_back(origin);
        }
        job
    }
}

impl State {
    fn pop(&mut self) -> Option<Job> {
        let Self { known, others, served_known, .. } = self;
        let order = if *served_known { [others, known] } else { [known, others] };
        let known_first = !*served_known;
        let [first, second] = order;
        if let Some(job) = first.pop() {
            *served_known = known_first;
            return Some(job);
        }
        let job = second.pop();
        if job.is_some() {
            *served_known = !known_first;
        }
        job
    }
}

impl Queue {
    /// Adds a job. If there are too many, this one or another is given up at once, by calling it with `false`.
    pub(crate) fn push(&self, origin: HashOrigin, job: Job) {
        let mut state = self.state();
        let is_known = state.origins.knows(origin);
        let lanes = if is_known { &mut state.known } else { &mut state.others };
        let pushed = lanes.push(origin, job);
        drop(state);
        self.changed.notify_one();
        if let Err(given_up) = pushed {
            given_up(false);
        }
    }

    /// Blocks until there is a job; `None` once the queue is closed. Jobs that still wait then are dropped.
    pub(crate) fn next(&self) -> Option<Job> {
        let mut state = self.state();
        loop {
            if state.closed {
                return None;
            }
            if let Some(job) = state.pop() {
                return Some(job);
            }
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Remembers that somebody signed in from this origin.
    pub(crate) fn remember(&self, origin: HashOrigin) {
        self.state().origins.remember(origin);
    }

    /// Closes the queue, which ends the threads that take jobs.
    pub(crate) fn close(&self) {
        self.state().closed = true;
        self.changed.notify_all();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // No job runs while the lock is held, so a panic in one leaves sound data.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::{IpAddr, Ipv4Addr};
    use std::sync::Arc;

    type Done = Arc<Mutex<Vec<(&'static str, bool)>>>;

    fn address(last: u8) -> HashOrigin {
        HashOrigin::Address(IpAddr::from(Ipv4Addr::new(10, 0, 0, last)))
    }

    fn push(queue: &Queue, done: &Done, origin: HashOrigin, name: &'static str) {
        let done = Arc::clone(done);
        queue.push(origin, Box::new(move |run| done.lock().unwrap().push((name, run))));
    }

    /// How many jobs run up to and with that of the owner.
    fn turns_until_owner(queue: &Queue, done: &Done) -> usize {
        loop {
            queue.next().unwrap()(true);
            let done = done.lock().unwrap();
            let run = done.iter().filter(|(_, run)| *run);
            if let Some(place) = run.map(|(name, _)| *name).position(|name| name == "owner") {
                return place + 1;
            }
        }
    }

    fn flooded(addresses: u8) -> (Queue, Done) {
        let (queue, done) = (Queue::default(), Done::default());
        for _ in 0..100 {
            for last in 1..=addresses {
                push(&queue, &done, address(last), "flood");
            }
        }
        (queue, done)
    }

    #[test]
    fn addresses_take_turns() {
        let (queue, done) = flooded(3);
        push(&queue, &done, address(9), "owner");
        assert_eq!(turns_until_owner(&queue, &done), 4);
    }

    #[test]
    fn who_signed_in_before_waits_for_one_other_at_most() {
        for origin in [address(9), HashOrigin::Account(domain::ids::UserId::stored(1))] {
            let (queue, done) = flooded(200);
            queue.remember(address(9));
            queue.next().unwrap()(true);
            push(&queue, &done, origin, "owner");
            assert!(turns_until_owner(&queue, &done) <= 3, "{origin:?}");
        }
    }

    #[test]
    fn those_who_are_known_do_not_keep_out_all_others() {
        let (queue, done) = flooded(1);
        for _ in 0..HASHES_PER_ORIGIN {
            push(&queue, &done, HashOrigin::Operator, "operator");
        }
        for _ in 0..10 {
            queue.next().unwrap()(true);
        }
        let done = done.lock().unwrap();
        let operator = done.iter().filter(|done| **done == ("operator", true)).count();
        assert_eq!(operator, 5, "every other turn: {done:?}");
    }

    #[test]
    fn a_full_queue_gives_up_the_newest_of_the_longest_lane() {
        let given_up = |done: &Done| done.lock().unwrap().iter().filter(|(_, run)| !run).count();
        let full = u8::try_from(HASHES_WAITING / HASHES_PER_ORIGIN).unwrap();
        let (queue, done) = flooded(full);
        assert_eq!(queue.state().others.waiting, HASHES_WAITING);
        let before = given_up(&done);
        push(&queue, &done, address(99), "owner");
        assert_eq!(given_up(&done), before + 1);
        assert_eq!(done.lock().unwrap().last(), Some(&("flood", false)));
        assert_eq!(queue.state().others.waiting, HASHES_WAITING);
        assert_eq!(turns_until_owner(&queue, &done), usize::from(full) + 1);
    }

    #[test]
    fn a_queue_full_of_many_places_refuses_one_more() {
        let (queue, done) = (Queue::default(), Done::default());
        for last in 0..u8::try_from(HASHES_WAITING).unwrap() {
            push(&queue, &done, address(last), "one of many");
        }
        push(&queue, &done, address(250), "one too many");
        assert_eq!(done.lock().unwrap()[..], [("one too many", false)]);
    }

    #[test]
    fn a_closed_queue_has_no_more_jobs() {
        let (queue, _) = flooded(1);
        queue.close();
        assert!(queue.next().is_none());
    }

    #[test]
    fn only_so_many_places_are_remembered() {
        let mut origins = Origins::default();
        for number in 0..u32::try_from(5 * KNOWN_ORIGINS).unwrap() {
            origins.remember(HashOrigin::Address(IpAddr::from(Ipv4Addr::from(number))));
        }
        assert!(origins.young.len() + origins.old.len() <= 2 * KNOWN_ORIGINS);
    }
}
