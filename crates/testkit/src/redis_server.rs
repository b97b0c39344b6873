//! A Redis for one test.

use std::fs;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// How long a server may take to listen, and servers to become a cluster.
pub(crate) const START: Duration = Duration::from_secs(30);

/// A `redis-server` that stores nothing on disk, at a port of its own. It ends when this is dropped.
pub struct RedisServer {
    child: Option<Child>,
    port: u16,
    settings: Vec<String>,
    folder: TempDir,
    /// Its certificate's file, if it has one.
    certificate: Option<TempDir>,
}

impl RedisServer {
    /// Starts one and waits until it answers.
    pub fn start() -> Self {
        Self::start_with(|[_]| Vec::new()).0
    }

    /// The same with as many ports as wanted, the first of which is for clients, and with further settings: a
    /// list of alternating names and values. Also returns the ports.
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
            // Another process may have taken a port that was free a moment ago.
            if server.serves() {
                return (server, ports);
            }
            assert!(began.elapsed() < START, "redis-server finds no free port");
        }
    }

    /// Starts one that also speaks TLS, at a port of its own and with a self-signed certificate for
    /// 127.0.0.1. Also returns the value for `REDIS_URL` and the certificate's file.
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

    /// Starts it again at the same address, empty, after killing it if it runs.
    pub fn restart(&mut self) {
        let began = Instant::now();
        while !self.serves() {
            assert!(began.elapsed() < START, "redis-server does not get its port back");
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Starts it and returns whether it serves; it does not if one of its ports is taken.
    fn serves(&mut self) -> bool {
        self.kill();
        let port = self.port.to_string();
        let mut command = Command::new("redis-server");
        command.args(["--port", &port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]);
        command.args(&self.settings);
        command.arg("--dir").arg(self.folder.path()).stdin(Stdio::null()).stdout(Stdio::null());
        let mut child = command.spawn().expect("redis-server is installed; tests/run does it");
        let began = Instant::now();
        // Whoever answers at the port need not be the server that was just started.
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

    /// The value for `REDIS_URL`.
    pub fn url(&self) -> String {
        format!("redis://{}", self.address())
    }

    /// The address it listens at.
    pub fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// The port it listens at.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Its process id.
    pub fn pid(&self) -> u32 {
        self.child.as_ref().expect("it runs").id()
    }

    /// Gives it a command and returns the first line of the answer.
    pub fn ask(&self, command: &str) -> String {
        self.try_ask(command).expect("Redis answers")
    }

    fn try_ask(&self, command: &str) -> Option<String> {
        self.told(command)?.lines().next().map(str::to_owned)
    }

    /// Gives it a command and returns the whole answer, if there is one.
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

/// Ports that nobody listens at. They are below the range that Linux uses for outgoing connections, so that
/// none of those takes a port before the server does, or while it is down.
fn free_ports<const N: usize>() -> [u16; N] {
    let a_free_one = |_| {
        // Each new state has new keys, so the hash of nothing is a random number.
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

/// Makes a self-signed certificate for 127.0.0.1; returns its file and that of its key.
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
