//! Registering, signing in and signing out.

use super::form::{Form, Rule};
use super::here::{Anybody, Here};
use super::refuse::{self, own};
use super::render::{self, NAME};
use crate::shared::body::Sent;
use crate::shared::fields::Fields;
use crate::shared::log_in;
use crate::shared::refusal::Refused;
use crate::shared::services::Services;
use crate::shared::who;
use crate::texts::Minichat;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Json};
use domain::failure::Failure;
use domain::limits::{PASSWORD_MIN_CHARS, PERSON_NAME_CHARS, USER_NAME_CHARS};
use domain::session::{
    ChangePassword, ChangePasswordError, Client, Login, Protocol, RefreshError, Renewal, SignedIn,
};
use domain::user::{AddUser, Email, SignsInBy, UpdateProfile};
use http_core::attempts::Attempts;
use http_core::auth::CallingDevice;
use serde_json::{Value, json};

const PASSWORD: Rule = Rule { least: PASSWORD_MIN_CHARS, ..Rule::REQUIRED };
const USER_NAME: Rule = Rule { most: USER_NAME_CHARS, ..Rule::REQUIRED };
const PERSON_NAME: Rule = Rule { most: PERSON_NAME_CHARS, ..Rule::OPTIONAL };

pub(super) async fn register(
    services: Data<Services>,
    attempts: Attempts,
    device: CallingDevice,
    _: Anybody,
    sent: Sent,
) -> Result<HttpResponse, Refused> {
    services.sessions.check_registration().await.map_err(Failure::from)?;
    let form = Registration::read(&services, sent.0).await?;
    let origin = attempts.origin(Protocol::new(NAME));
    let made = services.sessions.prepare_account(form.command(), origin).await;
    let made = made.map_err(Failure::from)?;
    let answer = http_core::to_the_end(async move {
        let signed = services.sessions.open_account(made, client(device), attempts.ip()).await?;
        attempts.succeeded(&form.name);
        with_account(&services, &signed, Minichat::Registered).await
    });
    Ok(HttpResponse::Created().json(answer.await?))
}

/// The fields of a registration.
struct Registration {
    name: String,
    password: String,
    profile: Profile,
}

impl Registration {
    async fn read(services: &Services, fields: Fields) -> Result<Self, Refused> {
        let mut form = Form::new(fields);
        let name = form.text("username", USER_NAME);
        let password = form.text("password", PASSWORD);
        let again = form.text("password_confirm", Rule::REQUIRED);
        let profile = Profile::read(&mut form);
        if let Some(name) = &name {
            let fits = |c: char| c.is_alphanumeric() || "@.+-_".contains(c);
            if !name.trim().chars().all(fits) {
                form.refuse("username", Minichat::UserName);
            } else if services.users.named(name).await.is_ok() {
                form.refuse("username", Minichat::NameTaken);
            }
        }
        form.check()?;
        let (name, password) = (name.unwrap_or_default(), password.unwrap_or_default());
        if again.as_ref() != Some(&password) {
            return Err(refuse::own_field("non_field_errors", Minichat::PasswordsDiffer));
        }
        Ok(Self { name, password, profile })
    }

    fn command(&self) -> AddUser<'_> {
        let (name, password) = (self.name.as_str(), self.password.as_str());
        AddUser { name, password, profile: self.profile.command(), signs_in_by: SignsInBy::Name }
    }
}

/// The fields of a profile.
pub(super) struct Profile {
    first_name: Option<String>,
    last_name: Option<String>,
    bio: Option<String>,
    pub(super) email: Option<String>,
}

impl Profile {
    pub(super) fn read(form: &mut Form) -> Self {
        let email = form.text("email", Rule::OPTIONAL);
        if email.as_ref().is_some_and(|email| Email::new(email).is_err()) {
            form.refuse("email", Minichat::BadEmail);
        }
        Self {
            first_name: form.text("first_name", PERSON_NAME),
            last_name: form.text("last_name", PERSON_NAME),
            bio: form.text("bio", Rule::OPTIONAL),
            email,
        }
    }

    pub(super) fn command(&self) -> UpdateProfile<'_> {
        UpdateProfile {
            name: None,
            first_name: self.first_name.as_deref(),
            last_name: self.last_name.as_deref(),
            bio: self.bio.as_deref(),
            email: self.email.as_deref(),
        }
    }
}

/// The client that signs in. The React client uses the refresh token of its sign-in repeatedly.
fn client(device: CallingDevice) -> Client {
    who::client(device, NAME, Renewal::Repeatedly)
}

async fn with_account(
    services: &Services,
    signed: &SignedIn,
    said: Minichat,
) -> Result<Value, Failure> {
    let caller = services.sessions.authenticate(&signed.access_token).await?;
    let account = services.users.me(&caller).await?;
    Ok(json!({
        "user": render::account(&account),
        "tokens": {"refresh": signed.refresh_token, "access": signed.access_token},
        "message": own(said),
    }))
}

/// Signs in. Every refusal is a 400, because the React client treats a 401 as the end of a session and leaves
/// the page.
pub(super) async fn log_in(
    services: Data<Services>,
    attempts: Attempts,
    device: CallingDevice,
    _: Anybody,
    sent: Sent,
) -> Result<Json<Value>, Refused> {
    let mut form = Form::new(sent.0);
    let filled = |text: &String| !text.is_empty();
    let name = form.text("username", Rule::OPTIONAL).filter(filled);
    let password = form.text("password", Rule::OPTIONAL).filter(filled);
    let (Some(name), Some(password)) = (name, password) else {
        return Err(refuse::error(StatusCode::BAD_REQUEST, Minichat::LogInFields));
    };
    let wrong = || refuse::error(StatusCode::BAD_REQUEST, Minichat::WrongLogIn);
    let typed = (Login::Name(&name), password.as_str());
    let signed =
        log_in::log_in(&services.sessions, &attempts, typed, client(device), wrong).await?;
    services.presence.visit(signed.user.id).await?;
    Ok(Json(with_account(&services, &signed, Minichat::LoggedIn).await?))
}

/// Ends the session of the access token, and the refresh token's if it is another one. An invalid or missing
/// refresh token is ignored.
pub(super) async fn log_out(
    services: Data<Services>,
    caller: Here,
    sent: Sent,
) -> Result<Json<Value>, Refused> {
    let refresh = Form::new(sent.0).text("refresh", Rule::OPTIONAL);
    let ended = http_core::to_the_end(async move {
        let Here(caller) = caller;
        if let Some(token) = refresh
            && let Err(RefreshError::Store(error)) = services.sessions.log_out_with(&token).await
        {
            return Err(Failure::from(error));
        }
        // The refresh token may have belonged to the same session, which has ended then.
        if services.sessions.is_open(&caller).await? {
            services.sessions.end(&caller, caller.session).await?;
        }
        Ok(services.presence.leave(caller.user).await?)
    });
    ended.await?;
    Ok(Json(json!({"message": own(Minichat::LoggedOut)})))
}

pub(super) async fn refresh(services: Data<Services>, sent: Sent) -> Result<Json<Value>, Refused> {
    let mut form = Form::new(sent.0);
    let token = form.text("refresh", Rule::REQUIRED);
    form.check()?;
    let token = token.unwrap_or_default();
    let signed = match services.sessions.refresh(&token).await {
        Ok(signed) => signed,
        Err(RefreshError::Store(error)) => return Err(error.into()),
        Err(RefreshError::Invalid | RefreshError::Reused) => {
            let is_access = services.sessions.authenticate(&token).await.is_ok();
            let why = if is_access { Minichat::TokenType } else { Minichat::TokenWrong };
            return Err(refuse::unauthorized(why, "token_not_valid"));
        }
    };
    // Refreshing continues a visit, but does not start one: the client may do it without its user.
    services.presence.stay(signed.user.id);
    Ok(Json(json!({"access": signed.access_token, "refresh": signed.refresh_token})))
}

pub(super) async fn change_password(
    services: Data<Services>,
    caller: Here,
    sent: Sent,
) -> Result<Json<Value>, Refused> {
    let mut form = Form::new(sent.0);
    let old = form.text("old_password", Rule::REQUIRED);
    let new = form.text("new_password", PASSWORD);
    let again = form.text("new_password_confirm", Rule::REQUIRED);
    form.check()?;
    let (old, new) = (old.unwrap_or_default(), new.unwrap_or_default());
    if again.as_ref() != Some(&new) {
        return Err(refuse::own_field("non_field_errors", Minichat::NewPasswordsDiffer));
    }
    let command = ChangePassword { old: &old, new: &new };
    let changed = services.sessions.change_password(&caller.0, command).await;
    changed.map_err(|error| match error {
        ChangePasswordError::Old => refuse::own_field("old_password", Minichat::OldPassword),
        error => Failure::from(error).into(),
    })?;
    Ok(Json(json!({"message": own(Minichat::PasswordChanged)})))
}
