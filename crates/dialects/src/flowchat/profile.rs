//! Profiles, with every rule of the original.

use super::parse::{Wrong, filled, text};
use crate::shared::fields::Fields;
use crate::texts::Text;
use domain::user::{UpdateProfile, User};
use std::borrow::Cow;

const NAME_CHARS: usize = 150;
const BIO_CHARS: usize = 70;
const PASSWORD_CHARS: usize = 8;

/// A change of a profile, or the profile of a new account; `None` leaves a part as it is.
#[derive(Default)]
pub(super) struct Wanted<'a> {
    pub(super) username: Option<Cow<'a, str>>,
    first_name: Option<Cow<'a, str>>,
    last_name: Option<Cow<'a, str>>,
    pub(super) bio: Option<Cow<'a, str>>,
}

impl<'a> Wanted<'a> {
    /// Reads the fields sent by `owner`, or for a new account. The page always sends all fields, so unchanged
    /// values are accepted even if they break a rule.
    pub(super) fn read(fields: &'a Fields, owner: Option<&User>, wrong: &mut Wrong) -> Self {
        let profile = owner.map(|owner| &owner.profile);
        let was = |text: &str, old: Option<&str>| old == Some(text);
        let name = |field, old: Option<&str>, wrong: &mut Wrong| {
            let read = given(fields, field)?;
            if read.is_ok_and(|text| was(text, old)) {
                return None;
            }
            wrong.sort(field, text(fields, field, NAME_CHARS))
        };
        let old = owner.map(|owner| owner.name.as_str());
        let username = match given(fields, "username") {
            None => None,
            Some(Ok(text)) if was(text, old) => None,
            Some(_) => wrong.sort("username", username(fields)),
        };
        let first_name = name("first_name", profile.map(|p| p.first_name.as_str()), wrong);
        let last_name = name("last_name", profile.map(|p| p.last_name.as_str()), wrong);
        let bio = match given(fields, "bio") {
            None => None,
            Some(Ok(text)) if was(text, profile.map(|p| p.bio.as_str())) => Some(text.into()),
            Some(_) if fields.is_null("bio") => Some("".into()),
            Some(_) => wrong.sort("bio", text(fields, "bio", BIO_CHARS)),
        };
        if fields.is_null("avatar") {
            wrong.add("avatar", &Text::Blank);
        } else if fields.has("avatar") {
            // An uploaded file was removed from the fields already, so this is something else.
            wrong.add("avatar", &Text::NotAFile);
        }
        Self { username, first_name, last_name, bio }
    }

    /// The change in the form that use cases take.
    pub(super) fn update(&self) -> UpdateProfile<'_> {
        UpdateProfile {
            name: self.username.as_deref(),
            first_name: self.first_name.as_deref(),
            last_name: self.last_name.as_deref(),
            bio: self.bio.as_deref(),
            email: None,
        }
    }
}

/// A given field: its text, or an error if it is not a string; `None` if it is missing.
fn given<'a>(fields: &'a Fields, field: &'static str) -> Option<Result<&'a str, ()>> {
    if !fields.has(field) && !fields.is_null(field) {
        return None;
    }
    Some(fields.text(field).map(str::trim).map_err(drop))
}

/// Checks a user name: letters, digits and five special characters.
pub(super) fn username(fields: &Fields) -> Result<Cow<'_, str>, Text> {
    let name = filled(fields, "username", NAME_CHARS)?;
    let good = |c: char| c.is_alphanumeric() || "@.+-_".contains(c);
    if name.chars().all(good) { Ok(name) } else { Err(Text::UserName) }
}

/// Checks a password by the original's rules, in its order. This server's own rules are checked later.
pub(super) fn password(fields: &Fields) -> Result<&str, Text> {
    filled(fields, "password", usize::MAX)?;
    // The password itself is not trimmed.
    let password = fields.text("password").map_err(|_| Text::NotAString)?;
    if password.chars().count() < PASSWORD_CHARS {
        return Err(Text::PasswordShort);
    }
    if password == password.to_lowercase() {
        return Err(Text::PasswordSmall);
    }
    if password.chars().all(char::is_alphabetic) {
        return Err(Text::PasswordLetters);
    }
    Ok(password)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_password_is_refused_for_one_thing_at_a_time() {
        let check = |password: &str| {
            let fields = Fields::read(&json!({"password": password}).to_string()).unwrap();
            self::password(&fields).map(drop)
        };
        for (bad, why) in [
            ("", Text::Blank),
            ("   ", Text::Blank),
            ("Ab1", Text::PasswordShort),
            ("secret77word", Text::PasswordSmall),
            ("12345678", Text::PasswordSmall),
            ("ZebraCrossing", Text::PasswordLetters),
            ("ПарольПароль", Text::PasswordLetters),
        ] {
            assert_eq!(check(bad), Err(why), "{bad}");
        }
        for good in ["Secret77word", "ZEBRA-771", "Secret-word", " Secret 7 "] {
            assert_eq!(check(good), Ok(()), "{good}");
        }
    }

    #[test]
    fn all_that_is_wrong_is_told_at_once() {
        let long = "x".repeat(151);
        let sent = json!({
            "username": "a b", "first_name": long, "last_name": null, "bio": long, "avatar": "x",
        });
        let (fields, mut wrong) = (Fields::read(&sent.to_string()).unwrap(), Wrong::default());
        Wanted::read(&fields, None, &mut wrong);
        let told: serde_json::Value =
            serde_json::from_str(&wrong.nothing().unwrap_err().to_string()).unwrap();
        let fields: Vec<_> = told.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(fields.len(), 5, "{told}");
        assert_eq!(
            told["bio"],
            json!(["Убедитесь, что это значение содержит не более 70 символов."])
        );
        for (name, good) in [("анна.b+1-x_@", true), ("a b", false), ("a/b", false)] {
            let fields = Fields::read(&json!({"username": name}).to_string()).unwrap();
            assert_eq!(username(&fields).is_ok(), good, "{name}");
        }
    }
}
