//! Validates the fields of bodies, and words their errors, as the original's framework does.

use crate::shared::fields::{Fields, Flaw, What};
use crate::shared::refusal::Refused;
use crate::texts::{Dialogs, Language, Text};
use actix_web::http::StatusCode;
use serde_json::{Map, Value, json};

/// A body that is being read, with the errors so far.
pub(super) struct Form<'a> {
    sent: &'a Fields,
    wrong: Map<String, Value>,
}

impl<'a> Form<'a> {
    pub(super) fn of(sent: &'a Fields) -> Self {
        Self { sent, wrong: Map::new() }
    }

    /// A required text, trimmed. If it is missing or wrong, the error is recorded and the text is empty.
    pub(super) fn text(&mut self, field: &'static str) -> String {
        let read = self.read(field).and_then(|text| match text.as_str() {
            "" => Err(Text::Blank),
            _ => Ok(text),
        });
        self.or_wrong(field, read)
    }

    /// A text that may be missing or blank.
    pub(super) fn maybe_text(&mut self, field: &'static str) -> String {
        let read = match self.read(field) {
            Err(Text::Required) => Ok(String::new()),
            read => read,
        };
        self.or_wrong(field, read)
    }

    /// Records an error of a field. A field can have several.
    pub(super) fn refuse(&mut self, field: &'static str, text: impl Into<Text>) {
        let texts = self.wrong.entry(field).or_insert_with(|| json!([]));
        if let Value::Array(texts) = texts {
            texts.push(json!(text.into().say(Language::English)));
        }
    }

    /// Whether that field has an error.
    pub(super) fn is_wrong(&self, field: &str) -> bool {
        self.wrong.contains_key(field)
    }

    /// Refuses the body if any field has an error.
    pub(super) fn check(self) -> Result<(), Refused> {
        if self.wrong.is_empty() {
            return Ok(());
        }
        Err(Refused::of(StatusCode::BAD_REQUEST, Value::Object(self.wrong)))
    }

    fn or_wrong(&mut self, field: &'static str, read: Result<String, Text>) -> String {
        read.unwrap_or_else(|text| {
            self.refuse(field, text);
            String::new()
        })
    }

    /// A trimmed text. A number is accepted as its digits, as the framework does.
    fn read(&self, field: &'static str) -> Result<String, Text> {
        match self.sent.value(field) {
            Ok(Value::String(text)) => Ok(text.trim().to_owned()),
            Ok(Value::Number(number)) => Ok(number.to_string()),
            Ok(_) => Err(Dialogs::NotText.into()),
            Err(Flaw { what: What::Missing, .. }) => Err(Text::Required),
            Err(_) => Err(Text::Null),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_field_is_named_that_is_wrong() {
        let sent = Fields::read(r#"{"a": " x ", "b": "", "c": null, "d": [], "e": 7}"#).unwrap();
        let mut form = Form::of(&sent);
        let texts = ["a", "b", "c", "d", "e", "f"].map(|field| form.text(field));
        assert_eq!(texts, ["x", "", "", "", "7", ""]);
        assert_eq!([form.maybe_text("b"), form.maybe_text("z")], ["", ""]);
        let refused = form.check().unwrap_err().to_string();
        let wanted = json!({
            "b": ["This field may not be blank."],
            "c": ["This field may not be null."],
            "d": ["Not a valid string."],
            "f": ["This field is required."],
        });
        assert_eq!(serde_json::from_str::<Value>(&refused).unwrap(), wanted);
    }
}
