//! Registration, by the rules of the original's form.

use super::form::Form;
use super::socket::NAME;
use crate::shared::fields::Fields;
use crate::shared::refusal::Refused;
use crate::shared::services::{Services, data};
use crate::texts::{Dialogs, Language, PasswordLike};
use actix_web::{FromRequest, HttpRequest, HttpResponse};
use domain::failure::Failure;
use domain::limits::{EMAIL_CHARS, PASSWORD_MIN_CHARS, USER_NAME_CHARS};
use domain::session::Protocol;
use domain::user::{
    AddUser, Email, FindError, Password, PasswordError, SignsInBy, UpdateProfile, UserName,
};
use futures_util::future::LocalBoxFuture;
use http_core::attempts::Attempts;
use serde_json::{Value, json};

/// Whether a body is meant for this dialect: the other one at the same path has no user names.
pub(super) fn takes(sent: &Fields) -> bool {
    sent.has("username")
}

/// Creates the account.
pub(super) fn make(
    request: HttpRequest,
    sent: Fields,
) -> LocalBoxFuture<'static, Result<HttpResponse, Refused>> {
    Box::pin(async move {
        let services = data::<Services>(&request);
        services.sessions.check_registration().await.map_err(Failure::from)?;
        let wanted = Wanted::read(&services, &sent).await?;
        let Wanted { name, email, password } = &wanted;
        let profile = UpdateProfile { email: Some(email), ..UpdateProfile::default() };
        let command = AddUser { name, password, profile, signs_in_by: SignsInBy::Name };
        let attempts = Attempts::extract(&request).await.map_err(|_| Refused::not_found())?;
        let origin = attempts.origin(Protocol::new(NAME));
        let account = services.sessions.prepare_account(command, origin).await;
        let account = account.map_err(Failure::from)?;
        let made =
            http_core::to_the_end(async move { services.sessions.make_account(account).await });
        let user = made.await.map_err(refused)?;
        Ok(HttpResponse::Created().json(shown(user.id.get(), user.name.as_str(), email)))
    })
}

/// An account, as its owner sees it.
pub(super) fn shown(id: i64, name: &str, email: &str) -> Value {
    json!({"id": id, "username": name, "email": email})
}

/// The fields of the form.
struct Wanted {
    name: String,
    email: String,
    password: String,
}

impl Wanted {
    /// Reads the form. As in the original, the password is checked only if all fields are valid by themselves.
    async fn read(services: &Services, sent: &Fields) -> Result<Self, Refused> {
        let mut form = Form::of(sent);
        let name = form.text("username");
        if !form.is_wrong("username") {
            check_name(services, &mut form, &name).await?;
        }
        let email = form.maybe_text("email");
        if Email::new(&email).is_err() && email.chars().count() <= EMAIL_CHARS {
            form.refuse("email", Dialogs::EmailForm);
        } else if email.chars().count() > EMAIL_CHARS {
            form.refuse("email", Dialogs::TooManyCharacters(EMAIL_CHARS));
        }
        let password = form.text("password");
        form.check()?;
        let mut form = Form::of(sent);
        for text in password_faults(&name, &email, &password) {
            form.refuse("password", text);
        }
        form.check()?;
        Ok(Self { name, email, password })
    }
}

async fn check_name(services: &Services, form: &mut Form<'_>, name: &str) -> Result<(), Refused> {
    let is_fit = |c: char| c.is_alphanumeric() || "@.+-_".contains(c);
    if !name.chars().all(is_fit) {
        form.refuse("username", Dialogs::NameCharacters);
    }
    match services.users.named(name).await {
        Ok(_) => form.refuse("username", Dialogs::NameTaken),
        Err(FindError::Store(error)) => return Err(error.into()),
        Err(_) => {}
    }
    if name.chars().count() > USER_NAME_CHARS {
        form.refuse("username", Dialogs::TooManyCharacters(USER_NAME_CHARS));
    }
    Ok(())
}

/// All faults of a password for which the original has messages.
fn password_faults(name: &str, email: &str, password: &str) -> Vec<Dialogs> {
    let mut texts = Vec::new();
    let parts = [(name, PasswordLike::UserName), (email, PasswordLike::Email)];
    let like = parts.iter().find(|(word, _)| is_like(password, word));
    texts.extend(like.map(|(_, part)| Dialogs::PasswordLike(*part)));
    let Ok(name) = UserName::new(name) else { return texts };
    let faults = Password::faults(password, &name);
    let mut add = |fault, text| {
        if faults.contains(&fault) {
            texts.push(text);
        }
    };
    add(PasswordError::TooShort, Dialogs::PasswordShort(PASSWORD_MIN_CHARS));
    add(PasswordError::Common, Dialogs::PasswordCommon);
    add(PasswordError::AllDigits, Dialogs::PasswordNumeric);
    texts
}

/// Whether a password is similar to a word or to a part of it: whether they have at least seven tenths of
/// their characters in common.
fn is_like(password: &str, word: &str) -> bool {
    let (password, word) = (password.to_lowercase(), word.to_lowercase());
    let parts = word.split(|c: char| !c.is_alphanumeric() && c != '_').chain([word.as_str()]);
    let mut parts = parts.filter(|part| !part.is_empty());
    parts.any(|part| {
        let mut left: Vec<_> = part.chars().collect();
        let all = left.len() + password.chars().count();
        let mut common = 0;
        for c in password.chars() {
            if let Some(place) = left.iter().position(|other| *other == c) {
                left.swap_remove(place);
                common += 2;
            }
        }
        common * 10 >= all * 7
    })
}

/// The refusal of a registration. A taken name, which the check above may have missed, gets the original's
/// message.
fn refused(failure: Failure) -> Refused {
    if matches!(failure.code, "name_taken" | "name_lookalike") {
        return Refused::field("username", &Dialogs::NameTaken.say(Language::English));
    }
    failure.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_that_is_wrong_with_a_password_is_said() {
        let faults = |password| password_faults("margarete", "grace.hopper@example.org", password);
        let (short, common) = (Dialogs::PasswordShort(8), Dialogs::PasswordCommon);
        for (password, wanted) in [
            ("Correct-horse-77", vec![]),
            ("12345", vec![short, common.clone(), Dialogs::PasswordNumeric]),
            ("password", vec![common.clone()]),
            ("Margarete1", vec![Dialogs::PasswordLike(PasswordLike::UserName)]),
            ("hopper-2", vec![Dialogs::PasswordLike(PasswordLike::Email)]),
            ("8675309867", vec![Dialogs::PasswordNumeric]),
        ] {
            assert_eq!(faults(password), wanted, "{password}");
        }
    }
}
