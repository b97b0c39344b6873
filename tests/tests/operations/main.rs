//! What operators rely on.

mod backup;
mod crash;
mod curl;
mod database_restarts;
mod deploy;
mod full_disk;
mod import;
mod limits;
mod metrics;
mod operating;
mod readiness;
mod shutdown;
mod strain;
mod traces;
