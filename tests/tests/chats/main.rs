//! Chats of every kind, and who is in them.

mod chats;
mod leaks;
mod rooms;
mod whispers;
