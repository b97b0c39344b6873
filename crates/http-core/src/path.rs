//! Matching paths of requests with paths of the API's description.

/// Whether a path matches a template, in which `{…}` stands for any one segment.
pub fn fits(template: &str, path: &str) -> bool {
    let (mut wanted, mut given) = (template.split('/'), path.split('/'));
    loop {
        match (wanted.next(), given.next()) {
            (None, None) => return true,
            (Some(wanted), Some(given)) => {
                let any = wanted.starts_with('{') && !given.is_empty();
                if !any && wanted != given {
                    return false;
                }
            }
            _ => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::fits;

    #[test]
    fn a_parameter_stands_for_one_segment() {
        assert!(fits("/chats/{chat_id}/messages", "/chats/7/messages"));
        assert!(fits("/users", "/users"));
        for path in ["/chats//messages", "/chats/7", "/chats/7/messages/", "/chats/7/8/messages"] {
            assert!(!fits("/chats/{chat_id}/messages", path), "{path}");
        }
    }
}
