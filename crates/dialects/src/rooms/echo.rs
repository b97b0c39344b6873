//! Request ids. Everybody in the room gets the id of the sender's request with the message, so it is stored
//! in the message's client id.

use domain::clock::Timestamp;
use domain::limits::CLIENT_ID_BYTES;
use domain::message::ClientId;
use serde_json::Value;

/// The prefix of this protocol's client ids.
const MARK: &str = "rooms.";

/// A client id that contains a request's id, a number or a text. It is different each time, since these
/// clients may use an id for two messages. `None` if there is no id, or it is too long.
pub(super) fn client_id(request_id: &Value, now: Timestamp) -> Option<String> {
    if !is_echoed(request_id) {
        return None;
    }
    let id = format!("{MARK}{:x}.{request_id}", now.as_micros());
    let fits = id.len() <= CLIENT_ID_BYTES && id.bytes().all(|b| b.is_ascii_graphic());
    fits.then_some(id)
}

/// The request's id in a client id, or null.
pub(super) fn request_id(client_id: Option<&ClientId>) -> Value {
    let held = client_id.and_then(|id| id.as_str().strip_prefix(MARK)?.split_once('.'));
    let value = held.and_then(|(_, json)| serde_json::from_str(json).ok());
    value.filter(is_echoed).unwrap_or_default()
}

fn is_echoed(value: &Value) -> bool {
    value.is_number() || value.is_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_request_id_comes_back_as_it_was() {
        let now = Timestamp::from_micros(1_795_881_776_717_000);
        for id in [json!(1_795_881_776_717_i64), json!(-1.5), json!("7"), json!("x\"y")] {
            let held = client_id(&id, now).unwrap();
            assert_eq!(request_id(ClientId::new(&held).ok().as_ref()), id);
        }
        for id in [json!(null), json!([1]), json!("a b"), json!("я"), json!("x".repeat(60))] {
            assert_eq!(client_id(&id, now), None, "{id}");
        }
        for other in ["rooms.", "rooms.1.[1]", "rooms.1.{", "a-native-one", "1.2"] {
            assert_eq!(request_id(ClientId::new(other).ok().as_ref()), Value::Null, "{other}");
        }
        assert_eq!(request_id(None), Value::Null);
    }
}
