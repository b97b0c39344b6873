//! Groups that anybody may enter: rooms, by their slugs.

use crate::shared::services::ClientContext;
use domain::chat::{Description, EnterError, GetError, RoomName, SettingsRefusal, SettingsUpdate};
use domain::failure::Failure;
use domain::ids::ChatId;

/// Creates a group; `None` if there is one with that slug.
pub(super) async fn create(
    client: &ClientContext,
    slug: &str,
    description: &str,
) -> Result<Option<ChatId>, Failure> {
    let ClientContext { services, caller, .. } = client;
    // The description is checked first, so that an invalid one creates nothing.
    Description::new(description).map_err(SettingsRefusal::Description)?;
    let name = RoomName::new(slug).map_err(EnterError::Name)?;
    match services.chats.find_room(caller, &name).await {
        Ok(_) => return Ok(None),
        Err(GetError::NotFound) => {}
        Err(error) => return Err(error.into()),
    }
    let (view, made) = services.chats.enter_room(caller, slug).await?;
    if made && !description.is_empty() {
        let wanted = SettingsUpdate { description: Some(description), ..Default::default() };
        services.chats.update(caller, view.chat.id, wanted).await?;
    }
    Ok(made.then_some(view.chat.id))
}
