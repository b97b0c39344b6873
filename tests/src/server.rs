//! The real binary, started, killed and started again.

use crate::database::{Database, Engine, connect, execute_sqlite};
use rustix::process::{Pid, Resource, Rlimit, Signal, kill_process, prlimit};
use std::env;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::future::Future;
use std::io::Write;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Output, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::process::{Child, ChildStdout, Command};
use tokio::sync::oneshot;

/// How long to wait for what must happen at all. Generous, so that a slow machine fails nothing.
pub const DEADLINE: Duration = Duration::from_secs(60);

/// Waits for something that must happen, and says what it was if it does not.
pub async fn within<T>(what: &str, future: impl Future<Output = T>) -> T {
    let waited = tokio::time::timeout(DEADLINE, future).await;
    waited.unwrap_or_else(|_| panic!("waited {DEADLINE:?} for {what}"))
}

/// A server with data of its own, which are gone with this value.
pub struct Server {
    // Dropped in this order: the process, then what it uses.
    running: Option<Running>,
    settings: Vec<(String, String)>,
    database: Arc<Database>,
    engine: Engine,
    folder: TempDir,
}

struct Running {
    child: Child,
    /// `127.0.0.1:<port>`.
    address: String,
}

impl Server {
    /// Starts the binary and waits until it listens.
    pub async fn start(engine: Engine) -> Self {
        Self::start_with(engine, &[]).await
    }

    /// The same, with further settings.
    pub async fn start_with(engine: Engine, settings: &[(&str, &str)]) -> Self {
        let mut server = Self::prepare(engine, settings).await;
        server.copy_tables();
        server.restart().await;
        server
    }

    /// Everything but a process: for commands that want no server, or a first start to be timed.
    pub async fn prepare(engine: Engine, settings: &[(&str, &str)]) -> Self {
        let settings = settings.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        let database = Arc::new(Database::create(engine).await);
        Self { running: None, settings, database, engine, folder: folder() }
    }

    /// What the server would make first: `tests/run` has made all tables once.
    fn copy_tables(&self) {
        let made = env::var_os("CONFAB_TEST_SQLITE_TEMPLATE");
        if let (Engine::Sqlite, Some(made)) = (self.engine, made) {
            let folder = self.data_folder();
            DirBuilder::new().mode(0o700).create(&folder).expect("a new folder");
            fs::copy(made, folder.join("confab.db")).expect("a file with all tables");
        }
    }

    /// One more node on the same database, with the same settings and a folder of its own.
    pub async fn start_beside(&self) -> Self {
        self.start_beside_with(&[]).await
    }

    /// The same, with other settings for it alone.
    pub async fn start_beside_with(&self, others: &[(&str, &str)]) -> Self {
        let (mut settings, database) = (self.settings.clone(), Arc::clone(&self.database));
        // The last of a name counts.
        settings.extend(others.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())));
        let engine = self.engine;
        let mut server = Self { running: None, settings, database, engine, folder: folder() };
        server.restart().await;
        server
    }

    /// Starts the binary on the same data; what runs already is killed before.
    pub async fn restart(&mut self) {
        self.kill().await;
        self.start_at("127.0.0.1:0").await;
    }

    /// The same, where it was.
    pub async fn restart_at(&mut self, address: &str) {
        self.kill().await;
        self.start_at(address).await;
    }

    async fn start_at(&mut self, address: &str) {
        let log = OpenOptions::new().create(true).append(true).open(self.log_file());
        let mut command = self.command(&["serve"]);
        command.env("CONFAB_LISTEN", address).stdin(Stdio::null());
        command.stdout(Stdio::piped()).stderr(log.expect("a log file"));
        let mut child = command.spawn().expect("the binary starts");
        let stdout = child.stdout.take().expect("stdout is piped");
        let printed = File::create(self.folder.path().join("stdout")).expect("a file");
        let (found, address) = oneshot::channel();
        tokio::spawn(read_stdout(stdout, printed, found));
        let Ok(address) = within("the line \"listening on\"", address).await else {
            panic!("the server ended instead of listening");
        };
        self.running = Some(Running { child, address });
    }

    /// Another value of a setting from the next start on.
    pub fn set(&mut self, name: &str, value: &str) {
        self.settings.push((name.to_owned(), value.to_owned()));
    }

    /// `kill -9`.
    pub async fn kill(&mut self) {
        if let Some(mut running) = self.running.take() {
            running.child.kill().await.expect("the process can be killed");
        }
    }

    /// SIGTERM; [`Server::exit`] waits for what follows.
    pub fn terminate(&self) {
        kill_process(self.process(), Signal::TERM).expect("the process is there");
    }

    /// Waits for the process to end by itself.
    pub async fn exit(&mut self) -> ExitStatus {
        let mut running = self.running.take().expect("the server runs");
        within("the server's end", running.child.wait()).await.expect("it is our child")
    }

    /// Where a path is on this server.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address())
    }

    /// `127.0.0.1:<port>`.
    pub fn address(&self) -> &str {
        &self.running.as_ref().expect("the server runs").address
    }

    /// Where its metrics are, if it was started with `CONFAB_METRICS_LISTEN`.
    pub fn metrics_url(&self) -> String {
        let printed = fs::read_to_string(self.folder.path().join("stdout")).unwrap_or_default();
        let told = printed.lines().find_map(|line| line.strip_prefix("metrics at "));
        told.expect("it says where its metrics are").to_owned()
    }

    /// Which database it is on.
    pub fn engine(&self) -> Engine {
        self.engine
    }

    /// The binary with this server's settings and nothing else of ours.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(binary());
        for (name, _) in env::vars_os() {
            if name.to_string_lossy().starts_with("CONFAB_") {
                command.env_remove(name);
            }
        }
        command.env_remove("DATABASE_URL").env_remove("RUST_LOG");
        command.current_dir(self.folder.path()).kill_on_drop(true);
        command.env("CONFAB_DATA_DIR", self.data_folder());
        command.env("CONFAB_BCRYPT_COST", "4").env("CONFAB_RATE_LIMITS", "off");
        // Each worker compiles the patterns of all routes, which is most of what a start costs. On PostgreSQL
        // there are as many as usual, so that every test meets several as well.
        if self.engine == Engine::Sqlite {
            command.env("CONFAB_WORKERS", "1");
        }
        if let Some(url) = self.database.url() {
            command.env("DATABASE_URL", url);
        }
        // Of the ports that are named nowhere, each may be somebody's.
        let address = self.running.as_ref().map_or("127.0.0.1:0", |running| &*running.address);
        command.env("CONFAB_LISTEN", address);
        command.envs(self.settings.iter().map(|(k, v)| (k, v))).args(arguments);
        command
    }

    /// Runs a command beside the server and waits for its end.
    pub async fn run(&self, arguments: &[&str], stdin: &str) -> Output {
        let mut command = self.command(arguments);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the binary starts");
        let mut input = child.stdin.take().expect("stdin is piped");
        // One that does not read its input closes it, which is its right.
        let _ = input.write_all(stdin.as_bytes()).await;
        drop(input);
        within("a command's end", child.wait_with_output()).await.expect("it is our child")
    }

    /// What `DATABASE_URL` is set to, if it is.
    pub fn database_url(&self) -> Option<String> {
        self.database.url()
    }

    /// Takes everything out of the database of a server that was not started, its tables too.
    pub async fn empty_database(&self) {
        self.database.empty().await;
    }

    /// Has the database do at once what it does by itself within minutes after much was written.
    pub async fn vacuum_and_checkpoint(&self) {
        self.database.vacuum_and_checkpoint().await;
    }

    /// Runs statements on its database, beside it.
    pub async fn execute(&self, statements: &str) {
        match self.database_url() {
            Some(url) => connect(&url).await.batch_execute(statements).await.expect("good SQL"),
            None => execute_sqlite(&self.data_folder().join("confab.db"), statements),
        }
    }

    /// Has it stand still, as a machine does that is moved: it answers nothing, and notices nothing.
    pub fn pause(&self) {
        kill_process(self.process(), Signal::STOP).expect("the process is there");
    }

    /// Lets it go on.
    pub fn resume(&self) {
        kill_process(self.process(), Signal::CONT).expect("the process is there");
    }

    /// Its data folder.
    pub fn data_folder(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// What it has logged and printed so far.
    pub fn log(&self) -> String {
        let read = |name: &str| fs::read(self.folder.path().join(name)).unwrap_or_default();
        let [stderr, stdout] = [read("stderr"), read("stdout")];
        format!("{}{}", String::from_utf8_lossy(&stderr), String::from_utf8_lossy(&stdout))
    }

    /// Memory that it holds now, in bytes.
    pub fn memory(&self) -> u64 {
        self.status("VmRSS:")
    }

    /// The same without the pages of its file, which are many in a debug build.
    pub fn own_memory(&self) -> u64 {
        self.status("RssAnon:")
    }

    /// The same with that of the processes that it has started and that still run.
    pub fn memory_of_all(&self) -> u64 {
        let threads = fs::read_dir(format!("/proc/{}/task", self.pid())).expect("the server runs");
        let started = threads.flatten().flat_map(|thread| {
            let children = fs::read_to_string(thread.path().join("children")).unwrap_or_default();
            children.split_whitespace().filter_map(|pid| pid.parse().ok()).collect::<Vec<u32>>()
        });
        // One that has ended meanwhile takes nothing.
        let theirs: u64 = started.filter_map(|pid| status_of(pid, "RssAnon:")).sum();
        self.own_memory() + theirs
    }

    fn status(&self, field: &str) -> u64 {
        status_of(self.pid(), field).expect("the server runs, on Linux")
    }

    /// Processor time that it has used so far.
    pub fn cpu_time(&self) -> Duration {
        cpu_time_of(self.pid())
    }

    fn process(&self) -> Pid {
        i32::try_from(self.pid()).ok().and_then(Pid::from_raw).expect("a process id")
    }

    /// Its process id.
    pub fn pid(&self) -> u32 {
        self.running.as_ref().and_then(|r| r.child.id()).expect("the server runs")
    }

    /// Lets no file that it writes grow over so many bytes, or over any number again.
    pub fn limit_files(&self, bytes: Option<u64>) {
        let limits = Rlimit { current: bytes, maximum: None };
        prlimit(Some(self.process()), Resource::Fsize, limits).expect("it is our child");
    }

    /// Waits until something about it is so, looking again every few milliseconds: for what tells
    /// nobody when it happens.
    pub async fn until(&self, what: &str, mut is_so: impl AsyncFnMut(&Self) -> bool) -> Duration {
        let began = Instant::now();
        within(what, async {
            while !is_so(self).await {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        })
        .await;
        began.elapsed()
    }

    fn log_file(&self) -> PathBuf {
        self.folder.path().join("stderr")
    }
}

fn folder() -> TempDir {
    let folder = tempfile::Builder::new().prefix("confab-test-").tempdir();
    folder.expect("a temporary folder")
}

impl Drop for Server {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let log = self.log();
            let lines: Vec<_> = log.lines().collect();
            let tail = lines[lines.len().saturating_sub(40)..].join("\n");
            eprintln!("--- the end of the server's log ({}) ---\n{tail}\n---", self.engine.name());
        }
    }
}

/// Processor time that a process has used so far.
pub fn cpu_time_of(pid: u32) -> Duration {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).expect("it runs, on Linux");
    // After the name in brackets: state is field 3, utime 14, stime 15, in ticks of 10 ms.
    let fields = stat.rsplit(')').next().expect("a name in brackets").split_whitespace();
    let ticks: u64 = fields.skip(11).take(2).filter_map(|t| t.parse::<u64>().ok()).sum();
    Duration::from_millis(ticks * 10)
}

/// Passes stdout on to a file, and the address to whoever waits for it.
async fn read_stdout(stdout: ChildStdout, mut printed: File, found: oneshot::Sender<String>) {
    let mut found = Some(found);
    let mut lines = BufReader::new(stdout).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        if let Some(address) = line.strip_prefix("listening on http://")
            && let Some(found) = found.take()
        {
            let _ = found.send(address.to_owned());
        }
        let _ = writeln!(printed, "{line}");
    }
}

/// The binary under test: `CONFAB_BIN`, or the one built beside this executable.
fn binary() -> PathBuf {
    if let Some(named) = env::var_os("CONFAB_BIN") {
        return named.into();
    }
    let this = env::current_exe().expect("this executable has a path");
    let beside = this.ancestors().skip(1).take(2).map(|folder| folder.join("confab"));
    beside.into_iter().find(|path| Path::is_file(path)).unwrap_or_else(|| {
        panic!("there is no `confab` beside {this:?}: run `cargo build --bin confab` before")
    })
}

/// A size in the status of a process; `None` when it has ended.
fn status_of(pid: u32, field: &str) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(field))?;
    let kilobytes = line.trim().strip_suffix(" kB")?;
    kilobytes.parse::<u64>().ok().map(|kilobytes| kilobytes * 1024)
}
