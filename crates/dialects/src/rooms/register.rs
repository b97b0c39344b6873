//! Registration.

use super::render;
use super::wrong::Wrong;
use crate::shared::body::Sent;
use crate::shared::fields::Fields;
use crate::shared::fields::kind_of;
use crate::shared::refusal::Refused;
use crate::shared::services::Services;
use crate::texts::{Language, Text};
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Data;
use domain::failure::Failure;
use domain::session::Protocol;
use domain::user::{AccountRole, AddUser, Email, SignsInBy, UpdateProfile, User};
use http_core::attempts::Attempts;
use http_core::moment::rfc_3339;
use serde_json::{Map, Value, json};

/// The names of a profile's parts in a form.
const IN_FORMS: [(&str, &str); 9] = [
    ("name", "profile.name"),
    ("surname", "profile.surname"),
    ("age", "profile.age"),
    ("house", "profile.house"),
    ("street", "profile.street"),
    ("city", "profile.city"),
    ("region", "profile.region"),
    ("country", "profile.country"),
    ("gender", "profile.gender"),
];

/// A registration. Only the two names of the profile are stored.
struct Form {
    email: String,
    password: String,
    name: String,
    surname: String,
    /// The whole profile, which is only returned in the answer.
    profile: Value,
}

pub(super) async fn register(
    services: Data<Services>,
    attempts: Attempts,
    sent: Sent,
) -> Result<HttpResponse, Refused> {
    let form = Form::read(sent.0)?;
    let names = (Some(form.name.as_str()), Some(form.surname.as_str()));
    let profile = UpdateProfile {
        first_name: names.0,
        last_name: names.1,
        email: Some(&form.email),
        ..UpdateProfile::default()
    };
    let (name, password, signs_in_by) = (&form.name, &form.password, SignsInBy::Email);
    let command = AddUser { name, password, profile, signs_in_by };
    let origin = attempts.origin(Protocol::new(render::NAME));
    let prepared = services.sessions.prepare_account(command, origin).await;
    let prepared = prepared.map_err(refused)?;
    let made = async move { services.sessions.make_account(prepared).await };
    let user = http_core::to_the_end(made).await.map_err(refused)?;
    Ok(HttpResponse::Created().json(account(&user, &form.email, &form.profile)))
}

fn refused(error: impl Into<Failure>) -> Refused {
    let failure = error.into();
    match failure.code {
        "email_taken" => Refused::field("email", "user model with this email already exists."),
        _ => failure.into(),
    }
}

impl Form {
    fn read(mut fields: Fields) -> Result<Self, Refused> {
        let mut wrong = Wrong::default();
        let email = wrong.text(&fields, "email");
        if email.as_ref().is_some_and(|email| Email::new(email).is_err()) {
            wrong.note("email", json!(["Enter a valid email address."]));
        }
        let password = wrong.text(&fields, "password");
        let profile = profile(&mut fields).and_then(|profile| Profile::read(&profile));
        let profile = profile.map_err(|why| wrong.note("profile", why)).ok();
        match (email, password, profile, wrong.into_inner()) {
            (Some(email), Some(password), Some(Profile { name, surname, shown }), None) => {
                Ok(Self { email, password, name, surname, profile: shown })
            }
            (.., why) => Err(Refused::of(StatusCode::BAD_REQUEST, why.unwrap_or_default())),
        }
    }
}

/// The profile in a body: an object, or the fields of a form.
fn profile(fields: &mut Fields) -> Result<Fields, Value> {
    let in_form = |(name, named): (&str, &'static str)| {
        Some((name.to_owned(), fields.value(named).ok()?.clone()))
    };
    let parts: Map<_, _> = IN_FORMS.into_iter().filter_map(in_form).collect();
    if !parts.is_empty() {
        return Ok(Fields::of(parts));
    }
    match fields.value("profile").cloned() {
        Err(flaw) => Err(json!([flaw.what.told()])),
        Ok(Value::Object(profile)) => Ok(Fields::of(profile)),
        Ok(other) => Err(
            json!({"non_field_errors": [Text::NotAnObject(kind_of(&other)).say(Language::English)]}),
        ),
    }
}

struct Profile {
    name: String,
    surname: String,
    shown: Value,
}

impl Profile {
    fn read(fields: &Fields) -> Result<Self, Value> {
        const ADULT: i64 = 18;
        let mut wrong = Wrong::default();
        let name = wrong.letters(fields, "name", 20);
        let surname = wrong.letters(fields, "surname", 20);
        let shown = json!({
            "name": name,
            "surname": surname,
            "age": wrong.number(fields, "age", ADULT),
            "house": wrong.number(fields, "house", i64::MIN),
            "street": wrong.letters(fields, "street", 30),
            "city": wrong.letters(fields, "city", 30),
            "region": wrong.letters(fields, "region", 30),
            "country": wrong.letters(fields, "country", 30),
            "gender": wrong.letters(fields, "gender", 10),
        });
        match (name, surname, wrong.into_inner()) {
            (Some(name), Some(surname), None) => Ok(Self { name, surname, shown }),
            (.., why) => Err(why.unwrap_or_default()),
        }
    }
}

/// An account as it is shown to its owner and to admins. The parts of a profile that are not kept are null
/// later.
pub(super) fn account(user: &User, email: &str, profile: &Value) -> Value {
    let (id, at) = (user.id.get(), rfc_3339(user.created_at));
    let is_admin = user.role == AccountRole::Admin;
    let mut shown = json!({"id": id});
    for (name, _) in IN_FORMS {
        shown[name] = profile.get(name).cloned().unwrap_or_default();
    }
    shown["created_at"] = json!(at);
    shown["updated_at"] = json!(at);
    json!({
        "id": id,
        "email": email,
        "status": if user.active { "active" } else { "blocked" },
        "is_active": user.active,
        "is_staff": is_admin,
        "is_superuser": is_admin,
        "last_login": null,
        "created_at": at,
        "updated_at": at,
        "profile": shown,
    })
}
