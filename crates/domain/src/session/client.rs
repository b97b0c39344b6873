//! The clients that people sign in with.

use crate::limits;
use std::fmt;
use std::net::IpAddr;

/// Where somebody signs in from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// The address; for IPv6, the network's.
    pub address: IpAddr,
    /// The protocol that the client speaks.
    pub protocol: Protocol,
    /// The device that it runs on.
    pub device: Device,
}

impl Origin {
    /// The origin of that client at that address.
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
    /// The account had too many sessions, and this one had been unused for the longest.
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

/// A client that somebody signs in with. It is stored with the session.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Client {
    /// The device that it runs on.
    pub device: Device,
    /// The protocol that it speaks.
    pub protocol: Protocol,
    /// Whether it may use a refresh token more than once.
    pub renewal: Renewal,
}

impl From<Device> for Client {
    /// A client of the native API.
    fn from(device: Device) -> Self {
        Self { device, ..Self::default() }
    }
}

/// A device's description of itself: its `User-Agent`, cut to [`limits::DEVICE_CHARS`], by which its owner tells
/// it from others.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Device(String);

impl Device {
    /// Removes control characters, and cuts.
    pub fn new(said: &str) -> Self {
        Self(said.chars().filter(|c| !c.is_control()).take(limits::DEVICE_CHARS).collect())
    }
    /// The description, perhaps empty.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The word for a protocol. Only adapters give and read it: they answer somebody in the protocol that they signed
/// in with. The native API's word is empty.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Protocol(String);

impl Protocol {
    /// The native API's.
    pub const NATIVE: Self = Self(String::new());

    /// The protocol with that word.
    pub fn new(word: &str) -> Self {
        Self(word.to_owned())
    }
    /// Its name for people: the word, or `native`.
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
    /// Once. If a token is used again, it was probably stolen, so the session ends.
    #[default]
    Once,
    /// Any number of times, for existing clients that do so and cannot be changed. A thief of the token then has
    /// the session until it ends.
    Repeatedly,
}
