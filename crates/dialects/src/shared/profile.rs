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
use domain::media::PendingAvatar;
use domain::session::Caller;

/// Makes a picture that was sent the owner's avatar if the rest of what was sent is done, and forgets it otherwise.
pub(crate) async fn with_picture<T>(
    services: &Services,
    picture: Option<PendingAvatar>,
    done: Result<T, Refused>,
) -> Result<T, Refused> {
    match (picture, &done) {
        (Some(picture), Ok(_)) => {
            services.media.use_avatar(picture).await.map_err(Failure::from)?;
        }
        (Some(picture), Err(_)) => services.media.discard_avatar(picture).await,
        (None, _) => {}
    }
    done
}

/// Reads a change of a profile, checks it with `check`, and then sets the picture in it: a file in a form, or `null`
/// to remove it. Fields that cannot be changed may be sent with their current value.
pub(crate) async fn change(
    services: &Data<Services>,
    caller: &Caller,
    owner: UserId,
    (request, payload): (&HttpRequest, Payload),
    check: impl FnOnce(&Fields) -> Result<(), Refused>,
) -> Result<(), Refused> {
    let (media, who) = (services.media.clone(), caller.clone());
    let taken = form::read(request, payload, "avatar", move |mut file| async move {
        media.prepare_avatar_of(&who, owner, file.upload().body).await
    });
    let (fields, picture) = taken.await?;
    let mut checked = fixed(services, owner, &fields).await;
    if checked.is_ok() {
        checked = check(&fields);
    }
    with_picture(services, picture, checked).await?;
    if fields.is_null("avatar") && owner == caller.user {
        services.media.remove_avatar(caller).await?;
    }
    Ok(())
}

/// Refuses other values of what cannot be changed.
async fn fixed(services: &Services, owner: UserId, fields: &Fields) -> Result<(), Refused> {
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
    Ok(())
}
