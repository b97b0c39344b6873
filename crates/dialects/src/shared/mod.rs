//! Code that several dialects need.

pub(crate) mod body;
pub(crate) mod chats;
pub(crate) mod deleting;
pub(crate) mod dialect;
pub(crate) mod event_context;
pub(crate) mod fields;
pub(crate) mod form;
pub(crate) mod http;
pub(crate) mod lists;
pub(crate) mod log_in;
pub(crate) mod open;
pub(crate) mod pictures;
pub(crate) mod place;
pub(crate) mod profile;
pub(crate) mod refusal;
pub(crate) mod route;
pub(crate) mod services;
pub(crate) mod sign_up;
pub(crate) mod who;
pub(crate) mod words;
