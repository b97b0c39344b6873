//! Making an account, signing in and out.

use super::here::Here;
use super::people::shown_profile;
use super::render;
use crate::shared::body::Sent;
use crate::shared::fields::Fields;
use crate::shared::refusal::Refused;
use crate::shared::services::Services;
use actix_web::HttpResponse;
use actix_web::web::{Data, Json};
use domain::failure::Failure;
use domain::session::{ChangePassword, Login, Sessions, SignIn, SignedIn};
use domain::user::{Account, AddUser, UpdateProfile};
use http_core::attempts::Attempts;
use http_core::auth::CallingDevice;
use serde_json::{Value, json};

pub(super) async fn register(
    services: Data<Services>,
    attempts: Attempts,
    device: CallingDevice,
    sent: Sent,
) -> Result<HttpResponse, Refused> {
    let fields = sent.0;
    fields.require(&["username", "password", "password_confirm"])?;
    if fields.text("password")? != fields.text("password_confirm")? {
        return Err(Refused::field("password_confirm", "The two passwords differ."));
    }
    // What cannot be said of oneself makes no account.
    profile(&fields)?.check().map_err(Failure::from)?;
    let command = AddUser::new(fields.text("username")?, fields.text("password")?);
    let made = services.sessions.prepare_account(command, attempts.ip()).await;
    let made = made.map_err(Failure::from)?;
    let signed = http_core::to_the_end(async move {
        let profile = profile(&fields)?;
        let signed = services.sessions.open_account(made, device.0.into()).await?;
        attempts.succeeded(fields.text("username")?);
        let caller = services.sessions.authenticate(&signed.access_token).await?;
        let account = services.users.update_profile(&caller, profile).await?;
        services.presence.visit(caller.user).await?;
        let visible = services.presence.online(&caller, &[account.user.id]).await?;
        Ok::<_, Failure>(render::signed_in(&account, &visible, &signed))
    });
    Ok(HttpResponse::Created().json(signed.await?))
}

/// What is said about oneself, in one place or in another.
pub(super) fn profile(fields: &Fields) -> Result<UpdateProfile<'_>, Failure> {
    Ok(UpdateProfile {
        name: None,
        first_name: fields.maybe_text("first_name")?,
        last_name: fields.maybe_text("last_name")?,
        bio: None,
        email: fields.maybe_text("email")?,
    })
}

pub(super) async fn log_in(
    services: Data<Services>,
    attempts: Attempts,
    device: CallingDevice,
    sent: Sent,
) -> Result<Json<Value>, Refused> {
    sent.0.require(&["username", "password"])?;
    let (name, password) = (sent.0.text("username")?, sent.0.text("password")?);
    attempts.allow(name)?;
    let command = SignIn {
        login: Login::Name(name),
        password,
        client: device.0.into(),
        address: attempts.ip(),
    };
    let signed = attempts.settle(name, services.sessions.log_in(command).await).await;
    let signed = signed.map_err(Failure::from)?;
    Ok(Json(with_account(&services, &signed).await?))
}

async fn with_account(services: &Services, signed: &SignedIn) -> Result<Value, Failure> {
    let caller = services.sessions.authenticate(&signed.access_token).await?;
    let account: Account = services.users.me(&caller).await?;
    services.presence.visit(caller.user).await?;
    let visible = services.presence.online(&caller, &[account.user.id]).await?;
    Ok(render::signed_in(&account, &visible, signed))
}

pub(super) async fn log_out(services: Data<Services>, sent: Sent) -> Result<Json<Value>, Refused> {
    let user = services.sessions.log_out_with(sent.0.text("refresh")?).await;
    services.presence.leave(user.map_err(Failure::from)?).await?;
    Ok(Json(json!({"detail": "Logged out successfully."})))
}

pub(super) async fn refresh(sessions: Data<Sessions>, sent: Sent) -> Result<Json<Value>, Refused> {
    let signed = sessions.refresh(sent.0.text("refresh")?).await.map_err(Failure::from)?;
    Ok(Json(json!({"access": signed.access_token, "refresh": signed.refresh_token})))
}

pub(super) async fn change_password(
    services: Data<Services>,
    caller: Here,
    sent: Sent,
) -> Result<Json<Value>, Refused> {
    let fields = sent.0;
    fields.require(&["old_password", "new_password", "new_password_confirm"])?;
    if fields.text("new_password")? != fields.text("new_password_confirm")? {
        return Err(Refused::field("new_password_confirm", "The two passwords differ."));
    }
    let command =
        ChangePassword { old: fields.text("old_password")?, new: fields.text("new_password")? };
    services.sessions.change_password(&caller.0, command).await.map_err(Failure::from)?;
    Ok(Json(json!({"detail": "Password changed successfully."})))
}

/// Keeps what is shown of oneself in one place.
pub(super) async fn own(services: &Services, caller: &Here) -> Result<Value, Failure> {
    let account = services.users.me(&caller.0).await?;
    shown_profile(services, caller, &account).await
}
