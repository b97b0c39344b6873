//! A Redis of a test's own.

use std::fs;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// How long a server may take to begin to listen, and a cluster to be one.
pub(crate) const START: Duration = Duration::from_secs(30);

/// A `redis-server` that keeps nothing, on a port of its own. It is gone with this value.
pub struct RedisServer {
    child: Option<Child>,
    port: u16,
    settings: Vec<String>,
    folder: TempDir,
    /// Where its certificate is, if it has one.
    certificate: Option<TempDir>,
}

impl RedisServer {
    /// Starts one and waits until it answers.
    pub fn start() -> Self {
        Self::start_with(|[_]| Vec::new()).0
    }

    /// The same at as many ports as wanted, the first of which is the one for clients, with further
    /// settings, by turns a name and a value. Returns the ports too.
    pub(crate) fn start_with<const N: usize>(
        settings: impl Fn([u16; N]) -> Vec<String>,
    ) -> (Self, [u16; N]) {
        let began = Instant::now();
        loop {
            let ports = free_ports();
            let folder = tempfile::tempdir().expect("a temporary folder");
            let settings = settings(ports);
            let port = ports[0];
            let mut server = Self { child: None, port, settings, folder, certificate: None };
            // A port that was free a moment ago may be somebody else's by now.
            if server.serves() {
                return (server, ports);
            }
            assert!(began.elapsed() < START, "redis-server finds no free port");
        }
    }

    /// Starts one that speaks TLS too, at a port of its own, with a certificate for 127.0.0.1 that it
    /// signed itself. Returns also what `REDIS_URL` is set to for that, and the file of the certificate.
    pub fn start_with_tls() -> (Self, String, PathBuf) {
        let certificate = tempfile::tempdir().expect("a temporary folder");
        let (pem, key) = certify(certificate.path());
        let file = |path: &Path| path.to_str().expect("UTF-8").to_owned();
        let (mut server, [_, tls_port]) = Self::start_with(|[_, tls_port]| {
            let words = [
                ("--tls-port", tls_port.to_string()),
                ("--tls-cert-file", file(&pem)),
                ("--tls-key-file", file(&key)),
                ("--tls-ca-cert-file", file(&pem)),
                ("--tls-auth-clients", "no".to_owned()),
            ];
            words.into_iter().flat_map(|(name, value)| [name.to_owned(), value]).collect()
        });
        server.certificate = Some(certificate);
        (server, format!("rediss://127.0.0.1:{tls_port}"), pem)
    }

    /// Starts it at the same address, empty; one that runs is killed before.
    pub fn restart(&mut self) {
        let began = Instant::now();
        while !self.serves() {
            assert!(began.elapsed() < START, "redis-server does not get its port back");
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Starts it anew and tells whether it serves, which it does not where one of its ports is taken.
    fn serves(&mut self) -> bool {
        self.kill();
        let port = self.port.to_string();
        let mut command = Command::new("redis-server");
        command.args(["--port", &port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]);
        command.args(&self.settings);
        command.arg("--dir").arg(self.folder.path()).stdin(Stdio::null()).stdout(Stdio::null());
        let mut child = command.spawn().expect("redis-server is installed; tests/run does it");
        let began = Instant::now();
        // Who answers at the port need not be the one that was started.
        let itself = format!("process_id:{}\r", child.id());
        while !self.told("INFO server").is_some_and(|told| told.contains(&itself)) {
            assert!(began.elapsed() < START, "redis-server does not answer");
            if !matches!(child.try_wait(), Ok(None)) {
                return false;
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        self.child = Some(child);
        true
    }

    /// `kill -9`.
    pub fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }

    /// What `REDIS_URL` is set to.
    pub fn url(&self) -> String {
        format!("redis://{}", self.address())
    }

    /// Where it listens.
    pub fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// The port that it listens at.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Its process id.
    pub fn pid(&self) -> u32 {
        self.child.as_ref().expect("it runs").id()
    }

    /// Gives it a command and returns the first line of what it says.
    pub fn ask(&self, command: &str) -> String {
        self.try_ask(command).expect("Redis answers")
    }

    fn try_ask(&self, command: &str) -> Option<String> {
        self.told(command)?.lines().next().map(str::to_owned)
    }

    /// Gives it a command and returns all that it says, if it says something.
    fn told(&self, command: &str) -> Option<String> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).ok()?;
        stream.set_read_timeout(Some(START)).ok()?;
        write!(stream, "{command}\r\nQUIT\r\n").ok()?;
        let mut told = String::new();
        stream.read_to_string(&mut told).ok()?;
        (!told.is_empty()).then_some(told)
    }
}

impl Drop for RedisServer {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Ports that nobody listens at. They are out of those below the range from which Linux takes the ports
/// of outgoing connections, so that no connection has one before the server does, or while it is down.
fn free_ports<const N: usize>() -> [u16; N] {
    let a_free_one = |_| {
        // A new state has new keys each time, so the hash of nothing is a number by chance.
        let mut any = std::iter::repeat_with(|| RandomState::new().build_hasher().finish());
        any.find_map(|any| {
            let port = 10_000 + (any % 22_000) as u16;
            TcpListener::bind((Ipv4Addr::LOCALHOST, port)).ok()
        })
        .expect("there is always another number")
    };
    let listeners: [TcpListener; N] = std::array::from_fn(a_free_one);
    listeners.map(|listener| listener.local_addr().expect("an address").port())
}

/// Makes a certificate for 127.0.0.1 that signs itself; returns its file and that of its key.
fn certify(folder: &Path) -> (PathBuf, PathBuf) {
    let [config, pem, key] = ["openssl.cnf", "server.crt", "server.key"].map(|f| folder.join(f));
    let text = "[req]\ndistinguished_name = name\nx509_extensions = extensions\n[name]\n\
        [extensions]\nbasicConstraints = critical, CA:FALSE\nsubjectAltName = IP:127.0.0.1\n";
    fs::write(&config, text).expect("a file");
    let mut openssl = Command::new("openssl");
    openssl.args(["req", "-x509", "-days", "30", "-nodes", "-newkey", "ec"]);
    openssl.args(["-pkeyopt", "ec_paramgen_curve:prime256v1", "-subj", "/CN=Tests of Confab"]);
    openssl.arg("-config").arg(&config).arg("-keyout").arg(&key).arg("-out").arg(&pem);
    let made = openssl.output().expect("openssl is installed");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    (pem, key)
}
