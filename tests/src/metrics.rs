//! What Prometheus would read.

use crate::server::{Server, within};
use std::collections::BTreeMap;

/// Metrics at one moment, by name and labels as they are written: `confab_sends_total{outcome="stored"}`.
#[derive(Debug, Clone, Default)]
pub struct Metrics(BTreeMap<String, f64>);

impl Metrics {
    /// Reads them from a server that was started with `CONFAB_METRICS_LISTEN`.
    pub async fn of(server: &Server) -> Self {
        let asked = within("the metrics", reqwest::get(server.metrics_url())).await;
        let answer = asked.expect("they are answered");
        assert_eq!(answer.status(), 200);
        let kind = answer.headers()["content-type"].to_str().expect("a text").to_owned();
        assert!(kind.starts_with("text/plain; version=0.0.4"), "{kind}");
        Self::parse(&answer.text().await.expect("a text"))
    }

    fn parse(text: &str) -> Self {
        let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
        let metrics = lines.map(|line| {
            let (name, value) = line.rsplit_once(' ').expect("a name and a value");
            (name.to_owned(), value.parse().unwrap_or_else(|_| panic!("a number: {line}")))
        });
        Self(metrics.collect())
    }

    /// One of them; nothing counts as none.
    pub fn get(&self, name: &str) -> f64 {
        self.0.get(name).copied().unwrap_or_default()
    }

    /// The sum of all that begin like this: of one name, whatever its labels are.
    pub fn sum(&self, name: &str) -> f64 {
        let same = |key: &&String| key.split('{').next() == Some(name);
        self.0.iter().filter(|(key, _)| same(key)).map(|(_, value)| value).sum()
    }

    /// Every name, without labels and without what histograms hang on it.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(|key| {
            let name = key.split('{').next().unwrap_or_default();
            let ends = ["_bucket", "_sum", "_count"];
            ends.iter().find_map(|end| name.strip_suffix(end)).unwrap_or(name)
        })
    }

    /// Every label that there is.
    pub fn labels(&self) -> impl Iterator<Item = &str> {
        let inside = self.0.keys().filter_map(|key| key.split_once('{'));
        inside.flat_map(|(_, labels)| labels.trim_end_matches('}').split(','))
    }
}
