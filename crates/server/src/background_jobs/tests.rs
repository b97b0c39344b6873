//! What becomes of jobs that fail.

use super::*;
use tokio::sync::mpsc;

/// What `/readyz` says of the jobs.
async fn is_fine(states: &JobStates) -> bool {
    let [check] = &states.checks().await[..] else { panic!("one check") };
    check.trouble.is_none()
}

#[tokio::test]
async fn a_turn_that_panics_is_followed_by_the_next() {
    let states = JobStates::default();
    let job = states.add("turns");
    let (told, mut turns) = mpsc::channel(1);
    let count = Arc::new(AtomicU32::new(0));
    let supervised = tokio::spawn(job.every(Duration::from_millis(1), move || {
        let (told, turn) = (told.clone(), count.fetch_add(1, Ordering::Relaxed));
        async move {
            told.send(turn).await.expect("the test listens");
            assert!(turn >= KEEPS_FAILING, "turn {turn} panics");
            Ok(())
        }
    }));
    for turn in 0..KEEPS_FAILING {
        assert!(is_fine(&states).await);
        assert_eq!(turns.recv().await, Some(turn));
    }
    // The turn after has begun only once the one before is over.
    assert_eq!(turns.recv().await, Some(KEEPS_FAILING));
    assert_eq!(turns.recv().await, Some(KEEPS_FAILING + 1));
    assert!(is_fine(&states).await, "one good turn is enough");
    supervised.abort();
}

#[tokio::test]
async fn a_job_that_keeps_failing_is_told_of_until_it_has_recovered() {
    let states = JobStates::default();
    let job = states.add_with("loop", Duration::from_millis(500));
    let (told, mut starts) = mpsc::channel(1);
    let mut start = 0;
    let supervised = tokio::spawn(job.keep(move || {
        start += 1;
        let (told, start) = (told.clone(), start);
        async move {
            told.send(start).await.expect("the test listens");
            assert!(start > KEEPS_FAILING, "start {start} panics");
            std::future::pending::<()>().await;
        }
    }));
    for start in 1..=KEEPS_FAILING {
        assert!(is_fine(&states).await);
        assert_eq!(starts.recv().await, Some(start));
    }
    assert_eq!(starts.recv().await, Some(KEEPS_FAILING + 1));
    assert!(!is_fine(&states).await);
    assert_eq!(states.failing(), ["loop"]);
    while !is_fine(&states).await {
        sleep(Duration::from_millis(1)).await;
    }
    supervised.abort();
}

#[tokio::test]
async fn failures_in_a_row_are_told_of() {
    let states = JobStates::default();
    let job = states.add("job");
    for _ in 1..KEEPS_FAILING {
        job.failed(&StoreError::unavailable("away"));
    }
    assert!(is_fine(&states).await);
    job.failed(&StoreError::unavailable("away"));
    assert!(!is_fine(&states).await);
    job.recovered();
    assert!(is_fine(&states).await);
}

#[tokio::test]
async fn a_job_that_is_done_is_not_started_again() {
    let (told, mut starts) = mpsc::channel(2);
    let job = JobStates::default().add("done");
    let start = move || {
        let told = told.clone();
        async move { told.send(()).await.expect("the test listens") }
    };
    job.keep(start).await;
    assert_eq!((starts.recv().await, starts.recv().await), (Some(()), None));
}
