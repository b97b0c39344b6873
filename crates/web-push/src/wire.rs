//! The notification as a service worker reads it.

use domain::push::Told;
use serde::Serialize;

#[derive(Serialize)]
struct Payload<'a> {
    chat: i64,
    seq: i64,
    sender: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<&'a str>,
}

/// The JSON, shortened to fit into one push message: services accept 4,096 bytes.
pub(crate) fn payload(told: &Told) -> Vec<u8> {
    let Told { chat, seq, sender, text } = told;
    let payload = Payload { chat: chat.get(), seq: seq.get(), sender, text: text.as_deref() };
    serde_json::to_vec(&payload).expect("numbers and texts become JSON")
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::ids::{ChatId, Seq};
    use domain::limits::{PUSH_TEXT_CHARS, USER_NAME_CHARS};

    fn told(sender: &str, text: Option<String>) -> Told {
        Told { chat: ChatId::stored(1), seq: Seq::stored(2), sender: sender.to_owned(), text }
    }

    #[test]
    fn what_may_not_be_told_is_not_there() {
        assert_eq!(payload(&told("Ada", None)), br#"{"chat":1,"seq":2,"sender":"Ada"}"#);
        let with_text = payload(&told("Ada", Some("Hi".to_owned())));
        assert_eq!(with_text, br#"{"chat":1,"seq":2,"sender":"Ada","text":"Hi"}"#);
    }

    #[test]
    fn the_longest_fits() {
        // A character takes at most six bytes in JSON.
        let sender = "\u{1}".repeat(USER_NAME_CHARS);
        let longest = told(&sender, Some("\u{1}".repeat(PUSH_TEXT_CHARS + 1)));
        let room = 4_096 - 86 - 17;
        assert!(payload(&longest).len() <= room, "{}", payload(&longest).len());
    }
}
