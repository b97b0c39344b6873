use super::*;

fn settings(raw: RawSettings) -> Result<Settings, String> {
    Settings::from_raw(raw).map_err(|error| crate::error::one_line(&error))
}

#[test]
fn nothing_set_is_a_server_on_this_machine() {
    let settings = settings(RawSettings::default()).unwrap();
    assert_eq!(settings.listen.to_string(), "127.0.0.1:8080");
    assert!(settings.open_registration);
    assert_eq!(settings.bcrypt_cost, 12);
    assert_eq!((settings.rate_limits, settings.trusted_proxies), (true, 0));
}

#[test]
fn a_wrong_setting_is_named_on_one_line() {
    let wrong = |raw| settings(raw).err().unwrap();
    let some = |text: &str| Some(text.to_owned());
    assert_eq!(
        wrong(RawSettings { listen: some("here"), ..RawSettings::default() }),
        "CONFAB_LISTEN: \"here\" is not an address like 127.0.0.1:8080"
    );
    for (raw, name) in [
        (RawSettings { bcrypt_cost: some("3"), ..RawSettings::default() }, "CONFAB_BCRYPT_COST"),
        (RawSettings { workers: some("0"), ..RawSettings::default() }, "CONFAB_WORKERS"),
        (
            RawSettings { account_roles: some("seller,A b"), ..RawSettings::default() },
            "CONFAB_ACCOUNT_ROLES",
        ),
        (
            RawSettings { account_roles: some("admin"), ..RawSettings::default() },
            "CONFAB_ACCOUNT_ROLES",
        ),
        (RawSettings { dialects: some("events,x"), ..RawSettings::default() }, "CONFAB_DIALECTS"),
        (RawSettings { registration: some("on"), ..RawSettings::default() }, "CONFAB_REGISTRATION"),
        (
            RawSettings { allowed_origins: some("a.example"), ..RawSettings::default() },
            "CONFAB_ALLOWED_ORIGINS",
        ),
        (
            RawSettings { rate_limits: some("maybe"), ..RawSettings::default() },
            "CONFAB_RATE_LIMITS",
        ),
        (
            RawSettings { trusted_proxies: some("17"), ..RawSettings::default() },
            "CONFAB_TRUSTED_PROXIES",
        ),
        (RawSettings { log_format: some("xml"), ..RawSettings::default() }, "CONFAB_LOG_FORMAT"),
    ] {
        assert!(wrong(raw).starts_with(name), "{name}");
    }
}

#[test]
fn a_flag_beats_the_file_and_an_unknown_setting_in_it_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("confab.toml");
    std::fs::write(&file, "listen = '127.0.0.1:1'\nbcrypt_cost = 7\nrate_limits = false").unwrap();
    let raw = RawSettings { config: Some(file.clone()), ..RawSettings::default() };
    let from_file = settings(raw).unwrap();
    assert_eq!((from_file.listen.port(), from_file.rate_limits), (1, false));
    let listen = Some("127.0.0.1:2".to_owned());
    let raw = RawSettings { config: Some(file.clone()), listen, ..RawSettings::default() };
    let both = settings(raw).unwrap();
    assert_eq!((both.listen.port(), both.bcrypt_cost), (2, 7));

    std::fs::write(&file, "lisen = 'x'").unwrap();
    let raw = RawSettings { config: Some(file), ..RawSettings::default() };
    assert!(settings(raw).err().unwrap().contains("lisen"));
}
