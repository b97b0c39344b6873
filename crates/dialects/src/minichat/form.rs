//! Checking fields of bodies as the original's forms do: all errors are reported together.

use super::refuse::{own, plain};
use crate::shared::fields::{Fields, What};
use crate::shared::refusal::Refused;
use crate::texts::{Minichat, Text};
use actix_web::http::StatusCode;
use serde_json::{Map, Value, json};

/// A body whose fields are being checked.
pub(super) struct Form {
    fields: Fields,
    wrong: Map<String, Value>,
}

/// What a field must be.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Rule {
    /// Whether it is required.
    pub(super) required: bool,
    /// Whether it may be empty.
    pub(super) blank: bool,
    /// How many characters it has at least.
    pub(super) least: usize,
    /// How many characters it has at most; 0 for no limit.
    pub(super) most: usize,
}

impl Rule {
    /// A required, non-empty text.
    pub(super) const REQUIRED: Self = Self { required: true, blank: false, least: 0, most: 0 };
    /// An optional text, which may be empty.
    pub(super) const OPTIONAL: Self = Self { required: false, blank: true, least: 0, most: 0 };
}

impl Form {
    pub(super) fn new(fields: Fields) -> Self {
        Self { fields, wrong: Map::new() }
    }

    /// A text; `None` if it is missing or invalid. A number is accepted as a text.
    pub(super) fn text(&mut self, name: &'static str, rule: Rule) -> Option<String> {
        let found = match self.fields.value(name) {
            Ok(Value::String(text)) => Ok(text.clone()),
            Ok(Value::Number(number)) => Ok(number.to_string()),
            Ok(_) => Err(What::Text),
            Err(flaw) => Err(flaw.what),
        };
        let text = match found {
            Ok(text) => text,
            Err(What::Missing) if !rule.required => return None,
            Err(what) => {
                self.note(name, what.told().to_owned());
                return None;
            }
        };
        let length = text.trim().chars().count();
        let wrong = match length {
            0 if !rule.blank => Some(Text::Blank),
            1.. if length < rule.least => Some(Minichat::TooShort(rule.least).into()),
            _ if rule.most > 0 && length > rule.most => Some(Minichat::TooLong(rule.most).into()),
            _ => None,
        };
        match wrong {
            Some(why) => {
                self.refuse(name, why);
                None
            }
            None => Some(text),
        }
    }

    /// A value of any type; `None` if it is missing or null, which is noted as an error.
    pub(super) fn value(&mut self, name: &'static str) -> Option<Value> {
        match self.fields.value(name).cloned() {
            Ok(value) => Some(value),
            Err(flaw) => {
                self.note(name, flaw.what.told().to_owned());
                None
            }
        }
    }

    /// Notes an error of a field.
    pub(super) fn refuse(&mut self, name: &str, why: impl Into<Text>) {
        self.note(name, plain(why));
    }

    /// The same with one of the original's own messages.
    pub(super) fn refuse_in_own_words(&mut self, name: &str, why: Minichat) {
        self.note(name, own(why));
    }

    fn note(&mut self, name: &str, why: String) {
        if let Value::Array(told) = self.wrong.entry(name).or_insert_with(|| json!([])) {
            told.push(why.into());
        }
    }

    /// Fails with all errors, if there are any.
    pub(super) fn check(&self) -> Result<(), Refused> {
        if self.wrong.is_empty() {
            return Ok(());
        }
        Err(Refused::of(StatusCode::BAD_REQUEST, Value::Object(self.wrong.clone())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(fields: &str) -> Form {
        Form::new(Fields::read(fields).unwrap())
    }

    #[test]
    fn all_that_is_wrong_is_said_at_once() {
        let mut form = form(r#"{"a": "", "b": null, "c": true, "d": "abc", "e": 12345}"#);
        let rule = Rule { least: 4, most: 5, ..Rule::REQUIRED };
        for name in ["a", "b", "c", "d", "missing"] {
            assert_eq!(form.text(name, rule), None, "{name}");
        }
        assert_eq!(form.text("e", rule).as_deref(), Some("12345"), "a number counts as a text");
        assert_eq!(form.text("other", Rule::OPTIONAL), None);
        let expected = json!({
            "a": ["This field may not be blank."],
            "b": ["This field may not be null."],
            "c": ["Not a valid string."],
            "d": ["Ensure this field has at least 4 characters."],
            "missing": ["This field is required."],
        });
        assert_eq!(Value::Object(form.wrong), expected);
    }

    #[test]
    fn length_is_counted_without_the_space_around() {
        let mut form = form(r#"{"short": "  1234567  ", "fits": " 12345678 "}"#);
        let rule = Rule { least: 8, most: 8, ..Rule::REQUIRED };
        assert_eq!(form.text("short", rule), None);
        assert_eq!(form.text("fits", rule).as_deref(), Some(" 12345678 "));
        assert!(form.check().is_err());
    }
}
