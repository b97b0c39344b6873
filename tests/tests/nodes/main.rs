//! Several nodes on one database and one Redis.

mod cluster;
mod data;
mod delivery;
mod network;
mod service_keys;
mod trouble;
