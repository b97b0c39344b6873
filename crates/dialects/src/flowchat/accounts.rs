//! Making an account, signing in and out.

use super::render;
use crate::shared::body::Sent;
use crate::shared::refusal::Refused;
use crate::shared::services::Services;
use crate::shared::who::Known;
use actix_web::HttpResponse;
use actix_web::web::{Data, Json};
use domain::failure::Failure;
use domain::presence::Visible;
use domain::session::{LogInError, Login, Sessions, SignIn};
use domain::user::AddUser;
use http_core::attempts::Attempts;
use http_core::auth::CallingDevice;
use serde_json::{Value, json};

pub(super) async fn register(
    services: Data<Services>,
    attempts: Attempts,
    sent: Sent,
) -> Result<HttpResponse, Refused> {
    let fields = sent.0;
    fields.require(&["username", "password"])?;
    let command = AddUser::new(fields.text("username")?, fields.text("password")?);
    let account = services.sessions.prepare_account(command, attempts.ip()).await;
    let account = account.map_err(Failure::from)?;
    let made = http_core::to_the_end(async move { services.sessions.make_account(account).await });
    let nobody_yet = Visible { visible: Vec::new(), online: Vec::new(), hidden: Vec::new() };
    Ok(HttpResponse::Created().json(render::profile(&made.await?, &nobody_yet)))
}

pub(super) async fn log_in(
    sessions: Data<Sessions>,
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
    let keyed = attempts.settle(name, sessions.log_in_for_key(command).await).await;
    let keyed = keyed.map_err(|error| match error {
        LogInError::Credentials | LogInError::Disabled => {
            Refused::field("non_field_errors", &error.to_string())
        }
        error => Failure::from(error).into(),
    })?;
    Ok(Json(json!({
        "id": keyed.user.id.get(),
        "username": keyed.user.name.as_str(),
        "token": keyed.key,
        "detail": "Login successful",
    })))
}

pub(super) async fn log_out(
    sessions: Data<Sessions>,
    caller: Known,
) -> Result<Json<Value>, Refused> {
    sessions.end(&caller.0, caller.0.session).await.map_err(Failure::from)?;
    Ok(Json(json!({"detail": "Logged out successfully"})))
}
