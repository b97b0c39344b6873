use super::*;
use clap::{Arg, Command, CommandFactory, Parser};
use domain::directory::Finding;
use domain::user::AccountRole;
use std::collections::BTreeMap;
use std::ffi::OsString;

#[derive(Parser)]
#[command(name = "confab")]
struct Line {
    #[command(flatten)]
    _settings: Settings,
}

/// What these words of a command line set.
fn settings(words: &[&str]) -> Result<Settings, String> {
    let words: Vec<_> = ["confab"].iter().chain(words).map(OsString::from).collect();
    let read = read(Line::command(), &words);
    read.map(|(settings, _)| settings).map_err(|error| crate::error::one_line(&error))
}

fn wrong(words: &[&str]) -> String {
    settings(words).err().unwrap_or_default()
}

#[test]
fn nothing_set_is_a_server_on_this_machine() {
    let settings = settings(&[]).unwrap();
    assert_eq!(settings.listen.to_string(), "127.0.0.1:8080");
    assert_eq!(settings.registration, None);
    assert_eq!(settings.second_factor, SecondFactor::Optional);
    assert_eq!(settings.bcrypt_cost, 12);
    assert_eq!((settings.rate_limits, settings.trusted_proxies), (true, 0));
    assert_eq!(settings.roles().words(), ["user", "admin", "seller", "salon_member"]);
    assert_eq!(settings.dialects.names(), Dialects::all());
    assert!(settings.allowed_origins().is_empty());
    let (push, reach) = (&settings.push, settings.push.reach());
    assert_eq!((push.key(), reach), (None, domain::internet::Reach::Public));
    assert!(matches!(settings.media.place(), Ok(MediaPlace::Folder(None))));
    assert_eq!(settings.media.quota(), Some(10_000_000_000));
}

#[test]
fn a_quota_is_none_or_has_room_for_a_file() {
    let quota =
        |text: &str| settings(&[&format!("--upload-quota={text}")]).map(|set| set.media.quota());
    assert_eq!(quota("0"), Ok(None));
    assert_eq!(quota("50"), Ok(Some(50_000_000)));
    for text in ["49", "-1", "1e3", "1000000001", ""] {
        let said = quota(text).unwrap_err();
        assert!(said.contains("CONFAB_UPLOAD_QUOTA") && said.contains("50"), "{said}");
    }
}

#[test]
fn a_directory_is_a_word_with_exceptions_for_roles() {
    let directory = |text: &str| {
        let words = [format!("--directory={text}"), "--account-roles=guest".to_owned()];
        settings(&words.each_ref().map(String::as_str)).map(|set| set.directory)
    };
    assert_eq!(directory("everybody"), Ok(Policy::default()));
    let role = |word| AccountRole::parse(word).unwrap();
    let policy = directory("shared, guest=nobody, seller = everybody").unwrap();
    let found = ["user", "guest", "seller", "admin"].map(|word| policy.of(role(word)));
    let expected = [Finding::Shared, Finding::Nobody, Finding::Everybody, Finding::Everybody];
    assert_eq!(found, expected);
    assert_eq!(directory("nobody,admin=shared").unwrap().of(role("admin")), Finding::Shared);
    for bad in ["", "all", "guest=nobody", "shared,", "shared,guest", "shared,guest=all"] {
        let said = directory(bad).unwrap_err();
        let wanted = "is not everybody, shared or nobody, with exceptions";
        assert!(said.starts_with("CONFAB_DIRECTORY: ") && said.contains(wanted), "{said}");
    }
    for twice in ["shared,user=nobody", "shared,guest=nobody,guest=shared", "shared,Guest=nobody"] {
        assert!(directory(twice).is_err(), "{twice}");
    }
    assert_eq!(
        directory("shared,visitor=nobody"),
        Err("CONFAB_DIRECTORY: \"visitor\" is not a role that accounts may have (see \
             CONFAB_ACCOUNT_ROLES)"
            .to_owned())
    );
}

#[test]
fn a_wrong_setting_is_named_on_one_line() {
    assert_eq!(
        wrong(&["--listen", "here"]),
        "CONFAB_LISTEN: \"here\" is not an address like 127.0.0.1:8080"
    );
    assert_eq!(
        wrong(&["--registration", "on"]),
        "CONFAB_REGISTRATION: \"on\" is not open or invite or closed"
    );
    assert_eq!(
        wrong(&["--bcrypt-cost", "3"]),
        "CONFAB_BCRYPT_COST: \"3\" is not a number from 4 to 31"
    );
    for (flag, value) in [
        ("workers", "0"),
        ("account-roles", "seller,A b"),
        ("account-roles", "admin"),
        ("dialects", "events,x"),
        ("allowed-origins", "a.example"),
        ("rate-limits", "maybe"),
        ("trusted-proxies", "17"),
        ("traces-share", "1.5"),
        ("traces-url", "collector:4318"),
        ("push-contact", ""),
        ("push-contact", "ops@example.org"),
        ("push-contact", "mailto:a b@example.org"),
        ("push-contact", "http://example.org"),
        ("push-loopback", "yes"),
        ("log-format", "xml"),
        ("lookalike-names", "maybe"),
        ("second-factor", "everybody"),
    ] {
        let line = wrong(&[&format!("--{flag}"), value]);
        let variable = format!("CONFAB_{}: ", flag.replace('-', "_").to_uppercase());
        assert!(line.starts_with(&variable) && line.contains(value), "{line}");
        assert_eq!(line.lines().count(), 1, "{line}");
    }
}

#[test]
fn names_are_reserved_by_words() {
    let reserves = |words: &[&str], name| {
        let reserved = settings(words).unwrap().names.reserved();
        reserved.contains(&domain::user::UserName::new(name).unwrap())
    };
    assert!(reserves(&[], "root"));
    assert!(!reserves(&["--reserved-names", "none"], "root"));
    assert!(!reserves(&["--reserved-names", "captain"], "root"));
    assert!(reserves(&["--reserved-names", "captain"], "Captain"));
    assert!(reserves(&["--reserved-names", "default, captain"], "root"));
}

#[test]
fn a_key_that_is_wrong_is_not_shown() {
    let key = settings(&["--vapid-key", &"0a".repeat(32)]).unwrap().push.key();
    assert_eq!(key, Some([10; 32]));
    for (flag, variable) in
        [("--vapid-key", "CONFAB_VAPID_KEY"), ("--secret-key", "CONFAB_SECRET_KEY")]
    {
        let line = wrong(&[flag, "abc"]);
        assert_eq!(line, format!("{variable}: what was given is not 64 hexadecimal digits"));
    }
}

#[test]
fn files_are_in_a_folder_unless_a_bucket_is_named() {
    let place = |words: &[&str]| settings(words).unwrap().media.place().unwrap();
    assert!(matches!(place(&["--media-dir", "/srv/files"]), MediaPlace::Folder(Some(_))));
    assert!(matches!(place(&["--media-dir", ""]), MediaPlace::Folder(None)));
    let MediaPlace::Bucket { name, region, endpoint, key } = place(&["--s3-bucket", "files"])
    else {
        panic!("a bucket")
    };
    assert_eq!((&*name, &*region, endpoint, key), ("files", "us-east-1", None, None));
}

#[test]
fn half_a_key_to_a_bucket_is_an_error_that_does_not_show_it() {
    let bucket = |more: [&str; 2]| wrong(&["--s3-bucket", "files", more[0], more[1]]);
    let half = bucket(["--s3-secret-key", "hidden"]);
    assert!(half.starts_with("CONFAB_S3_ACCESS_KEY") && !half.contains("hidden"), "{half}");
    let half = bucket(["--s3-access-key", "id"]);
    assert!(half.starts_with("CONFAB_S3_SECRET_KEY"), "{half}");
    let astray = bucket(["--s3-endpoint", "s3.example.org"]);
    assert!(astray.starts_with("CONFAB_S3_ENDPOINT"), "{astray}");
}

#[test]
fn a_flag_beats_the_file_and_an_unknown_setting_in_it_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("confab.toml");
    let file = path.to_str().unwrap();
    std::fs::write(&path, "listen = '127.0.0.1:1'\nbcrypt_cost = 7\nrate_limits = false").unwrap();
    let from_file = settings(&["--config", file]).unwrap();
    assert_eq!((from_file.listen.port(), from_file.rate_limits), (1, false));
    let both = settings(&["--config", file, "--listen", "127.0.0.1:2"]).unwrap();
    assert_eq!((both.listen.port(), both.bcrypt_cost), (2, 7));

    for (text, said) in [
        ("lisen = 'x'", "unknown setting `lisen`"),
        ("config = 'x'", "unknown setting `config`"),
        ("listen = ['x']", "`listen` must be"),
        ("listen = 'x'", "CONFAB_LISTEN: \"x\" is not"),
        ("listen", "the settings file"),
    ] {
        std::fs::write(&path, text).unwrap();
        let line = wrong(&["--config", file]);
        assert!(line.contains(said), "{text}: {line}");
    }
    assert!(wrong(&["--config", "/nowhere/confab.toml"]).contains("/nowhere/confab.toml"));
}

/// The variable and the default in each row of the table of settings.
fn documented() -> BTreeMap<String, String> {
    let page = include_str!("../../../../docs/OPERATIONS.md");
    let table = page.split("## Settings").nth(1).and_then(|rest| rest.split("\n## ").next());
    let rows = table.unwrap_or_default().lines().filter(|line| line.starts_with("| `"));
    let mut found = BTreeMap::new();
    for row in rows {
        let mut cells = row.split('|').skip(1).map(str::trim);
        let (names, default) = (cells.next().unwrap(), cells.next().unwrap());
        for name in names.split('·').map(|name| name.trim().trim_matches('`')) {
            found.insert(name.to_owned(), default.trim_matches('`').to_owned());
        }
    }
    found
}

#[test]
fn every_setting_and_its_default_are_documented() {
    let command: Command = Line::command();
    let settings: Vec<&Arg> =
        command.get_arguments().filter(|arg| arg.get_env().is_some()).collect();
    let documented = documented();
    let variable = |arg: &Arg| arg.get_env().unwrap().to_string_lossy().into_owned();
    let declared: Vec<_> = settings.iter().copied().map(variable).collect();
    for name in documented.keys() {
        assert!(declared.contains(name), "docs/OPERATIONS.md has {name}, which is no setting");
    }
    for setting in settings {
        let name = variable(setting);
        let row = documented.get(&name);
        let row = row.unwrap_or_else(|| panic!("{name} is not in the table of docs/OPERATIONS.md"));
        if let [default] = setting.get_default_values()
            && !setting.is_hide_default_value_set()
        {
            assert_eq!(row, &*default.to_string_lossy(), "the default of {name}");
        }
    }
}
