//! Parses frames and bodies, and words what is wrong with their fields as the original does.

use super::words::say;
use crate::shared::fields::{Fields, Flaw, What, id, kind_of};
use crate::shared::refusal::Refused;
use crate::texts::Text;
use domain::ids::NotAnId;
use serde_json::{Map, Value, json};
use std::borrow::Cow;

/// The original's limit for a message over HTTP. On a socket it has none, so only the server's own limit
/// counts there.
const MESSAGE_CHARS: usize = 1_000;

/// The text of a frame. `None` if it has none: such frames are dropped without an answer, because the page
/// would show an error as a message.
pub(super) fn frame(text: &str) -> Option<String> {
    let fields = Fields::read(text)?;
    let text = match fields.value("text").ok()? {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    (!text.trim().is_empty()).then_some(text)
}

/// Errors of fields, reported all at once.
#[derive(Default)]
pub(super) struct Wrong(Map<String, Value>);

impl Wrong {
    /// Adds an error of a field, unless it has one already.
    pub(super) fn add(&mut self, field: &str, why: &Text) {
        self.0.entry(field).or_insert_with(|| json!([say(why)]));
    }

    /// The value, or `None` after adding its error.
    pub(super) fn sort<T>(&mut self, field: &str, read: Result<T, Text>) -> Option<T> {
        read.inspect_err(|why| self.add(field, why)).ok()
    }

    /// Refuses the request if there is any error.
    pub(super) fn nothing(self) -> Result<(), Refused> {
        if self.0.is_empty() { Ok(()) } else { Err(Refused::fields(self.0)) }
    }
}

/// A trimmed text of at most `most` characters. A number is accepted as its digits, as in the original.
pub(super) fn text<'a>(
    fields: &'a Fields,
    field: &'static str,
    most: usize,
) -> Result<Cow<'a, str>, Text> {
    let text: Cow<'_, str> = match fields.value(field) {
        Ok(Value::String(text)) => text.trim().into(),
        Ok(Value::Number(number)) => number.to_string().into(),
        Ok(_) => return Err(Text::NotAString),
        Err(Flaw { what: What::Null, .. }) => return Err(Text::Null),
        Err(_) => return Err(Text::Required),
    };
    if text.chars().count() > most { Err(Text::TooLong(most)) } else { Ok(text) }
}

/// The same, and it must not be empty.
pub(super) fn filled<'a>(
    fields: &'a Fields,
    field: &'static str,
    most: usize,
) -> Result<Cow<'a, str>, Text> {
    text(fields, field, most)
        .and_then(|text| if text.is_empty() { Err(Text::Blank) } else { Ok(text) })
}

/// The text of a message.
pub(super) fn message(fields: &Fields) -> Result<Cow<'_, str>, Text> {
    filled(fields, "text", MESSAGE_CHARS)
}

/// An id. A number that can be nobody's id is refused as the id of something that does not exist.
pub(super) fn reference<T: TryFrom<i64, Error = NotAnId>>(
    fields: &Fields,
    field: &'static str,
) -> Result<T, Text> {
    match fields.value(field) {
        Ok(value) => referred(value),
        Err(Flaw { what: What::Null, .. }) => Err(Text::Null),
        Err(_) => Err(Text::Required),
    }
}

/// The same of an item of a list.
pub(super) fn referred<T: TryFrom<i64, Error = NotAnId>>(value: &Value) -> Result<T, Text> {
    if let Some(id) = id(value) {
        return Ok(id);
    }
    match value {
        Value::String(text) if text.is_empty() => Err(Text::Blank),
        Value::String(text) if text.parse::<i64>().is_ok() => Err(Text::NoSuchId(text.clone())),
        Value::Number(number) => Err(Text::NoSuchId(number.to_string())),
        Value::Null => Err(Text::Null),
        other => Err(Text::NotAnId(kind_of(other))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::ids::ChatId;
    use proptest::prelude::*;

    #[test]
    fn a_frame_says_something_or_is_dropped() {
        assert_eq!(frame(r#"{"text": " a ", "type": "x"}"#).as_deref(), Some(" a "));
        assert_eq!(frame(r#"{"text": 7}"#).as_deref(), Some("7"));
        for nothing in [
            "",
            "{",
            "[]",
            "{}",
            r#"{"text": ""}"#,
            r#"{"text": " \n"}"#,
            r#"{"text": null}"#,
            r#"{"text": ["a"]}"#,
        ] {
            assert_eq!(frame(nothing), None, "{nothing}");
        }
    }

    #[test]
    fn a_field_is_refused_in_the_words_of_the_original() {
        let fields = Fields::read(
            r#"{"a": " x ", "n": 7, "t": true, "z": null, "e": " ", "d": "12", "w": "x", "m": -1}"#,
        );
        let fields = fields.unwrap();
        assert_eq!(text(&fields, "a", 1).as_deref(), Ok("x"));
        assert_eq!(text(&fields, "n", 1).as_deref(), Ok("7"));
        assert_eq!(text(&fields, "d", 1), Err(Text::TooLong(1)));
        assert_eq!(text(&fields, "t", 1), Err(Text::NotAString));
        assert_eq!(text(&fields, "z", 1), Err(Text::Null));
        assert_eq!(text(&fields, "y", 1), Err(Text::Required));
        assert_eq!(text(&fields, "e", 1).as_deref(), Ok(""));
        assert_eq!(filled(&fields, "e", 1), Err(Text::Blank));
        assert_eq!(reference(&fields, "d"), Ok(ChatId::stored(12)));
        assert_eq!(reference::<ChatId>(&fields, "w"), Err(Text::NotAnId("str")));
        assert_eq!(reference::<ChatId>(&fields, "t"), Err(Text::NotAnId("bool")));
        assert_eq!(reference::<ChatId>(&fields, "m"), Err(Text::NoSuchId("-1".into())));
        assert_eq!(reference::<ChatId>(&fields, "y"), Err(Text::Required));
    }

    proptest! {
        #[test]
        fn any_frame_is_read_or_dropped(value in ".{0,25}|[0-9]{1,25}") {
            let text = serde_json::json!({"text": value}).to_string();
            prop_assert_eq!(frame(&text), (!value.trim().is_empty()).then_some(value));
        }
    }
}
