//! The names of rooms in paths.

use crate::shared::refusal::Refused;
use actix_web::http::StatusCode;
use domain::chat::Pair;

/// The name of a room from a path. The client puts what was typed there unchanged, so spaces become `-`.
///
/// # Errors
/// It is the name of a private conversation, which nobody can enter by its name.
pub(super) fn room(typed: &str) -> Result<String, Refused> {
    let name = typed.split_whitespace().collect::<Vec<_>>().join("-");
    if is_private(&name) {
        let detail = "A private conversation is no room.";
        return Err(Refused::detail(StatusCode::FORBIDDEN, detail));
    }
    Ok(name)
}

/// The name of two people's private conversation in lists.
pub(super) fn private(pair: Pair) -> String {
    format!("private_{pair}")
}

fn is_private(name: &str) -> bool {
    let lower = name.to_lowercase();
    let digits = |part: &str| !part.is_empty() && part.chars().all(char::is_numeric);
    let pair = lower.strip_prefix("private_").and_then(|pair| pair.split_once('_'));
    pair.is_some_and(|(one, other)| digits(one) && digits(other))
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::ids::UserId;

    #[test]
    fn a_private_conversation_is_entered_by_no_name() {
        let pair = Pair::new(UserId::stored(9), UserId::stored(8));
        for name in
            [private(pair), "private_8_9".into(), "PRIVATE_8_9".into(), "private_9_8".into()]
        {
            assert!(room(&name).is_err(), "{name}");
        }
        for (typed, name) in [
            ("salon", "salon"),
            ("Общий", "Общий"),
            (" my  room ", "my-room"),
            ("7", "7"),
            ("user_8", "user_8"),
            ("private_talk", "private_talk"),
            ("private_8_9_x", "private_8_9_x"),
        ] {
            assert_eq!(room(typed).ok().as_deref(), Some(name));
        }
    }
}
