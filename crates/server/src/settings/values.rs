//! Parsers of settings. Each parser's error says what was expected, in words that can follow `"…" is not`.

use crate::secrets;
use dialects::Dialects;
use domain::directory::{Finding, Policy};
use domain::limits;
use domain::user::{AccountRole, AccountRoles, RESERVED_NAMES, ReservedNames, RoleName, UserName};
use http_core::rate_limit::{NotRates, Rates};
use std::fmt::Display;
use std::net::SocketAddr;
use std::ops::RangeInclusive;
use std::path::Path;
use std::str::FromStr;

/// A secret of 32 bytes.
#[derive(Clone, Copy)]
pub(super) struct Key(pub(super) [u8; 32]);

/// A secret is malformed. The error does not repeat it: it may be right but for one digit.
#[derive(Debug, thiserror::Error)]
#[error("64 hexadecimal digits")]
pub(super) struct NotAKey;

/// Origins of web pages.
#[derive(Debug, Clone)]
pub(super) struct Origins(pub(super) Vec<String>);

pub(super) fn key(text: &str) -> Result<Key, NotAKey> {
    secrets::parse(text.trim()).map(Key).ok_or(NotAKey)
}

pub(super) fn address(text: &str) -> Result<SocketAddr, &'static str> {
    text.trim().parse().map_err(|_| "an address like 127.0.0.1:8080")
}

/// A number within the range, both ends included.
pub(super) fn number<T>(
    range: RangeInclusive<T>,
) -> impl Fn(&str) -> Result<T, String> + Clone + Send + Sync + 'static
where
    T: FromStr + PartialOrd + Display + Clone + Send + Sync + 'static,
{
    move |text| {
        let number = text.trim().parse().ok().filter(|number| range.contains(number));
        number.ok_or_else(|| format!("a number from {} to {}", range.start(), range.end()))
    }
}

/// Megabytes. 0 means no quota; anything else is at least 50, so that a file of the largest size fits.
pub(super) fn quota(text: &str) -> Result<u64, &'static str> {
    let number = text.trim().parse().ok();
    let number = number.filter(|number| *number == 0 || (50..=1_000_000_000).contains(number));
    number.ok_or("0, or a number from 50 to 1000000000")
}

pub(super) fn rates(text: &str) -> Result<Rates, NotRates> {
    text.parse()
}

pub(super) fn switch(text: &str) -> Result<bool, &'static str> {
    match text.trim() {
        "on" => Ok(true),
        "off" => Ok(false),
        _ => Err("on or off"),
    }
}

/// `http://…` or `https://…`.
pub(super) fn web_address(text: &str) -> Result<String, &'static str> {
    let text = text.trim();
    let is_web = text.starts_with("https://") || text.starts_with("http://");
    if is_web { Ok(text.to_owned()) } else { Err("an address like https://host.example.org") }
}

/// An address that browsers find the page at: over HTTPS, or on this machine.
pub(super) fn public_address(text: &str) -> Result<String, &'static str> {
    const WANTED: &str = "an https address like https://example.org/chat";
    let text = text.trim().trim_end_matches('/');
    let host = match text.split_once("://") {
        Some(("https", host)) => host,
        Some(("http", host)) if is_here(host) => host,
        _ => return Err(WANTED),
    };
    // It becomes the path of a cookie, and stands in addresses.
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-._~/:[]%".contains(c);
    let is_good = !host.is_empty() && !host.starts_with(['/', ':']) && host.chars().all(is_plain);
    if is_good { Ok(text.to_owned()) } else { Err(WANTED) }
}

fn is_here(host: &str) -> bool {
    let host = host.split('/').next().unwrap_or_default();
    let here = ["127.0.0.1", "localhost", "[::1]"];
    here.iter().any(|here| {
        host.strip_prefix(here).is_some_and(|port| port.is_empty() || port.starts_with(':'))
    })
}

pub(super) fn origins(text: &str) -> Result<Origins, &'static str> {
    let origin = |origin: &str| {
        let host = origin.strip_prefix("https://").or_else(|| origin.strip_prefix("http://"))?;
        (!host.is_empty() && !host.contains('/')).then(|| origin.to_owned())
    };
    let all = words(text).map(origin).collect::<Option<_>>();
    all.map(Origins).ok_or("origins like https://chat.example.org, separated by commas")
}

pub(super) fn dialects(text: &str) -> Result<Dialects, &'static str> {
    if text.trim() == "all" {
        return Ok(Dialects::default());
    }
    Dialects::named(words(text).filter(|name| *name != "none"))
        .ok_or("all, none, or names of dialects (see --help)")
}

/// Names of roles. An empty text means none.
pub(super) fn roles(text: &str) -> Result<AccountRoles, String> {
    let named = words(text).map(RoleName::new).collect::<Result<Vec<_>, _>>().ok();
    named.filter(|named| named.len() <= limits::ROLES).map(AccountRoles::new).ok_or_else(|| {
        let (most, chars) = (limits::ROLES, limits::ROLE_CHARS);
        format!("up to {most} words of 1 to {chars} characters of a-z, 0-9, _ and -")
    })
}

/// The rule for users, followed by exceptions for roles: `shared,seller=everybody`. An exception for `user` would
/// contradict the rule, and is refused.
pub(super) fn directory(text: &str) -> Result<Policy, &'static str> {
    const WANTED: &str = "everybody, shared or nobody, with exceptions for roles behind it, as in \
                          shared,seller=everybody";
    let mut given = text.split(',').map(str::trim);
    let usual = given.next().and_then(Finding::parse).ok_or(WANTED)?;
    let mut roles: Vec<(AccountRole, Finding)> = Vec::new();
    for exception in given {
        let (role, finding) = exception.split_once('=').ok_or(WANTED)?;
        let role = AccountRole::parse(role.trim()).ok_or(WANTED)?;
        let finding = Finding::parse(finding.trim()).ok_or(WANTED)?;
        if role == AccountRole::User || roles.iter().any(|(named, _)| *named == role) {
            return Err(WANTED);
        }
        roles.push((role, finding));
    }
    Ok(Policy::new(usual, roles))
}

/// Reserved names. `default` stands for those of [`RESERVED_NAMES`], and may be given together with others.
pub(super) fn reserved(text: &str) -> Result<ReservedNames, &'static str> {
    let named: Vec<_> = words(text).collect();
    if named == ["none"] {
        return Ok(ReservedNames::new([]));
    }
    if named.iter().any(|name| UserName::new(name).is_err()) {
        return Err("user names separated by commas, or none");
    }
    let usual = if named.contains(&"default") { &RESERVED_NAMES[..] } else { &[] };
    Ok(ReservedNames::new(named.into_iter().chain(usual.iter().copied())))
}

/// An empty value counts as none: Compose files set variables to an empty text where nothing is configured.
pub(super) fn unless_empty(text: Option<&str>) -> Option<&str> {
    text.map(str::trim).filter(|text| !text.is_empty())
}

/// The same for a path, which need not be UTF-8.
pub(super) fn path_unless_empty(path: Option<&Path>) -> Option<&Path> {
    path.filter(|path| !path.as_os_str().is_empty())
}

pub(super) fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(',').map(str::trim).filter(|word| !word.is_empty())
}
