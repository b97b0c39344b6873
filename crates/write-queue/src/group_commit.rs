//! Gathers whatever waits into one unit of work. Knows nothing of databases.

use crate::gate::{Pass, WRITES};
use futures_util::FutureExt;
use std::collections::VecDeque;
use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::time::Instant;
use tokio::sync::{mpsc, oneshot};

/// Work that somebody waits for. Dropped without an answer, it has failed.
pub struct Job<I, O> {
    pub input: I,
    /// When it was handed in.
    pub since: Instant,
    reply: oneshot::Sender<O>,
    /// Held until the work is done; how many there are bounds the queue.
    pass: Pass,
}

impl<I, O> Job<I, O> {
    /// Ends it. Who does not wait any more does not need to know.
    pub fn answer(self, output: O) {
        drop(self.pass);
        let _ = self.reply.send(output);
    }
}

/// How much is done at once.
pub struct Batching<I> {
    /// How many, at most.
    pub count: usize,
    /// What they may cost together, unless one alone costs more.
    pub cost: usize,
    /// What one costs.
    pub cost_of: fn(&I) -> usize,
}

impl<I> Batching<I> {
    /// The first of those that wait, in their order; none if none waits.
    pub fn take<O>(&self, line: &mut VecDeque<Job<I, O>>) -> Vec<Job<I, O>> {
        let (mut taken, mut cost) = (Vec::new(), 0_usize);
        while let Some(next) = line.front() {
            cost = cost.saturating_add((self.cost_of)(&next.input));
            if !taken.is_empty() && (taken.len() == self.count || cost > self.cost) {
                break;
            }
            taken.extend(line.pop_front());
        }
        taken
    }
}

/// Hands work in. The loop that does it ends when the last of these is gone.
pub struct Writer<I, O> {
    queue: mpsc::Sender<Job<I, O>>,
}

impl<I: Send + 'static, O: Send + 'static> Writer<I, O> {
    /// A writer and its loop. `commit` gets at least one job, in the order in which they came, and answers
    /// them, then or later.
    pub fn new<F, Fut>(
        batching: Batching<I>,
        mut commit: F,
    ) -> (Self, impl Future<Output = ()> + Send + 'static)
    where
        F: FnMut(Vec<Job<I, O>>) -> Fut + Send + 'static,
        Fut: Future<Output = ()> + Send + 'static,
    {
        // Each job holds a pass, so there is room for all that there can be.
        let (queue, mut waiting) = mpsc::channel::<Job<I, O>>(WRITES as usize);
        let run = async move {
            let (mut line, mut came) = (VecDeque::new(), Vec::new());
            // Nobody is waited for: a lone job is taken alone, and those that come while it is
            // being done are taken together.
            loop {
                let room = batching.count.saturating_sub(line.len());
                if line.is_empty() {
                    if waiting.recv_many(&mut came, room).await == 0 {
                        break;
                    }
                } else if room > 0 {
                    // Some are left since they cost too much for the last time.
                    let _ = waiting.recv_many(&mut came, room).now_or_never();
                }
                line.extend(came.drain(..));
                // A panic drops the replies of this batch and leaves the loop alive.
                let done = AssertUnwindSafe(commit(batching.take(&mut line))).catch_unwind().await;
                drop(done);
            }
        };
        (Self { queue }, run)
    }

    /// How much waits that nobody has begun with.
    pub fn waiting(&self) -> usize {
        self.queue.max_capacity() - self.queue.capacity()
    }

    /// Does `input`, together with whatever else waits. `None` if the work panicked or the loop
    /// has ended. The work is done even if nobody waits for this any more.
    pub async fn submit(&self, input: I, pass: Pass) -> Option<O> {
        let (reply, answer) = oneshot::channel();
        self.queue.try_send(Job { input, since: Instant::now(), reply, pass }).ok()?;
        answer.await.ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gate::Gate;
    use futures_util::future::join_all;
    use std::sync::{Arc, Mutex};
    use std::time::Duration;

    type Batches = Arc<Mutex<Vec<Vec<i32>>>>;

    fn recording(limit: usize) -> (Writer<i32, i32>, Batches, Gate) {
        let seen = Arc::new(Mutex::new(Vec::new()));
        let record = seen.clone();
        let batching =
            Batching { count: limit, cost: 100, cost_of: |n| if *n > 50 { 60 } else { 1 } };
        let (writer, run) = Writer::new(batching, move |jobs: Vec<Job<i32, i32>>| {
            let inputs: Vec<_> = jobs.iter().map(|job| job.input).collect();
            record.lock().expect("no panic while it is held").push(inputs.clone());
            async move {
                tokio::task::yield_now().await;
                assert!(!inputs.contains(&13), "an unlucky number");
                for job in jobs {
                    let n = job.input;
                    job.answer(n * 10);
                }
            }
        });
        tokio::spawn(run);
        (writer, seen, Gate::new(Duration::from_secs(60)))
    }

    #[tokio::test]
    async fn what_waits_is_done_together_in_order_up_to_the_limit() {
        let (writer, seen, gate) = recording(4);
        let calls = (0..10).map(|n| {
            let (writer, gate) = (&writer, &gate);
            async move { writer.submit(n, gate.enter().await.ok()?).await }
        });
        let answers = join_all(calls).await;
        assert_eq!(answers, (0..10).map(|n| Some(n * 10)).collect::<Vec<_>>());
        let seen = seen.lock().expect("no panic while it is held");
        assert_eq!(*seen, [vec![0, 1, 2, 3], vec![4, 5, 6, 7], vec![8, 9]]);
    }

    #[tokio::test]
    async fn a_batch_is_measured_by_what_it_costs() {
        let (writer, seen, gate) = recording(4);
        let inputs = [51, 1, 2, 52, 53, 54, 3, 4, 5, 6, 7];
        let calls = inputs.map(|n| {
            let (writer, gate) = (&writer, &gate);
            async move { writer.submit(n, gate.enter().await.ok()?).await }
        });
        assert_eq!(join_all(calls).await, inputs.map(|n| Some(n * 10)));
        let seen = seen.lock().expect("no panic while it is held");
        let batches = [vec![51, 1, 2], vec![52], vec![53], vec![54, 3, 4, 5], vec![6, 7]];
        assert_eq!(*seen, batches, "in order, and what costs most does not come together");
    }

    #[tokio::test]
    async fn a_caller_that_leaves_does_not_take_its_work_along() {
        let (writer, seen, gate) = recording(4);
        let leaving = writer.submit(1, gate.enter().await.expect("an open gate")).now_or_never();
        assert_eq!(leaving, None);
        gate.close().await;
        assert_eq!(*seen.lock().expect("no panic while it is held"), [vec![1]]);
    }

    #[tokio::test]
    async fn a_panic_fails_its_batch_and_no_other() {
        let (writer, _, gate) = recording(1);
        for (input, answer) in [(13, None), (14, Some(140))] {
            let pass = gate.enter().await.expect("an open gate");
            assert_eq!(writer.submit(input, pass).await, answer);
        }
    }
}
