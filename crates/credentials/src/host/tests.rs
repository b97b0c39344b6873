//! What is taken of a host's token, and what is not.

use super::{HostIssuerError, Hosts};
use domain::clock::Timestamp;
use domain::failure::Failure;
use domain::host::{
    ExternalId, HostClaims, HostIdentity, HostIssuer, HostKeys, HostTokenError, HostTokens, Issuer,
    LoggedOut,
};
use domain::internet::Reach;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value, json};

pub(super) const NOW: Timestamp = Timestamp::from_micros(1_800_000_000_000_000);
pub(super) const SECRET: &[u8] = b"a secret of exactly thirty-two b";
const RSA: &str = include_str!("../../fixtures/rsa.pem");
const EC: &str = include_str!("../../fixtures/ec.pem");
const ED: &str = include_str!("../../fixtures/ed.pem");

pub(super) fn issuer(name: &str, algorithms: &[&str], keys: HostKeys) -> HostIssuer {
    let [subject, name_claim, email, picture, role] =
        ["sub", "preferred_username", "email", "picture", "realm_access.roles"].map(str::to_owned);
    HostIssuer {
        issuer: Issuer::new(name).unwrap(),
        audience: Some("confab".to_owned()),
        sign_in: None,
        algorithms: algorithms.iter().map(|&name| name.to_owned()).collect(),
        keys,
        claims: HostClaims { subject, name: name_claim, email, picture, role },
        admin_roles: Vec::new(),
        pictures: Reach::Public,
    }
}

fn secret() -> HostKeys {
    HostKeys::Secret(SECRET.to_vec())
}

fn public(pem: &str) -> HostKeys {
    HostKeys::Public(pem.to_owned())
}

/// Good until a minute from [`NOW`], with what the test changes; a `null` takes a claim away.
pub(super) fn claims(changes: Value) -> Value {
    let mut claims = json!({"iss": "shop", "aud": "confab", "sub": "17", "exp": 1_800_000_060,
        "preferred_username": "Anna", "email": "anna@example.org"});
    let Value::Object(changes) = changes else { panic!("an object") };
    claims.as_object_mut().unwrap().extend(changes);
    claims.as_object_mut().unwrap().retain(|_, value| !value.is_null());
    claims
}

fn by_secret(changes: Value, secret: &[u8]) -> String {
    let key = EncodingKey::from_secret(secret);
    encode(&Header::new(Algorithm::HS256), &claims(changes), &key).unwrap()
}

fn read(hosts: &Hosts, token: &str) -> Result<HostIdentity, HostTokenError> {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(hosts.read(token, NOW))
}

fn refusal(hosts: &Hosts, token: &str) -> HostTokenError {
    read(hosts, token).unwrap_err()
}

fn wrong(algorithms: &[&str], keys: HostKeys) -> HostIssuerError {
    Hosts::new(vec![issuer("shop", algorithms, keys)]).err().expect("refused")
}

#[test]
fn each_algorithm_signs_for_a_host() {
    let rsa = include_bytes!("../../fixtures/rsa.private.pem");
    let rsa = || EncodingKey::from_rsa_pem(rsa).unwrap();
    let ec = EncodingKey::from_ec_pem(include_bytes!("../../fixtures/ec.private.pem")).unwrap();
    let ed = EncodingKey::from_ed_pem(include_bytes!("../../fixtures/ed.private.pem")).unwrap();
    let all = || public(&[RSA, EC, ED].concat());
    for (algorithm, name, key) in [
        (Algorithm::RS256, "RS256", rsa()),
        (Algorithm::PS256, "PS256", rsa()),
        (Algorithm::ES256, "ES256", ec),
        (Algorithm::EdDSA, "EdDSA", ed),
    ] {
        let token = encode(&Header::new(algorithm), &claims(json!({})), &key).unwrap();
        let names = ["RS256", "PS256", "ES256", "EdDSA"];
        let hosts = Hosts::new(vec![issuer("shop", &names, all())]).unwrap();
        let read = read(&hosts, &token).unwrap();
        let person = (read.person.issuer.as_str(), read.person.subject.as_str());
        assert_eq!(person, ("shop", "17"), "{name}");
        assert_eq!(read.name.as_deref(), Some("Anna"));
        assert_eq!(read.email.as_deref(), Some("anna@example.org"));
        // The same key where its algorithm is not allowed.
        let others = Hosts::new(vec![issuer("shop", &["HS256"], secret())]).unwrap();
        assert_eq!(refusal(&others, &token), HostTokenError::Algorithm, "{name}");
    }
    let hosts = Hosts::new(vec![issuer("shop", &["HS256"], secret())]).unwrap();
    read(&hosts, &by_secret(json!({"aud": ["other", "confab"]}), SECRET)).unwrap();
}

#[test]
fn what_nobody_signed_is_refused() {
    let hosts = Hosts::new(vec![issuer("shop", &["HS256"], secret())]).unwrap();
    let good = by_secret(json!({}), SECRET);
    let payload = good.split('.').nth(1).unwrap();
    let unsigned = format!("eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.{payload}.");
    assert_eq!(refusal(&hosts, &unsigned), HostTokenError::Algorithm);
    let other = by_secret(json!({}), b"another secret of thirty-two byt");
    for bad in [other.as_str(), &good[..good.len() - 1], "", "a.b.c", "a.b", "🦀"] {
        assert_eq!(refusal(&hosts, bad), HostTokenError::Invalid, "{bad}");
    }
    let public = Hosts::new(vec![issuer("shop", &["RS256"], public(RSA))]).unwrap();
    for bytes in [RSA.as_bytes(), RSA.trim().as_bytes()] {
        let forged = by_secret(json!({}), bytes);
        assert_eq!(refusal(&public, &forged), HostTokenError::Algorithm);
    }
}

#[test]
fn what_a_token_says_is_checked() {
    let hosts = Hosts::new(vec![issuer("shop", &["HS256"], secret())]).unwrap();
    for (changes, why) in [
        (json!({"iss": "forum"}), HostTokenError::Issuer),
        (json!({"iss": null}), HostTokenError::Issuer),
        (json!({"iss": ["shop"]}), HostTokenError::Issuer),
        (json!({"aud": "other"}), HostTokenError::Audience),
        (json!({"aud": null}), HostTokenError::Audience),
        (json!({"aud": []}), HostTokenError::Audience),
        (json!({"exp": null}), HostTokenError::NoExpiry),
        (json!({"exp": "1800000060"}), HostTokenError::Invalid),
        (json!({"exp": 1_799_999_970}), HostTokenError::Expired),
        (json!({"nbf": 1_800_000_031}), HostTokenError::NotYet),
        (json!({"iat": 1_800_000_031}), HostTokenError::NotYet),
        (json!({"sub": null}), HostTokenError::Subject),
        (json!({"sub": 17}), HostTokenError::Subject),
        (json!({"sub": ""}), HostTokenError::Subject),
        (json!({"sub": "a\u{0}b"}), HostTokenError::Subject),
        (json!({"sub": "я".repeat(256)}), HostTokenError::Subject),
        (json!({"sub": "x".repeat(10_000)}), HostTokenError::Subject),
        (json!({"sub": "x".repeat(100_000)}), HostTokenError::TooLong),
    ] {
        let told: String = changes.to_string().chars().take(60).collect();
        assert_eq!(refusal(&hosts, &by_secret(changes, SECRET)), why, "{told}");
    }
    for good in [
        json!({"exp": 1_799_999_971}),
        json!({"nbf": 1_800_000_030, "iat": 1_800_000_030}),
        json!({"sub": "я".repeat(255)}),
        json!({"preferred_username": null, "email": 7}),
    ] {
        read(&hosts, &by_secret(good.clone(), SECRET)).unwrap_or_else(|e| panic!("{good}: {e}"));
    }
}

#[test]
fn whoever_has_an_admins_role_is_one() {
    let with = |role: &str| {
        let mut shop = issuer("shop", &["HS256"], secret());
        shop.admin_roles = vec!["chat-admin".to_owned(), "root".to_owned()];
        shop.claims.role = role.to_owned();
        Hosts::new(vec![shop]).unwrap()
    };
    let is_admin =
        |hosts: &Hosts, claims: Value| read(hosts, &by_secret(claims, SECRET)).unwrap().is_admin;
    for (role, claims, expected) in [
        ("roles", json!({"roles": ["buyer", "chat-admin"]}), true),
        ("roles", json!({"roles": "root"}), true),
        ("roles", json!({"roles": ["Chat-Admin", "chat", 7]}), false),
        ("roles", json!({"roles": {"root": true}}), false),
        ("roles", json!({}), false),
        ("realm_access.roles", json!({"realm_access": {"roles": ["root"]}}), true),
        ("realm_access.roles", json!({"realm_access.roles": ["root"]}), true),
        ("realm_access.roles", json!({"realm_access": ["root"]}), false),
        ("https://x.org/roles", json!({"https://x.org/roles": ["root"]}), true),
    ] {
        assert_eq!(is_admin(&with(role), claims.clone()), Some(expected), "{role} in {claims}");
    }
    let silent = Hosts::new(vec![issuer("shop", &["HS256"], secret())]).unwrap();
    assert_eq!(is_admin(&silent, json!({"realm_access": {"roles": ["root"]}})), None);
}

#[test]
fn a_picture_and_a_session_are_taken_if_they_are_good() {
    let hosts = Hosts::new(vec![issuer("shop", &["HS256"], secret())]).unwrap();
    let said = |claims: Value| {
        let HostIdentity { picture, session, .. } =
            read(&hosts, &by_secret(claims, SECRET)).unwrap();
        let picture = picture.map(|picture| picture.as_str().to_owned());
        (picture, session.map(|session| session.as_str().to_owned()))
    };
    let some = |text: &str| Some(text.to_owned());
    let good = "https://shop.example.org/17.png?v=2";
    assert_eq!(said(json!({"picture": good, "sid": "a 7"})), (some(good), some("a 7")));
    assert_eq!(said(json!({})), (None, None));
    // Nobody is kept out for what is not good.
    for (picture, sid) in [
        (json!("http://shop.example.org/17.png"), json!(7)),
        (json!("https://10.0.0.7/17.png"), json!("")),
        (json!("17.png"), json!("a\u{0}")),
        (json!(format!("https://shop.example.org/{}", "x".repeat(2_048))), json!("x".repeat(256))),
        (json!({"url": good}), json!(["7"])),
        (json!(null), json!(null)),
    ] {
        assert_eq!(said(json!({"picture": picture, "sid": sid})), (None, None), "{picture} {sid}");
    }
    let mut near = issuer("shop", &["HS256"], secret());
    near.claims.picture = "avatar.url".to_owned();
    near.pictures = Reach::LoopbackToo;
    let hosts = Hosts::new(vec![near]).unwrap();
    let claims = json!({"avatar": {"url": "http://127.0.0.1:8080/17.png"}});
    let read = read(&hosts, &by_secret(claims, SECRET)).unwrap();
    assert_eq!(read.picture.unwrap().as_str(), "http://127.0.0.1:8080/17.png");
}

#[test]
fn a_log_out_token_says_so() {
    const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";
    let hosts = Hosts::new(vec![issuer("shop", &["HS256"], secret())]).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let read_log_out = |changes: Value| {
        let mut log_out = json!({"events": {EVENT: {}}, "jti": "1", "iat": 1_800_000_000});
        log_out.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
        let token = by_secret(log_out, SECRET);
        runtime.block_on(hosts.read_log_out(&token, NOW)).map_err(|why| Failure::from(why).code)
    };
    let LoggedOut::Person(person) = read_log_out(json!({})).unwrap() else { panic!("a person") };
    assert_eq!((person.issuer.as_str(), person.subject.as_str()), ("shop", "17"));
    let longest = "я".repeat(255);
    for (changes, whose, which) in [
        (json!({"sid": "7"}), Some("17"), "7"),
        (json!({"sid": longest, "sub": null}), None, &*longest),
    ] {
        let LoggedOut::Session { issuer, subject, session } = read_log_out(changes).unwrap() else {
            panic!("a session")
        };
        assert_eq!((issuer.as_str(), session.as_str()), ("shop", which));
        assert_eq!(subject.as_ref().map(ExternalId::as_str), whose);
    }
    for (changes, code) in [
        (json!({"events": null}), "host_log_out_invalid"),
        (json!({"events": {}}), "host_log_out_invalid"),
        (json!({"events": {EVENT: true}}), "host_log_out_invalid"),
        (json!({"events": [EVENT]}), "host_log_out_invalid"),
        (json!({"jti": null}), "host_log_out_invalid"),
        (json!({"jti": 1}), "host_log_out_invalid"),
        (json!({"iat": null}), "host_log_out_invalid"),
        (json!({"nonce": "n"}), "host_log_out_invalid"),
        (json!({"sub": null}), "host_log_out_without_subject"),
        (json!({"sid": ""}), "host_session_invalid"),
        (json!({"sid": 7}), "host_session_invalid"),
        (json!({"sid": "x".repeat(256)}), "host_session_invalid"),
        (json!({"sub": "", "sid": "7"}), "host_subject_invalid"),
        (json!({"sub": ""}), "host_subject_invalid"),
        (json!({"aud": "other"}), "host_audience_wrong"),
        (json!({"iss": "forum"}), "host_issuer_unknown"),
        (json!({"exp": null}), "host_token_without_expiry"),
        (json!({"exp": 1_799_999_970}), "host_token_expired"),
        (json!({"iat": 1_800_000_031}), "host_token_not_yet_valid"),
    ] {
        assert_eq!(read_log_out(changes.clone()).unwrap_err(), code, "{changes}");
    }
    // It signs nobody in, whatever its event looks like.
    for event in [json!({}), json!(true)] {
        let token = by_secret(json!({"events": {EVENT: event}}), SECRET);
        assert_eq!(refusal(&hosts, &token), HostTokenError::LogOut);
    }
    read(&hosts, &by_secret(json!({"events": {"urn:other": {}}}), SECRET)).unwrap();
}

#[test]
fn keys_that_are_not_good_enough_are_refused() {
    let at = |address: &str| HostKeys::Published(address.to_owned());
    for address in
        ["http://example.org/keys", "file:///keys", "/keys", "https://", "no address", ""]
    {
        assert_eq!(wrong(&["RS256"], at(address)), HostIssuerError::Address, "{address}");
    }
    assert_eq!(wrong(&["RS256"], HostKeys::Discovered), HostIssuerError::Address);
    let published = wrong(&["HS256"], at("https://example.org/keys"));
    assert_eq!(published, HostIssuerError::WrongKey("HS256".to_owned()));
    let short = HostKeys::Secret(SECRET[1..].to_vec());
    assert_eq!(wrong(&["HS256"], short), HostIssuerError::ShortSecret);
    assert_eq!(wrong(&[], secret()), HostIssuerError::NoAlgorithm);
    for name in ["none", "HS512", "hs256", ""] {
        assert_eq!(wrong(&[name], secret()), HostIssuerError::Algorithm(name.to_owned()));
    }
    let confused = || HostIssuerError::WrongKey("HS256".to_owned());
    assert_eq!(wrong(&["HS256"], public(RSA)), confused());
    assert_eq!(wrong(&["RS256", "HS256"], public(RSA)), confused());
    assert_eq!(wrong(&["RS256"], secret()), HostIssuerError::WrongKey("RS256".to_owned()));
    let short = include_str!("../../fixtures/short.pem");
    let private = include_str!("../../fixtures/rsa.private.pem");
    for bad in ["", "a key", short, private, EC, &RSA[..200]] {
        assert_eq!(wrong(&["RS256"], public(bad)), HostIssuerError::Key, "{bad}");
    }
    let missing = wrong(&["RS256", "ES256"], public(RSA));
    assert_eq!(missing, HostIssuerError::NoKey("ES256".to_owned()));
}
