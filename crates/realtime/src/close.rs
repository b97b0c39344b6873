//! Why a socket is closed.

use actix_ws::CloseReason;

/// Why a socket is closed. `docs/api/close-codes.md` says what a client is to do about each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CloseCode {
    /// The client closed, or answers a close.
    Normal = 1000,
    /// Not WebSocket.
    ProtocolError = 1002,
    /// A binary frame.
    Unsupported = 1003,
    /// Text that is not UTF-8.
    InvalidText = 1007,
    /// Too many control frames.
    Policy = 1008,
    /// A frame or message that is too big.
    TooBig = 1009,
    /// The server is stopping.
    Restarting = 4000,
    /// The mailbox was full, or a frame could not be written in time.
    TooSlow = 4001,
    /// Nothing came for too long.
    Heartbeat = 4002,
    /// The server could not read what it owed.
    Trouble = 4003,
    /// Nobody signed in in time.
    NotSignedIn = 4500,
    /// The token was not good.
    BadToken = 4501,
    /// The session ended.
    SessionEnded = 4502,
    /// The account has as many sockets as it may.
    TooManySockets = 4503,
    /// The access token ended, and its client proved nothing new.
    TokenExpired = 4504,
}

impl CloseCode {
    /// A few words for whoever reads a trace.
    pub fn reason(self) -> &'static str {
        match self {
            Self::Normal => "",
            Self::ProtocolError => "not a WebSocket frame",
            Self::Unsupported => "only text frames, please",
            Self::InvalidText => "text that is not UTF-8",
            Self::Policy => "too many control frames",
            Self::TooBig => "the frame is too big",
            Self::Restarting => "the server is restarting; resume, with jitter",
            Self::TooSlow => "too slow; come back and resume",
            Self::Heartbeat => "nothing came for too long; come back and resume",
            Self::Trouble => "the server has trouble; come back and resume, with jitter",
            Self::NotSignedIn => "nobody signed in in time",
            Self::BadToken => "the token is not good",
            Self::SessionEnded => "the session has ended",
            Self::TokenExpired => "the access token has expired; refresh it, come back and resume",
            Self::TooManySockets => "this account has too many sockets; close one",
        }
    }
}

impl From<CloseCode> for CloseReason {
    fn from(code: CloseCode) -> Self {
        Self { code: (code as u16).into(), description: Some(code.reason().to_owned()) }
    }
}
