//! Every test of the domain that sees it from outside, in one binary: linking one for each file took longer than
//! running them.

mod accounts;
mod blocks;
mod chats;
mod data;
mod decide;
mod decide_managed;
mod decide_members;
mod decide_messages;
mod decide_permissions;
mod decide_silences;
mod directory;
mod external_ids;
mod horizons;
mod invites;
mod lookups;
mod media;
mod mentions;
mod messages;
mod mocks;
mod own_data;
mod page_sizes;
mod presence;
mod providers;
mod push;
mod refresh;
mod rules;
mod second_factor;
mod service_keys;
mod set_up;
mod sign_ins;
mod silences;
mod socket_keys;
mod watch;
