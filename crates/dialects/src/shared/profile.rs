//! Changing a profile and its picture in the ways of other servers' front ends.

use super::fields::Fields;
use super::form;
use super::refusal::Refused;
use super::words::avatar;
use crate::shared::services::Services;
use actix_web::HttpRequest;
use actix_web::web::{Data, Payload};
use domain::failure::Failure;
use domain::ids::UserId;
use domain::session::Caller;

/// Reads a change of a profile, and sets the picture in it: a file in a form, or `null` to remove it. Fields
/// that cannot be changed may be sent with their current value.
pub(crate) async fn read(
    services: &Data<Services>,
    caller: &Caller,
    owner: UserId,
    request: &HttpRequest,
    payload: Payload,
) -> Result<Fields, Refused> {
    let (media, who) = (services.media.clone(), caller.clone());
    let taken = form::read(request, payload, "avatar", move |mut file| async move {
        media.set_avatar_of(&who, owner, file.upload().body).await
    });
    let (fields, _) = taken.await?;
    if fields.has("username") {
        let name = services.users.get(owner).await.map_err(Failure::from)?.name;
        if fields.text("username")? != name.as_str() {
            return Err(Refused::field("username", "A user name cannot be changed."));
        }
    }
    if fields.has("avatar") && !fields.text("avatar")?.ends_with(&avatar(owner)) {
        let detail = "The submitted data was not a file. Check the encoding type on the form.";
        return Err(Refused::field("avatar", detail));
    }
    if fields.is_null("avatar") && owner == caller.user {
        services.media.remove_avatar(caller).await?;
    }
    Ok(fields)
}
