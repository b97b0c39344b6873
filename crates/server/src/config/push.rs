//! Web Push.

use super::raw::{Name, RawSettings, SettingsError, bad, choice, key};
use domain::push::Reach;

/// Whom push services are told to ask unless it is set: nobody, at an address that they take.
const NOBODY: &str = "mailto:operator@example.org";

/// How this server pushes.
pub(crate) struct PushSettings {
    /// The private key; that in the data folder without one.
    pub(crate) key: Option<[u8; 32]>,
    pub(crate) contact: String,
    pub(crate) reach: Reach,
}

pub(super) fn settings(raw: &RawSettings) -> Result<PushSettings, SettingsError> {
    let contact = raw.push_contact.as_deref().map_or(NOBODY, str::trim);
    let is_address = contact.starts_with("mailto:") || contact.starts_with("https://");
    if !is_address || contact.contains(|c: char| c.is_whitespace() || c.is_control()) {
        let wanted = "an address like mailto:ops@example.org or https://example.org";
        return Err(bad(Name::push_contact, contact, wanted));
    }
    let reach = choice(
        Name::push_loopback,
        raw.push_loopback.clone(),
        &[("off", Reach::Public), ("on", Reach::LoopbackToo)],
        "on or off",
    )?;
    let key = key(Name::vapid_key, raw.vapid_key.as_deref())?;
    Ok(PushSettings { key, contact: contact.to_owned(), reach })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(set: impl FnOnce(&mut RawSettings)) -> Result<PushSettings, String> {
        let mut raw = RawSettings::default();
        set(&mut raw);
        settings(&raw).map_err(|error| error.to_string())
    }

    #[test]
    fn nothing_has_to_be_set() {
        let push = with(|_| {}).unwrap();
        assert_eq!((push.key, &*push.contact, push.reach), (None, NOBODY, Reach::Public));
    }

    #[test]
    fn what_is_set_is_checked() {
        let key = with(|raw| raw.vapid_key = Some("0a".repeat(32))).unwrap().key;
        assert_eq!(key, Some([10; 32]));
        let wrong = with(|raw| raw.vapid_key = Some("abc".into())).err().unwrap();
        assert!(wrong.starts_with("CONFAB_VAPID_KEY") && !wrong.contains("abc"), "{wrong}");
        for contact in ["", "ops@example.org", "mailto:a b@example.org", "http://example.org"] {
            let wrong = with(|raw| raw.push_contact = Some(contact.into())).err().unwrap();
            assert!(wrong.starts_with("CONFAB_PUSH_CONTACT"), "{wrong}");
        }
        let near = with(|raw| raw.push_loopback = Some("on".into())).unwrap();
        assert_eq!(near.reach, Reach::LoopbackToo);
        assert!(with(|raw| raw.push_loopback = Some("yes".into())).is_err());
    }
}
