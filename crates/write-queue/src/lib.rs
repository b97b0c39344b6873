//! How writes wait, which are done together, and what is known of how they ended.
//!
//! It knows no database, so it is tested without one, and compiled apart from the queries, which take a
//! hundred times as long: [`Gate`] bounds what is under way, [`Writer`] gathers whatever waits into one unit
//! of work, and [`Outcomes`] remembers what the last ends said about the database.

mod gate;
mod group_commit;
mod lately;
mod outcomes;

pub use gate::{Gate, Pass, WRITES, WRITES_OF_A_CHAT};
pub use group_commit::{Batching, Job, Writer};
pub use outcomes::{End, Outcomes};
