//! Gathers whatever waits into one unit of work. Knows nothing of databases.

use crate::gate::{Pass, WRITES};
use futures_util::FutureExt;
use std::future::Future;
use std::panic::AssertUnwindSafe;
use tokio::sync::{mpsc, oneshot};

struct Job<I, O> {
    input: I,
    reply: oneshot::Sender<O>,
    /// Held until the work is done; how many there are bounds the queue.
    pass: Pass,
}

/// Hands work in. The loop that does it ends when the last of these is gone.
pub(crate) struct Writer<I, O> {
    queue: mpsc::Sender<Job<I, O>>,
}

impl<I: Send + 'static, O: Send + 'static> Writer<I, O> {
    /// A writer and its loop. `commit` gets one to `limit` inputs in the order in which they came
    /// and returns as many outputs in the same order.
    pub(crate) fn new<F, Fut>(
        limit: usize,
        mut commit: F,
    ) -> (Self, impl Future<Output = ()> + Send + 'static)
    where
        F: FnMut(Vec<I>) -> Fut + Send + 'static,
        Fut: Future<Output = Vec<O>> + Send + 'static,
    {
        // Each job holds a pass, so there is room for all that there can be.
        let (queue, mut waiting) = mpsc::channel::<Job<I, O>>(WRITES as usize);
        let run = async move {
            let mut jobs = Vec::new();
            // Nobody is waited for: a lone job is taken alone, and those that come while it is
            // being done are taken together.
            while waiting.recv_many(&mut jobs, limit).await > 0 {
                let mut inputs = Vec::with_capacity(jobs.len());
                let mut replies = Vec::with_capacity(jobs.len());
                for Job { input, reply, pass } in jobs.drain(..) {
                    inputs.push(input);
                    replies.push((reply, pass));
                }
                // A panic drops the replies of this batch and leaves the loop alive.
                let outputs = AssertUnwindSafe(commit(inputs)).catch_unwind().await;
                for ((reply, pass), output) in replies.into_iter().zip(outputs.unwrap_or_default())
                {
                    drop(pass);
                    // Who does not wait any more does not need to know.
                    let _ = reply.send(output);
                }
            }
        };
        (Self { queue }, run)
    }

    /// How much waits that nobody has begun with.
    pub(crate) fn waiting(&self) -> usize {
        self.queue.max_capacity() - self.queue.capacity()
    }

    /// Does `input`, together with whatever else waits. `None` if the work panicked or the loop
    /// has ended. The work is done even if nobody waits for this any more.
    pub(crate) async fn submit(&self, input: I, pass: Pass) -> Option<O> {
        let (reply, answer) = oneshot::channel();
        self.queue.try_send(Job { input, reply, pass }).ok()?;
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
        let (writer, run) = Writer::new(limit, move |inputs: Vec<i32>| {
            record.lock().expect("no panic while it is held").push(inputs.clone());
            async move {
                tokio::task::yield_now().await;
                assert!(!inputs.contains(&13), "an unlucky number");
                inputs.into_iter().map(|n| n * 10).collect()
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
