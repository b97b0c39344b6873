//! Which server of a Redis cluster holds a channel or a key.

use redis::{ErrorKind, RedisError, RedisResult, Value, from_redis_value, from_redis_value_ref};
use std::collections::BTreeMap;

/// The number of slots in a Redis cluster.
const SLOTS: u16 = 16_384;

/// Which slots each server of a cluster has. Equal values mean the same layout.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Layout(BTreeMap<Address, Vec<Slots>>);

/// The host and the port of a server.
pub(crate) type Address = (String, u16);

/// The first and the last slot of a range.
type Slots = (u16, u16);

impl Layout {
    /// Reads the answer to `CLUSTER SLOTS` of the server with the host name `asked`.
    pub(crate) fn read(answer: Value, asked: &str) -> RedisResult<Self> {
        let mut layout = Self::default();
        for range in from_redis_value::<Vec<Vec<Value>>>(answer)? {
            let [first, last, Value::Array(main), ..] = &range[..] else {
                return Err(unreadable());
            };
            let [host, port, ..] = &main[..] else { return Err(unreadable()) };
            let host: Option<String> = from_redis_value_ref(host)?;
            // A server that does not know its own name is reached by the name that was asked.
            let host = host.filter(|host| !host.is_empty()).unwrap_or_else(|| asked.to_owned());
            let slots = (from_redis_value_ref(first)?, from_redis_value_ref(last)?);
            layout.0.entry((host, from_redis_value_ref(port)?)).or_default().push(slots);
        }
        layout.0.values_mut().for_each(|slots| slots.sort_unstable());
        Ok(layout)
    }

    /// All servers, always in the same order.
    pub(crate) fn servers(&self) -> impl Iterator<Item = &Address> {
        self.0.keys()
    }

    /// Which of [`Self::servers`] has this name.
    pub(crate) fn place_of(&self, name: &str) -> RedisResult<usize> {
        let slot = slot_of(name);
        let has = |slots: &Vec<Slots>| slots.iter().any(|(from, to)| (*from..=*to).contains(&slot));
        let place = self.0.values().position(has);
        place.ok_or_else(|| (ErrorKind::Io, "no server of the cluster has this slot").into())
    }
}

fn unreadable() -> RedisError {
    (ErrorKind::UnexpectedReturnType, "a cluster that cannot be described").into()
}

/// The slot of a name: of the text in its first braces, if there is any, or of the whole name.
fn slot_of(name: &str) -> u16 {
    let braced = name.split_once('{').and_then(|(_, rest)| rest.split_once('}'));
    let tag = braced.map(|(tag, _)| tag).filter(|tag| !tag.is_empty());
    crc16(tag.unwrap_or(name).as_bytes()) % SLOTS
}

/// The CRC16 variant (XMODEM) that Redis computes slots with.
fn crc16(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0, |sum, byte| {
        (0..8).fold(sum ^ u16::from(*byte) << 8, |sum, _| {
            if sum & 0x8000 == 0 { sum << 1 } else { sum << 1 ^ 0x1021 }
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Value {
        Value::BulkString(text.into())
    }

    fn range(first: i64, last: i64, host: &Value, port: i64) -> Value {
        let server = |port| Value::Array(vec![host.clone(), Value::Int(port), text("id")]);
        let (first, last) = (Value::Int(first), Value::Int(last));
        Value::Array(vec![first, last, server(port), server(port + 100)])
    }

    #[test]
    fn slots_are_those_of_redis() {
        assert_eq!(crc16(b"123456789"), 0x31c3);
        assert_eq!(slot_of("somekey"), 11058);
        assert_eq!(slot_of("foo{hash_tag}"), 2515);
        assert_eq!(slot_of("bar{hash_tag}{other}"), 2515);
        assert_eq!(slot_of("foo{}{bar}"), 8363, "nothing in the first braces: all of it counts");
    }

    #[test]
    fn a_layout_tells_who_has_what() {
        let ranges = [
            range(8_000, 16_383, &text("10.0.0.2"), 6379),
            range(100, 199, &text(""), 6379),
            range(0, 99, &Value::Nil, 6379),
        ];
        let layout = Layout::read(Value::Array(ranges.to_vec()), "10.0.0.1").unwrap();
        let servers: Vec<_> = layout.servers().cloned().collect();
        assert_eq!(servers, [("10.0.0.1".to_owned(), 6379), ("10.0.0.2".to_owned(), 6379)]);
        assert_eq!(layout.place_of("somekey").unwrap(), 1);
        assert!(layout.place_of("foo{hash_tag}").is_err(), "nobody has 2515");
        let mut otherwise = ranges.to_vec();
        otherwise.reverse();
        assert_eq!(Layout::read(Value::Array(otherwise), "10.0.0.1").unwrap(), layout);
        assert!(Layout::read(text("no list"), "10.0.0.1").is_err());
    }
}
