//! Accounts: signing up and in, profiles, blocks, administration, one's own data.

mod accounts;
mod administration;
mod blocks;
mod ended_sessions;
mod exchange;
mod host_data;
mod host_keys;
mod host_log_out;
mod host_people;
mod host_pictures;
mod invites;
mod names;
mod own_data;
mod profiles;
mod providers;
mod second_factor;
mod service_keys;
mod sessions;
mod set_up;
mod sign_in_log;
