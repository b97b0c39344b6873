//! The cookies of one person, as a browser keeps them.

use reqwest::header::{HeaderMap, SET_COOKIE};
use std::collections::BTreeMap;

/// Cookies by name, each with the path that it is for.
#[derive(Default)]
pub(crate) struct Cookies(BTreeMap<String, (String, String)>);

impl Cookies {
    /// Keeps what an answer to a request at this path sets, and forgets what it takes back. One that
    /// is for encrypted connections only is never sent here and so not kept.
    pub(crate) fn keep(&mut self, headers: &HeaderMap, path: &str) {
        for header in headers.get_all(SET_COOKIE) {
            let mut parts = header.to_str().unwrap_or_default().split(';').map(str::trim);
            let Some((name, value)) = parts.next().and_then(|pair| pair.split_once('=')) else {
                continue;
            };
            let mut at = path.rsplit_once('/').map_or("/", |(folder, _)| folder).to_owned();
            let (mut gone, mut secure) = (false, false);
            for attribute in parts {
                let (key, set) = attribute.split_once('=').unwrap_or((attribute, ""));
                match key.to_ascii_lowercase().as_str() {
                    "path" => at = set.to_owned(),
                    "max-age" => gone = set.parse::<i64>().is_ok_and(|seconds| seconds <= 0),
                    "secure" => secure = true,
                    _ => {}
                }
            }
            if gone || secure {
                self.0.remove(name);
            } else {
                self.0.insert(name.to_owned(), (value.to_owned(), at));
            }
        }
    }

    /// The header for a request at this path, if there are any.
    pub(crate) fn header(&self, path: &str) -> Option<String> {
        let fitting = self.0.iter().filter(|(_, (_, at))| is_below(path, at));
        let pairs: Vec<_> = fitting.map(|(name, (value, _))| format!("{name}={value}")).collect();
        (!pairs.is_empty()).then(|| pairs.join("; "))
    }
}

fn is_below(path: &str, at: &str) -> bool {
    let rest = path.strip_prefix(at);
    rest.is_some_and(|rest| at.ends_with('/') || rest.is_empty() || rest.starts_with(['/', '?']))
}

#[cfg(test)]
mod tests {
    use super::Cookies;
    use reqwest::header::{HeaderMap, HeaderValue, SET_COOKIE};

    fn keep(cookies: &mut Cookies, set: &'static str) {
        let mut headers = HeaderMap::new();
        headers.insert(SET_COOKIE, HeaderValue::from_static(set));
        cookies.keep(&headers, "/api/login/");
    }

    #[test]
    fn cookies_are_sent_where_they_belong_until_they_are_taken_back() {
        let mut cookies = Cookies::default();
        assert_eq!(cookies.header("/"), None);
        keep(&mut cookies, "sessionid=abc; HttpOnly; Path=/; Max-Age=60; SameSite=Lax");
        keep(&mut cookies, "here=1");
        keep(&mut cookies, "secret=1; Path=/; Secure");
        assert_eq!(cookies.header("/ws/chat/1/").as_deref(), Some("sessionid=abc"));
        for path in ["/api/login", "/api/login/", "/api/login?a"] {
            assert_eq!(cookies.header(path).as_deref(), Some("here=1; sessionid=abc"), "{path}");
        }
        assert_eq!(cookies.header("/api/logins").as_deref(), Some("sessionid=abc"));
        keep(&mut cookies, "sessionid=; Path=/; Max-Age=0");
        assert_eq!(cookies.header("/ws/chat/1/"), None);
    }
}
