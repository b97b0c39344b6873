//! Kinds of values, as patterns name them in angle brackets.

use super::saved::Saved;
use ::tests::Value;

type Is = fn(&Value) -> bool;

const KINDS: [(&str, Is); 11] = [
    ("any", |_| true),
    ("bool", Value::is_boolean),
    ("int", |value| value.is_i64() || value.is_u64()),
    ("list", Value::is_array),
    ("null", Value::is_null),
    ("num", Value::is_number),
    ("object", Value::is_object),
    ("str", Value::is_string),
    ("time", |value| value.as_str().is_some_and(is_time)),
    ("token", |value| value.as_str().is_some_and(|text| text.chars().count() >= 20)),
    ("url", |value| {
        value.as_str().is_some_and(|text| text.starts_with('/') || text.starts_with("http"))
    }),
];

/// Whether a text begins with a day, an hour and a minute.
fn is_time(text: &str) -> bool {
    const FORM: &[u8] = b"dddd-dd-ddTdd:dd";
    let fits = |(form, byte): (&u8, &u8)| match form {
        b'd' => byte.is_ascii_digit(),
        b'T' => matches!(byte, b'T' | b' '),
        other => byte == other,
    };
    text.len() >= FORM.len() && FORM.iter().zip(text.as_bytes()).all(fits)
}

/// The kinds between angle brackets, and the name behind them.
pub(crate) struct Kind<'a> {
    kinds: &'a str,
    name: Option<&'a str>,
}

impl<'a> Kind<'a> {
    /// Reads a pattern; `None` if it is a text that stands for itself.
    pub(crate) fn of(text: &'a str) -> Option<Self> {
        let inner = text.strip_prefix('<')?.strip_suffix('>')?;
        let (kinds, name) = match inner.split_once(':') {
            Some((kinds, name)) => (kinds, Some(name)),
            None => (inner, None),
        };
        let word = |text: &str, more| {
            let is_part = |c: char| c.is_alphanumeric() || c == '_' || c == more;
            !text.is_empty() && text.chars().all(is_part)
        };
        let is_kind = word(kinds, '|') && name.is_none_or(|name| word(name, '.'));
        is_kind.then_some(Self { kinds, name })
    }

    /// Whether a value is of one of these kinds. It is saved then, if there is a name.
    pub(crate) fn takes(&self, value: &Value, saved: &mut Saved) -> bool {
        let is = |kind: &str| {
            let known = KINDS.iter().find(|(name, _)| *name == kind);
            known.unwrap_or_else(|| panic!("<{kind}> is no kind")).1(value)
        };
        let fits = self.kinds.split('|').any(is);
        if let Some(name) = self.name.filter(|_| fits) {
            saved.save(name, value.clone());
        }
        fits
    }
}

#[cfg(test)]
mod tests {
    use super::{Kind, Saved};
    use tests::{Value, json};

    fn takes(kind: &str, value: &Value) -> bool {
        Kind::of(kind).expect("it is a kind").takes(value, &mut Saved::default())
    }

    #[track_caller]
    fn tells(kind: &str, like: &[Value], unlike: &[Value]) {
        for value in like {
            assert!(takes(kind, value), "{value} is {kind}");
        }
        for value in unlike {
            assert!(!takes(kind, value), "{value} is not {kind}");
        }
    }

    #[test]
    fn a_kind_stands_for_values_of_it() {
        let (text, long) = (json!("a"), json!("01234567890123456789"));
        tells("<any>", &[json!(null), json!(1), json!({})], &[]);
        tells("<bool>", &[json!(true)], &[json!(1), json!("true")]);
        tells("<int>", &[json!(-1), json!(0)], &[json!(1.5), json!(true), json!("1")]);
        tells("<list>", &[json!([])], &[json!({}), json!(null)]);
        tells("<null>", &[json!(null)], &[json!(0), json!("")]);
        tells("<num>", &[json!(1), json!(1.5)], &[json!("1"), json!(true)]);
        tells("<object>", &[json!({})], &[json!([]), json!(null)]);
        tells("<str>", &[json!("")], &[json!(1), json!(null)]);
        tells("<token>", std::slice::from_ref(&long), &[text.clone(), json!(1)]);
        tells("<url>", &[json!("/a"), json!("https://a")], &[text, json!(null)]);
        let times = [json!("2025-06-16T10:00"), json!("2025-06-16 10:00:01.5Z")];
        let none =
            [json!("2025-06-16"), json!("2025-06-16T1:00"), json!("16-06-2025T10:00"), json!(1)];
        tells("<time>", &times, &none);
        tells("<str|null>", &[json!(null), json!("a")], &[json!(1)]);
    }

    #[test]
    #[should_panic(expected = "<itn> is no kind")]
    fn a_kind_that_there_is_not_is_no_pattern() {
        takes("<itn>", &json!(1));
    }

    #[test]
    fn brackets_alone_make_no_kind() {
        for text in ["", "int", "<>", "<int", "int>", "<a b>", "<int:>", "<int:a:b>", "<p>Hi</p>"] {
            assert!(Kind::of(text).is_none(), "{text}");
        }
    }
}
