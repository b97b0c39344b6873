//! Reading fields of bodies as the original does, and collecting their errors.

use crate::shared::fields::{Fields, Flaw};
use crate::shared::refusal::Refused;
use crate::texts::{Language, Text};
use actix_web::http::StatusCode;
use serde_json::{Map, Value, json};

/// The errors of a body's fields.
#[derive(Default)]
pub(super) struct Wrong(Map<String, Value>);

impl Wrong {
    /// Adds an error of a field.
    pub(super) fn note(&mut self, field: &str, why: impl Into<Value>) {
        self.0.insert(field.to_owned(), why.into());
    }

    /// A trimmed, non-empty text. A number is accepted as a text.
    pub(super) fn text(&mut self, fields: &Fields, field: &'static str) -> Option<String> {
        let why = match fields.value(field) {
            Err(Flaw { what, .. }) => what.told().into(),
            Ok(Value::String(text)) if text.trim().is_empty() => Text::Blank.say(Language::English),
            Ok(Value::String(text)) => return Some(text.trim().to_owned()),
            Ok(Value::Number(number)) => return Some(number.to_string()),
            Ok(_) => "Not a valid string.".into(),
        };
        self.note(field, json!([why]));
        None
    }

    /// A text of at most so many Latin letters, of which only the first may be upper case.
    pub(super) fn letters(
        &mut self,
        fields: &Fields,
        field: &'static str,
        most: usize,
    ) -> Option<String> {
        let text = self.text(fields, field)?;
        let mut why = Vec::new();
        let mut letters = text.chars();
        let first = letters.next().is_some_and(|first| first.is_ascii_alphabetic());
        let is_long = text.chars().count() > most;
        if !first || is_long || !letters.all(|letter| letter.is_ascii_lowercase()) {
            why.push("Only alpha characters are allowed!".to_owned());
        }
        if is_long {
            why.push(format!("Ensure this field has no more than {most} characters."));
        }
        if why.is_empty() {
            return Some(text);
        }
        self.note(field, why);
        None
    }

    /// A whole number, at least `least`.
    pub(super) fn number(
        &mut self,
        fields: &Fields,
        field: &'static str,
        least: i64,
    ) -> Option<i64> {
        let number = match fields.value(field) {
            Err(Flaw { what, .. }) => Err(what.told().to_owned()),
            Ok(Value::Number(number)) => Ok(number.as_i64()),
            Ok(Value::String(digits)) => Ok(digits.trim().parse().ok()),
            Ok(_) => Ok(None),
        };
        let why = match number {
            Ok(Some(number)) if number >= least => return Some(number),
            Ok(Some(_)) => format!("Ensure this value is greater than or equal to {least}."),
            Ok(None) => "A valid integer is required.".to_owned(),
            Err(why) => why,
        };
        self.note(field, json!([why]));
        None
    }

    /// Fails with all errors, if there are any.
    pub(super) fn into_inner(self) -> Option<Value> {
        if self.0.is_empty() { None } else { Some(Value::Object(self.0)) }
    }
}

impl From<Wrong> for Refused {
    fn from(wrong: Wrong) -> Self {
        Self::of(StatusCode::BAD_REQUEST, Value::Object(wrong.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_is_told_by_field() {
        let fields = r#"{"a": " x ", "n": 7, "b": " ", "t": true, "z": null, "l": "Ann", "u": "_a",
            "long": "aaaa", "low": 17, "digits": "18"}"#;
        let (fields, mut wrong) = (Fields::read(fields).unwrap(), Wrong::default());
        assert_eq!(wrong.text(&fields, "a").as_deref(), Some("x"));
        assert_eq!(wrong.text(&fields, "n").as_deref(), Some("7"));
        assert_eq!(wrong.letters(&fields, "l", 3).as_deref(), Some("Ann"));
        assert_eq!(wrong.number(&fields, "digits", 18), Some(18));
        for field in ["b", "t", "z", "missing"] {
            assert_eq!(wrong.text(&fields, field), None);
        }
        for field in ["u", "long"] {
            assert_eq!(wrong.letters(&fields, field, 3), None);
        }
        assert_eq!(wrong.number(&fields, "low", 18), None);
        assert_eq!(wrong.number(&fields, "a", 18), None);
        let letters = "Only alpha characters are allowed!";
        let told = json!({
            "b": ["This field may not be blank."],
            "t": ["Not a valid string."],
            "z": ["This field may not be null."],
            "missing": ["This field is required."],
            "u": [letters],
            "long": [letters, "Ensure this field has no more than 3 characters."],
            "low": ["Ensure this value is greater than or equal to 18."],
            "a": ["A valid integer is required."],
        });
        assert_eq!(wrong.into_inner(), Some(told));
    }
}
