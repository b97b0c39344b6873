//! The protocols of other chat servers.

mod cross_delivery;
mod dialogs;
mod flowchat;
mod minichat;
mod pages;
mod permissions;
mod pictures;
mod places;
mod refusals;
mod rooms;
mod scenarios;
mod transcripts;
