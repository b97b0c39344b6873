//! Validates forms, and reports the errors of all fields at once.

use super::said::ru;
use crate::shared::fields::{Fields, Flaw, What};
use crate::shared::refusal::Refused;
use crate::texts::{Events, Text};
use actix_web::http::StatusCode;
use domain::clock::{Clock, SystemClock};
use domain::user::Email;
use http_core::moment::moment;
use serde_json::{Map, Value, json};
use std::time::Duration;

/// The least age, counted as in the original, in years of 365 days.
const LEAST_AGE: Duration = Duration::from_secs(12 * 365 * 24 * 3600);

/// A form that is being read, with the errors so far.
pub(super) struct Form<'a> {
    fields: &'a Fields,
    wrong: Map<String, Value>,
}

impl<'a> Form<'a> {
    /// A form of these fields.
    pub(super) fn of(fields: &'a Fields) -> Self {
        Self { fields, wrong: Map::new() }
    }

    /// A required text. If it is missing or wrong, the error is recorded and the text is empty.
    pub(super) fn text(&mut self, field: &'static str) -> &'a str {
        let why = match self.fields.text(field) {
            Ok(text) if text.trim().is_empty() => Text::Blank,
            Ok(text) => return text,
            Err(Flaw { what: What::Missing, .. }) => Text::Required,
            Err(Flaw { what: What::Null, .. }) => Text::Null,
            Err(_) => Events::NotText.into(),
        };
        self.refuse(field, why);
        ""
    }

    /// An e-mail address.
    pub(super) fn email(&mut self) -> &'a str {
        let email = self.text("email");
        if Email::new(email).is_err() {
            self.refuse("email", Events::BadEmail);
        }
        email
    }

    /// A first or last name, for which the original allows Cyrillic letters only.
    pub(super) fn name(&mut self, field: &'static str) -> &'a str {
        let name = self.text(field).trim();
        if !name.chars().all(is_cyrillic) {
            self.refuse(field, Events::NotCyrillic);
        } else if name.chars().count() == 1 {
            self.refuse(field, Events::ShortName);
        }
        name
    }

    /// The date of birth, `YYYY-MM-DD`.
    pub(super) fn birthday(&mut self) -> &'a str {
        let text = self.text("birthday");
        if !text.is_empty() {
            // RFC 3339 also knows longer texts before this `T`; only a plain date is accepted.
            let is_short = text.len() == "2000-01-01".len();
            match moment(&format!("{text}T00:00:00Z")).filter(|_| is_short) {
                None => self.refuse("birthday", Events::BadDate),
                Some(born) if SystemClock.now().since(born) < LEAST_AGE => {
                    self.refuse("birthday", Events::TooYoung);
                }
                Some(_) => {}
            }
        }
        text
    }

    fn refuse(&mut self, field: &str, why: impl Into<Text>) {
        self.wrong.entry(field).or_insert_with(|| json!([ru(why)]));
    }

    /// Refuses the form if any field is wrong.
    pub(super) fn done(self) -> Result<(), Refused> {
        if self.wrong.is_empty() {
            return Ok(());
        }
        Err(Refused::of(StatusCode::BAD_REQUEST, Value::Object(self.wrong)))
    }
}

fn is_cyrillic(letter: char) -> bool {
    matches!(letter, 'а'..='я' | 'А'..='Я' | 'ё' | 'Ё')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrong(form: &str) -> Map<String, Value> {
        let fields = Fields::read(form).unwrap();
        let mut form = Form::of(&fields);
        form.email();
        form.name("first_name");
        form.birthday();
        form.wrong
    }

    #[test]
    fn what_is_wrong_is_named_all_at_once() {
        let none = wrong("{}");
        assert_eq!(none.keys().collect::<Vec<_>>(), ["birthday", "email", "first_name"]);
        assert!(none.values().all(|why| *why == json!(["Обязательное поле."])), "{none:?}");
        let good = r#"{"email": "a@example.org", "first_name": "Ёлка", "birthday": "2000-02-29"}"#;
        assert_eq!(wrong(good), Map::new());
    }

    #[test]
    fn a_name_is_cyrillic_and_a_birthday_a_date() {
        for name in ["Anna", "Анна-Мария", "Анна2", "Ы", " ", ""] {
            let form =
                json!({"email": "a@example.org", "first_name": name, "birthday": "2000-01-01"});
            assert!(wrong(&form.to_string()).contains_key("first_name"), "{name:?}");
        }
        for birthday in ["01.01.2000", "2000-1-1", "2001-02-29", "2000-01-01T00", "3000-01-01", ""]
        {
            let form =
                json!({"email": "a@example.org", "first_name": "Анна", "birthday": birthday});
            assert!(wrong(&form.to_string()).contains_key("birthday"), "{birthday:?}");
        }
    }
}
