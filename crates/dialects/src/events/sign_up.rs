//! Registration. Accounts of this dialect sign in by their e-mail address.

use super::form::Form;
use super::render::{self, Seen};
use super::said::ru;
use super::socket::NAME;
use crate::shared::fields::Fields;
use crate::shared::refusal::Refused;
use crate::shared::services::{Services, data};
use crate::shared::who::absolute;
use crate::texts::{self, Events, Language};
use actix_web::{FromRequest, HttpRequest, HttpResponse};
use domain::failure::Failure;
use domain::limits::USER_NAME_CHARS;
use domain::session::Protocol;
use domain::user::{AddUser, SignsInBy, UpdateProfile};
use futures_util::future::LocalBoxFuture;
use http_core::attempts::Attempts;
use serde_json::json;

/// Whether a form is for this dialect: it has no user name, which people do not choose here.
pub(super) fn takes(fields: &Fields) -> bool {
    !fields.has("username") && (fields.has("first_name") || fields.has("birthday"))
}

/// Creates an account. It can sign in at once; the original sends a mail with a link first.
pub(super) fn make(
    request: HttpRequest,
    fields: Fields,
) -> LocalBoxFuture<'static, Result<HttpResponse, Refused>> {
    // The path is shared with another dialect, whose default language may be a different one.
    let language = texts::say::language_of(&request, Language::Russian);
    Box::pin(texts::say::answering(language, async move { add(&request, &fields).await }))
}

async fn add(request: &HttpRequest, fields: &Fields) -> Result<HttpResponse, Refused> {
    let mut form = Form::of(fields);
    let (email, password) = (form.email(), form.text("password"));
    let (first, last) = (form.name("first_name"), form.name("last_name"));
    let birthday = form.birthday();
    form.done()?;
    let name: String = format!("{first} {last}").chars().take(USER_NAME_CHARS).collect();
    let profile = UpdateProfile {
        first_name: Some(first),
        last_name: Some(last),
        email: Some(email),
        ..UpdateProfile::default()
    };
    let command = AddUser { name: &name, password, profile, signs_in_by: SignsInBy::Email };
    let attempts = Attempts::extract(request).await;
    let attempts = attempts.map_err(|_| Refused::not_found())?;
    let services = data::<Services>(request);
    let origin = attempts.origin(Protocol::new(NAME));
    let made = services.sessions.prepare_account(command, origin).await;
    let made = made.map_err(Failure::from)?;
    let user = http_core::to_the_end(async move { services.sessions.make_account(made).await });
    let user = user.await.map_err(refused)?;
    let origin = absolute(request, "");
    let mut shown = render::short(&user, &Seen { origin: &origin, email, is_online: false });
    // The birthday is repeated as the original does, but not stored: no response ever has it again.
    shown["birthday"] = json!(birthday);
    Ok(HttpResponse::Created().json(shown))
}

/// Clients show one refusal only, that of a taken address, which they recognise by its text.
fn refused(failure: Failure) -> Refused {
    if failure.code == "email_taken" {
        return Refused::field("email", &ru(Events::EmailTaken));
    }
    failure.into()
}
