//! What somebody signs in with.

use crate::limits;
use std::fmt;
use std::net::IpAddr;

/// Where somebody signs in from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// The address. Of IPv6 it is the network.
    pub address: IpAddr,
    /// The protocol that they speak.
    pub protocol: Protocol,
    /// What it runs on.
    pub device: Device,
}

impl Origin {
    /// Of that client at that address.
    pub fn of(client: &Client, address: IpAddr) -> Self {
        Self { address, protocol: client.protocol.clone(), device: client.device.clone() }
    }
}

/// Why a session ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EndReason {
    /// Its owner signed it out.
    SignedOut,
    /// A refresh token was used twice: it was stolen, or leaked.
    TokenReused,
    /// The account has as many sessions as it may, and this one was unused for longest.
    Surplus,
}

impl EndReason {
    /// Its word in the audit log.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SignedOut => "signed_out",
            Self::TokenReused => "refresh_token_reused",
            Self::Surplus => "too_many_sessions",
        }
    }
}

/// What somebody signs in with, which their session keeps.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Client {
    /// What it runs on.
    pub device: Device,
    /// The protocol that it speaks.
    pub protocol: Protocol,
    /// How often it uses a refresh token.
    pub renewal: Renewal,
}

impl From<Device> for Client {
    /// A client of the native API.
    fn from(device: Device) -> Self {
        Self { device, ..Self::default() }
    }
}

/// What a device says it is: its `User-Agent`, cut to [`limits::DEVICE_CHARS`], for its owner to
/// tell it from others.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Device(String);

impl Device {
    /// Leaves out what cannot be shown, and cuts.
    pub fn new(said: &str) -> Self {
        Self(said.chars().filter(|c| !c.is_control()).take(limits::DEVICE_CHARS).collect())
    }
    /// The description, perhaps empty.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The word for a protocol, which adapters give and read and nothing here does: whoever signed in by one
/// is answered in it. The native API's is empty.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Protocol(String);

impl Protocol {
    /// The native API's.
    pub const NATIVE: Self = Self(String::new());

    /// Of that word.
    pub fn new(word: &str) -> Self {
        Self(word.to_owned())
    }
    /// What people call it: the word, or `native`.
    pub fn name(&self) -> &str {
        if self.0.is_empty() { "native" } else { &self.0 }
    }
    /// The word, perhaps empty.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// How often a client uses a refresh token; see [`super::Sessions::refresh`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Renewal {
    /// Once. A token that is used again was stolen, so its session ends.
    #[default]
    Once,
    /// As often as it likes, for clients that were written so and cannot be changed. Whoever steals the
    /// token has the session until it ends.
    Repeatedly,
}
