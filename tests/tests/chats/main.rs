//! Chats of every kind, and who is in them.

mod chats;
mod data;
mod directory;
mod external_ids;
mod history;
mod host_chats;
mod leaks;
mod permissions;
mod rooms;
mod silences;
mod whispers;
