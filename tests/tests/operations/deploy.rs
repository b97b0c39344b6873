//! The files to deploy with. No container engine runs here: what the Compose file starts is started as
//! plain processes from the same settings, and the rest is read.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;
use tests::{Engine, OwnPostgres, Person, RedisServer, Server, Value, json};

/// A file of the tree.
fn read(path: &str) -> String {
    let read = fs::read_to_string(format!("{}/../{path}", env!("CARGO_MANIFEST_DIR")));
    read.unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn compose() -> Value {
    serde_yaml_ng::from_str(&read("docs/deploy/compose.yaml")).expect("YAML")
}

/// The settings of a service.
fn environment(service: &Value) -> BTreeMap<String, String> {
    let settings = service["environment"].as_object().expect("settings");
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    settings.iter().map(|(name, value)| (name.clone(), text(value))).collect()
}

/// The settings of a node on this machine: hosts and folders are others here, and nothing else.
fn here(
    mut settings: BTreeMap<String, String>,
    hosts: &[(&str, String)],
    folder: &str,
) -> Vec<(String, String)> {
    for (name, url) in hosts {
        assert!(settings.contains_key(*name), "{name} is set in {settings:?}");
        settings.insert((*name).to_owned(), url.clone());
    }
    // The harness makes accounts as people do where that is open.
    let registration = settings.insert("CONFAB_REGISTRATION".to_owned(), "open".to_owned());
    assert_eq!(registration.as_deref(), Some("closed"));
    // Where it listens is the harness's to say.
    assert_eq!(settings.remove("CONFAB_LISTEN").as_deref(), Some("0.0.0.0:8080"));
    settings.insert("CONFAB_DATA_DIR".to_owned(), folder.to_owned());
    settings.insert("CONFAB_METRICS_LISTEN".to_owned(), "127.0.0.1:0".to_owned());
    settings.into_iter().collect()
}

#[tokio::test]
async fn the_services_of_the_compose_file_work_together() {
    let compose = compose();
    let services = &compose["services"];
    let [one, two] = ["confab-1", "confab-2"].map(|name| environment(&services[name]));
    assert_eq!(one, two, "the nodes are alike");
    let postgres = environment(&services["postgres"]);
    let host = format!("postgres://{}:", postgres["POSTGRES_USER"]);
    let database = format!("@postgres:5432/{}", postgres["POSTGRES_DB"]);
    assert!(one["DATABASE_URL"].starts_with(&host) && one["DATABASE_URL"].ends_with(&database));
    assert_eq!(one["REDIS_URL"], "redis://redis:6379");

    let (database, redis) = (OwnPostgres::start().await, RedisServer::start());
    let hosts = [("DATABASE_URL", database.url().to_owned()), ("REDIS_URL", redis.url())];
    let folder = tempfile::tempdir().expect("a folder");
    let settings = here(one, &hosts, folder.path().to_str().expect("a path"));
    let settings: Vec<_> = settings.iter().map(|(name, value)| (&**name, &**value)).collect();
    // Together, as Compose starts them.
    let (first, second) = tokio::join!(
        Server::start_with(Engine::Sqlite, &settings),
        Server::start_with(Engine::Sqlite, &settings)
    );
    let healthy = second.run(&["healthcheck"], "").await;
    assert!(healthy.status.success(), "{healthy:?}");
    let [ada, mut grace] = Person::several(&first, ["Ada", "Grace"]).await;
    let chat = ada.direct(&grace).await;
    grace.moved_to(&second).await;
    // Who signed in on one node is known on the other, and hears and reads what is said there.
    let mut socket = grace.socket().await;
    ada.send(chat, "over both").await;
    let heard = socket.push_of("message.created").await;
    assert_eq!(heard["data"]["text"], "over both");
    assert_eq!(grace.history(chat).await.len(), 1);
}

#[tokio::test]
async fn every_setting_in_them_is_one() {
    let server = Server::prepare(Engine::Sqlite, &[]).await;
    let help = server.run(&["serve", "--help"], "").await;
    let help = String::from_utf8_lossy(&help.stdout).into_owned();
    let shown = help.split("[env: ").skip(1).filter_map(|rest| rest.split([']', '=']).next());
    let known: BTreeSet<_> = shown.collect();
    let compose = compose();
    let mut named: BTreeSet<_> =
        environment(&compose["services"]["confab-1"]).into_keys().collect();
    let word = |c: char| c.is_ascii_uppercase() || c == '_' || c.is_ascii_digit();
    for file in ["Dockerfile", "confab.service"] {
        let text = read(&format!("docs/deploy/{file}"));
        let words = text.split(|c| !word(c)).filter(|word| word.starts_with("CONFAB_"));
        named.extend(words.map(str::to_owned));
    }
    assert!(named.len() > 5, "{named:?}");
    let unknown: Vec<_> = named.iter().filter(|name| !known.contains(name.as_str())).collect();
    assert!(unknown.is_empty(), "{unknown:?} in {known:?}");
}

#[test]
fn what_they_name_is_there() {
    let compose = compose();
    let services = compose["services"].as_object().expect("services");
    let volumes = compose["volumes"].as_object().expect("volumes");
    for (name, service) in services {
        let image = service["image"].as_str().expect("an image");
        assert!(!image.contains('/'), "{name}: {image} names a registry");
        for volume in service["volumes"].as_array().into_iter().flatten() {
            let from = volume.as_str().and_then(|v| v.split(':').next()).expect("a volume");
            match from.strip_prefix("./") {
                Some(file) => drop(read(&format!("docs/deploy/{file}"))),
                None => assert!(volumes.contains_key(from), "{name}: {from}"),
            }
        }
        let needs = &service["depends_on"];
        let listed = needs.as_array().into_iter().flatten().filter_map(Value::as_str);
        let keyed = needs.as_object().into_iter().flat_map(|needs| needs.keys());
        for needed in listed.map(str::to_owned).chain(keyed.cloned()) {
            let needed = services.get(&needed).unwrap_or_else(|| panic!("{name} needs {needed}"));
            let by_health = needs.is_object();
            assert!(!by_health || needed["healthcheck"].is_object(), "{needed}");
        }
    }
    let node = &services["confab-1"];
    assert_eq!(node["build"], json!({"context": "../..", "dockerfile": "docs/deploy/Dockerfile"}));
    // The proxy passes on to both, at the port that they listen at, and asks whether they are ready.
    let proxy = read("docs/deploy/Caddyfile");
    let port = environment(node)["CONFAB_LISTEN"].rsplit(':').next().expect("a port").to_owned();
    for name in services.keys().filter(|name| name.starts_with("confab")) {
        assert!(proxy.contains(&format!("{name}:{port}")), "{name}");
    }
    assert!(proxy.contains("health_uri /readyz"));
    // Nobody gets more rights than they need, and the proxy does not reach the database or Redis.
    for (name, service) in services {
        assert_eq!(service["security_opt"], json!(["no-new-privileges:true"]), "{name}");
        assert!(service["mem_limit"].is_string(), "{name}");
        let is_behind = ["postgres", "redis"].contains(&name.as_str());
        let front = service["networks"].as_array().is_some_and(|all| all.contains(&json!("front")));
        assert_eq!(front, !is_behind, "{name}");
    }
    assert_eq!(compose["networks"]["back"], json!({"internal": true}));
    assert_eq!((&node["read_only"], &node["cap_drop"]), (&json!(true), &json!(["ALL"])));
    let published: Vec<_> = services.iter().filter(|(_, s)| s["ports"].is_array()).collect();
    assert!(matches!(published[..], [(name, _)] if name == "proxy"), "{published:?}");
}

#[test]
fn the_image_runs_as_nobody_and_says_how_it_is() {
    let text = read("docs/deploy/Dockerfile");
    let lines: Vec<_> = text.lines().collect();
    let place = |start: &str| {
        let found = lines.iter().rposition(|line| line.starts_with(start));
        found.unwrap_or_else(|| panic!("{start} is in it"))
    };
    let user = lines[place("USER ")].trim_start_matches("USER ");
    assert!(!user.starts_with('0') && !user.starts_with("root"), "{user}");
    assert!(place("FROM ") < place("USER ") && place("USER ") < place("ENTRYPOINT "));
    assert!(lines[place("HEALTHCHECK ")].ends_with("CMD [\"confab\", \"healthcheck\"]"));
    assert!(lines[place("ENTRYPOINT ")].contains("\"confab\""));
    // The compiler is the one that the tree asks for.
    let wanted: toml::Value = toml::from_str(&read("Cargo.toml")).expect("TOML");
    let version = wanted["workspace"]["package"]["rust-version"].as_str().expect("a version");
    assert!(text.contains(&format!("FROM rust:{version}-")), "rust {version}");
}

/// systemd's own look at the unit, where there is one; its words are checked everywhere.
#[test]
fn the_unit_is_one() {
    let text = read("docs/deploy/confab.service");
    for line in text.lines().filter(|line| !line.starts_with(['#', '[']) && !line.is_empty()) {
        assert!(line.contains('='), "{line}");
    }
    for word in [
        "DynamicUser=yes",
        "NoNewPrivileges=yes",
        "ProtectSystem=strict",
        "Restart=always",
        "Environment=CONFAB_REGISTRATION=closed",
    ] {
        assert!(text.lines().any(|line| line == word), "{word}");
    }
    let folder = tempfile::tempdir().expect("a folder");
    let program = folder.path().join("confab");
    fs::write(&program, "#!/bin/sh\n").expect("a file");
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).expect("a mode");
    let unit = folder.path().join("confab.service");
    let shown = program.to_str().expect("a path");
    fs::write(&unit, text.replace("/usr/local/bin/confab", shown)).expect("a file");
    let Ok(looked) = Command::new("systemd-analyze").arg("verify").arg(&unit).output() else {
        return;
    };
    let said = String::from_utf8_lossy(&looked.stderr).into_owned();
    // It looks at the units of this machine, too.
    let ours: Vec<_> = said.lines().filter(|line| line.contains("confab.service")).collect();
    assert!(ours.is_empty(), "{ours:#?}");
}
