//! A PostgreSQL server of one test's own, to be stopped and started again.

use crate::server::within;
use std::path::Path;
use std::process::{Output, Stdio};
use std::thread;
use tokio::process::Command;

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/postgres.sh");

/// A server that is there as long as this value, started by the script that starts that of all tests.
pub struct OwnPostgres {
    url: String,
    /// What the script knows it by.
    known: String,
}

impl OwnPostgres {
    /// Starts one on data of its own.
    pub async fn start() -> Self {
        Self::start_in(&std::env::temp_dir()).await
    }

    /// The same, with its data in that folder.
    pub async fn start_in(folder: &Path) -> Self {
        let tell = "printf 'told:%s\\n' \"$CONFAB_TEST_POSTGRES\" \"$postgres_folder\" \
             \"$postgres_bin\" \"$postgres_user\"";
        let folder = folder.display();
        let start = format!("TMPDIR='{folder}' postgres_buffers=16MB; start_postgres off; {tell}");
        let started = run(&start).await;
        let printed = String::from_utf8_lossy(&started.stdout).into_owned();
        let told: Vec<_> = printed.lines().filter_map(|line| line.strip_prefix("told:")).collect();
        let [url, folder, bin, user] = told[..] else { panic!("PostgreSQL: {started:?}") };
        let known =
            format!("postgres_folder='{folder}'; postgres_bin='{bin}'; postgres_user='{user}'");
        Self { url: url.to_owned(), known }
    }

    /// What to set `DATABASE_URL` to.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Runs a statement.
    pub async fn execute(&self, statement: &str) {
        let client = crate::database::connect(&self.url).await;
        client.batch_execute(statement).await.expect("it is good SQL");
    }

    /// Lets whoever connects from now on only read, and cuts those off who are connected; or lets them write
    /// again.
    pub async fn set_read_only(&self, is_so: bool) {
        let database = self.url.rsplit('/').next().expect("a URL with a database");
        let set = format!("ALTER DATABASE {database} SET default_transaction_read_only = {is_so}");
        self.execute(&format!("BEGIN READ WRITE; {set}; COMMIT")).await;
        let others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
            WHERE datname = current_database() AND pid <> pg_backend_pid()";
        if is_so {
            self.execute(others).await;
        }
    }

    /// Ends it at once: whoever is connected is cut off, and it has to recover at its next start.
    pub async fn halt(&self) {
        run(&format!("{}; halt_postgres", self.known)).await;
    }

    /// Stops it in the middle of whatever it does: connections stay, and nothing is answered.
    pub async fn pause(&self) {
        run(&format!("{}; pause_postgres", self.known)).await;
    }

    /// Lets it go on.
    pub async fn resume(&self) {
        run(&format!("{}; resume_postgres", self.known)).await;
    }

    /// Starts it again, on the same data and at the same address.
    pub async fn start_again(&self) {
        run(&format!("{}; run_postgres", self.known)).await;
    }
}

impl Drop for OwnPostgres {
    fn drop(&mut self) {
        // What stands still, because a test failed, could not be stopped.
        let script = format!(". '{SCRIPT}'; {}; resume_postgres; stop_postgres", self.known);
        // A thread, so that no runtime minds the wait. A folder that is left behind fails no test.
        let stopping = thread::spawn(move || {
            let _ = std::process::Command::new("bash").args(["-c", &script]).output();
        });
        let _ = stopping.join();
    }
}

async fn run(what: &str) -> Output {
    let mut command = Command::new("bash");
    command.args(["-c", &format!("set -e; . '{SCRIPT}'; {what}")]).stdin(Stdio::null());
    let done = within(what, command.output()).await.expect("bash runs");
    assert!(done.status.success(), "{what}: {}", String::from_utf8_lossy(&done.stderr));
    done
}
