//! The settings of Web Push.

use super::values::{self, Key};
use clap::{ArgAction, Args};
use domain::internet::Reach;

/// How this server pushes.
#[derive(Args)]
pub(crate) struct PushSettings {
    // The default is an address of nobody, in a form that push services accept.
    /// Whom push services may ask about this server: mailto:… or https://…
    #[arg(long, env = "CONFAB_PUSH_CONTACT", default_value = "mailto:operator@example.org", value_parser = contact)]
    pub(crate) push_contact: String,
    /// The private key for Web Push, 64 hexadecimal digits [default: vapid.key in the data folder]
    #[arg(long, env = "CONFAB_VAPID_KEY", value_parser = values::key)]
    vapid_key: Option<Key>,
    /// Whether Web Push may call this machine, also without TLS: off or on. For tests only
    #[arg(long, env = "CONFAB_PUSH_LOOPBACK", default_value = "off", action = ArgAction::Set, value_parser = values::switch)]
    push_loopback: bool,
}

impl PushSettings {
    /// The private key; `None` for the one in the data folder.
    pub(crate) fn key(&self) -> Option<[u8; 32]> {
        self.vapid_key.map(|Key(bytes)| bytes)
    }

    /// Which endpoints it may call.
    pub(crate) fn reach(&self) -> Reach {
        if self.push_loopback { Reach::LoopbackToo } else { Reach::Public }
    }
}

fn contact(text: &str) -> Result<String, &'static str> {
    let text = text.trim();
    let is_address = text.starts_with("mailto:") || text.starts_with("https://");
    if !is_address || text.contains(|c: char| c.is_whitespace() || c.is_control()) {
        return Err("an address like mailto:ops@example.org or https://example.org");
    }
    Ok(text.to_owned())
}
