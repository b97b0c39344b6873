//! In English.

use super::Text;
use std::borrow::Cow;

pub(super) fn say(text: &Text) -> Cow<'static, str> {
    match text {
        Text::NotSignedIn => "Authentication credentials were not provided.".into(),
        Text::Required => "This field is required.".into(),
        Text::Blank => "This field may not be blank.".into(),
        Text::Null => "This field may not be null.".into(),
        Text::NotFound => "Not found.".into(),
        Text::Method(method) => format!("Method \"{method}\" not allowed.").into(),
    }
}
