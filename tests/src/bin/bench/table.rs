//! What was measured, for people.

use std::fmt::Write;
use std::time::Duration;
use tests::Engine;

/// What one way did.
pub(crate) struct Measured {
    /// How long each message took, from sending to its acknowledgement.
    latencies: Vec<Duration>,
    /// For how long they were counted.
    span: Duration,
    /// Processor time of the process that does the work: this one, or the server.
    cpu: Duration,
}

impl Measured {
    pub(crate) fn new(mut latencies: Vec<Duration>, span: Duration, cpu: Duration) -> Self {
        assert!(!latencies.is_empty(), "nothing was sent");
        latencies.sort_unstable();
        Self { latencies, span, cpu }
    }

    /// The same way, measured once more.
    pub(crate) fn and(self, other: Self) -> Self {
        let latencies = [self.latencies, other.latencies].concat();
        Self::new(latencies, self.span + other.span, self.cpu + other.cpu)
    }

    fn rate(&self) -> f64 {
        self.count() / self.span.as_secs_f64()
    }

    /// The latency that this part of a hundred stays below, in milliseconds.
    fn percentile(&self, part: usize) -> f64 {
        let place = (self.latencies.len() * part / 100).min(self.latencies.len() - 1);
        self.latencies[place].as_secs_f64() * 1e3
    }

    fn cpu_micros(&self) -> f64 {
        self.cpu.as_secs_f64() * 1e6 / self.count()
    }

    #[expect(clippy::cast_precision_loss, reason = "messages of a few seconds")]
    fn count(&self) -> f64 {
        self.latencies.len() as f64
    }
}

/// One line.
pub(crate) struct Row {
    pub(crate) engine: Engine,
    pub(crate) way: &'static str,
    pub(crate) senders: usize,
    pub(crate) measured: Measured,
}

/// All lines so far. Each is printed as soon as it is there.
#[derive(Default)]
pub(crate) struct Table {
    rows: Vec<Row>,
}

impl Table {
    pub(crate) fn add(&mut self, row: Row) {
        if self.rows.is_empty() {
            println!(
                "{:<11}{:<22}{:>8}{:>12}{:>10}{:>10}{:>10}",
                "", "", "senders", "messages/s", "p50 ms", "p99 ms", "CPU µs"
            );
        }
        let (of, m) = (row.engine.name(), &row.measured);
        println!(
            "{of:<11}{:<22}{:>8}{:>12.0}{:>10.2}{:>10.2}{:>10.1}",
            row.way,
            row.senders,
            m.rate(),
            m.percentile(50),
            m.percentile(99),
            m.cpu_micros()
        );
        self.rows.push(row);
    }

    /// What is compared with what, as far as it was measured.
    pub(crate) fn ratios(&self) -> String {
        let mut text = String::from("\nmessages/s, as a multiple:\n");
        for Row { engine, senders, measured: store, .. } in self.rows_of("message store") {
            let find = |way| {
                let mut rows = self.rows_of(way);
                rows.find(|row| row.engine == *engine && row.senders == *senders)
            };
            let (Some(reference), Some(sockets)) =
                (find("one transaction each"), find("real sockets"))
            else {
                continue;
            };
            let (reference, sockets) = (&reference.measured, &sockets.measured);
            let _ = write!(text, "{:<11}{senders:>4} senders: ", engine.name());
            let _ = if *senders == 1 {
                let (waits, wait) = (store.percentile(50), reference.percentile(50));
                let ratio = waits / wait;
                writeln!(text, "waits {waits:.2} ms, {ratio:.2} of the reference's {wait:.2} ms")
            } else {
                writeln!(
                    text,
                    "the store does {:.1} times the reference, real sockets {:.2} of the store",
                    store.rate() / reference.rate(),
                    sockets.rate() / store.rate()
                )
            };
        }
        text
    }

    fn rows_of<'a>(&'a self, way: &'a str) -> impl Iterator<Item = &'a Row> {
        self.rows.iter().filter(move |row| row.way == way)
    }
}
