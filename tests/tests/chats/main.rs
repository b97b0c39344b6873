//! Chats of every kind, and who is in them.

mod chats;
mod data;
mod external_ids;
mod leaks;
mod rooms;
mod whispers;
