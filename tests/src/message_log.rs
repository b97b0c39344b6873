//! Nothing lost, nothing twice, nothing out of order.

use crate::load::Acknowledged;
use serde_json::Value;
use std::collections::HashMap;

/// What is known of one chat that [`crate::Writer`]s write to: its messages as they were read so far.
#[derive(Default)]
pub struct MessageLog {
    by_text: HashMap<String, (i64, i64)>,
    last_seq: i64,
}

impl MessageLog {
    /// Records what was read: the next numbers without a hole, and no text twice.
    pub fn record(&mut self, messages: &[Value]) {
        for message in messages {
            let number = |name: &str| message[name].as_i64().expect("a number");
            self.last_seq += 1;
            assert_eq!(number("seq"), self.last_seq, "a hole before {message}");
            let text = message["text"].as_str().expect("a text").to_owned();
            assert_eq!(message["client_id"], *text, "{message}");
            let before = self.by_text.insert(text, (number("id"), number("seq")));
            assert_eq!(before, None, "stored twice: {message}");
        }
    }

    /// Asserts that everything that was acknowledged is in it, as it was acknowledged.
    pub fn assert_contains(&self, acknowledged: &[Acknowledged]) {
        for one in acknowledged {
            let stored = self.by_text.get(&one.text);
            assert_eq!(stored, Some(&(one.id, one.seq)), "acknowledged: {one:?}");
        }
    }

    /// Where the chat ends.
    pub fn last_seq(&self) -> i64 {
        self.last_seq
    }

    /// How many messages there are.
    pub fn messages(&self) -> usize {
        self.by_text.len()
    }
}
