//! Patterns: what an answer or a frame must be like.
//!
//! A pattern is JSON. A value of it stands for itself, and an array for as many items in that order.
//! An object must have the named keys and may have more, unless it says `"!exact": true`.
//!
//! ```text
//! "<int>"  "<str|null>"      a value of that kind, or of one of these: `kind.rs` has them all
//! "<int:room>"               the same, saved under that name
//! {"<unordered>": […]}       these items in any order
//! {"<contains>": […]}        these items and perhaps more, in any order
//! {"<has>": "text"}          a string with that in it
//! {"<claims>": {…}}          a JSON Web Token whose claims are like that
//! ```

use super::kind::Kind;
use super::saved::Saved;
use ::tests::Value;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use std::collections::BTreeSet;

/// Why a value is not like a pattern, if it is not. Names are saved even beside a difference, so that
/// one wrong field does not make all that follows wrong.
pub(crate) fn difference(pattern: &Value, value: &Value, saved: &mut Saved) -> Option<String> {
    differs(pattern, value, saved, "$")
}

/// A value for a message, cut if it is long.
pub(crate) fn short(value: &Value) -> String {
    cut(&value.to_string(), 300)
}

/// The first characters of a text.
pub(crate) fn cut(text: &str, length: usize) -> String {
    match text.char_indices().nth(length) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

fn differs(pattern: &Value, value: &Value, saved: &mut Saved, at: &str) -> Option<String> {
    let wrong = |wanted: &str| Some(format!("{at}: expected {wanted}, got {}", short(value)));
    match pattern {
        Value::String(text) => match Kind::of(text) {
            Some(kind) if kind.takes(value, saved) => None,
            Some(_) => wrong(text),
            None => (pattern != value).then(|| wrong(&short(pattern))).flatten(),
        },
        Value::Array(items) => {
            match value.as_array() {
                Some(values) if values.len() == items.len() => {
                    let pairs = items.iter().zip(values).enumerate();
                    first(pairs.map(|(n, (item, value))| {
                        differs(item, value, saved, &format!("{at}[{n}]"))
                    }))
                }
                _ => wrong(&format!("{} items", items.len())),
            }
        }
        Value::Object(object) => match object.iter().next() {
            Some((key, of)) if key == "<unordered>" => some_differ(of, value, saved, (at, true)),
            Some((key, of)) if key == "<contains>" => some_differ(of, value, saved, (at, false)),
            Some((key, of)) if key == "<has>" => {
                let text = of.as_str().expect("<has> names a text");
                let has = value.as_str().is_some_and(|value| value.contains(text));
                (!has).then(|| wrong(&format!("a text with {text:?}"))).flatten()
            }
            Some((key, of)) if key == "<claims>" => match claims(value) {
                Some(claims) => differs(of, &claims, saved, &format!("{at}.<claims>")),
                None => wrong("a JSON Web Token"),
            },
            _ => fields_differ(pattern, value, saved, at),
        },
        // 2.0 may come as 2, but 2 not as 2.0.
        Value::Number(number) if number.is_f64() => {
            (pattern.as_f64() != value.as_f64()).then(|| wrong(&short(pattern))).flatten()
        }
        _ => (pattern != value).then(|| wrong(&short(pattern))).flatten(),
    }
}

/// The first difference of several, when all were looked at.
fn first(differences: impl Iterator<Item = Option<String>>) -> Option<String> {
    differences.fold(None, Option::or)
}

fn fields_differ(pattern: &Value, value: &Value, saved: &mut Saved, at: &str) -> Option<String> {
    let wanted = pattern.as_object().expect("only objects are looked at here");
    let Some(got) = value.as_object() else {
        return Some(format!("{at}: expected an object, got {}", short(value)));
    };
    let fields = wanted.iter().filter(|(key, _)| *key != "!exact");
    let found = first(fields.map(|(key, field)| match got.get(key) {
        Some(value) => differs(field, value, saved, &format!("{at}.{key}")),
        None => Some(format!("{at}.{key}: missing in {}", short(value))),
    }));
    let exact = wanted.get("!exact") == Some(&Value::Bool(true));
    let more: BTreeSet<_> = got.keys().filter(|key| !wanted.contains_key(*key)).collect();
    found.or_else(|| (exact && !more.is_empty()).then(|| format!("{at}: also has {more:?}")))
}

/// Why there is no value of its own for each of the items; all values must be taken if `all` is set.
fn some_differ(
    items: &Value,
    value: &Value,
    saved: &mut Saved,
    (at, all): (&str, bool),
) -> Option<String> {
    let items = items.as_array().expect("a list of items");
    let Some(values) = value.as_array() else {
        return Some(format!("{at}: expected a list, got {}", short(value)));
    };
    if all && values.len() != items.len() {
        return Some(format!("{at}: expected {} items, got {}", items.len(), short(value)));
    }
    let mut left: Vec<_> = values.iter().collect();
    for item in items {
        let found = left.iter().position(|value| {
            let mut tried = saved.clone();
            let is_like = difference(item, value, &mut tried).is_none();
            if is_like {
                *saved = tried;
            }
            is_like
        });
        let Some(found) = found else {
            return Some(format!("{at}: nothing like {} in {}", short(item), short(value)));
        };
        left.remove(found);
    }
    None
}

/// What a token says, whoever signed it.
fn claims(token: &Value) -> Option<Value> {
    let part = token.as_str()?.split('.').nth(1)?;
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::{Saved, difference};
    use tests::{Value, json};

    fn why(pattern: &Value, value: &Value) -> Option<String> {
        difference(pattern, value, &mut Saved::default())
    }

    /// Each value is like the pattern, and none of the others is.
    #[track_caller]
    fn tells(pattern: &Value, like: &[Value], unlike: &[Value]) {
        for value in like {
            assert_eq!(why(pattern, value), None, "{value} is like {pattern}");
        }
        for value in unlike {
            assert!(why(pattern, value).is_some(), "{value} is not like {pattern}");
        }
    }

    #[test]
    fn a_value_stands_for_itself() {
        tells(&json!("a"), &[json!("a")], &[json!("b"), json!(null), json!(["a"])]);
        tells(&json!(1), &[json!(1)], &[json!(2), json!(1.0), json!("1"), json!(true)]);
        tells(&json!(2.5), &[json!(2.5)], &[json!(2), json!("2.5")]);
        tells(&json!(2.0), &[json!(2.0), json!(2)], &[json!(3)]);
        tells(&json!(null), &[json!(null)], &[json!(0), json!(""), json!(false)]);
        tells(&json!(false), &[json!(false)], &[json!(true), json!(0), json!(null)]);
        // Brackets alone make no kind.
        for text in ["<>", "<int", "<a b>", "<int:>", "<p>Hi</p>"] {
            tells(&json!(text), &[json!(text)], &[json!(1), json!("x")]);
        }
    }

    #[test]
    fn an_array_is_as_long_and_in_that_order() {
        let unlike = [json!([1]), json!([1, 2, 3]), json!([2, 1]), json!({}), json!(null)];
        tells(&json!([1, 2]), &[json!([1, 2])], &unlike);
    }

    #[test]
    fn an_object_has_what_is_named() {
        let unlike = [json!({}), json!({"a": 2, "b": 1}), json!([]), json!(null)];
        tells(&json!({"a": 1}), &[json!({"a": 1}), json!({"a": 1, "b": 2})], &unlike);
        let exact = json!({"!exact": true, "a": 1});
        tells(&exact, &[json!({"a": 1})], &[json!({"a": 1, "b": 2}), json!({"b": 2})]);
        tells(&json!({"a": "<null>"}), &[json!({"a": null})], &[json!({})]);
    }

    #[test]
    fn items_of_a_list_in_any_order() {
        let unlike = [json!([2]), json!([1, 1]), json!([1, 2, 2]), json!(1)];
        tells(&json!({"<unordered>": [2, 1]}), &[json!([1, 2]), json!([2, 1])], &unlike);
        let unlike = [json!([2]), json!([2, 3, 3]), json!({})];
        tells(&json!({"<contains>": [2, 2]}), &[json!([2, 3, 2])], &unlike);
    }

    #[test]
    fn a_text_has_another_in_it() {
        tells(
            &json!({"<has>": "age/"}),
            &[json!("image/png")],
            &[json!("text/plain"), json!(null)],
        );
    }

    #[test]
    fn claims_are_those_of_a_token() {
        // {"user_id":7}
        let token = json!("head.eyJ1c2VyX2lkIjo3fQ.signature");
        tells(
            &json!({"<claims>": {"user_id": 7}}),
            std::slice::from_ref(&token),
            &[json!("a.b.c")],
        );
        tells(&json!({"<claims>": {"user_id": 8}}), &[], &[token, json!("none"), json!(null)]);
    }

    #[test]
    fn a_difference_says_where_it_is() {
        let pattern = json!({"a": [{"b": "<int>"}]});
        for (value, expected) in [
            (json!({"a": [{"b": "x"}]}), "$.a[0].b: expected <int>, got \"x\""),
            (json!({"a": [{}]}), "$.a[0].b: missing in {}"),
            (json!({"a": []}), "$.a: expected 1 items, got []"),
        ] {
            assert_eq!(why(&pattern, &value).as_deref(), Some(expected));
        }
    }

    #[test]
    fn names_are_saved_even_beside_a_difference() {
        let pattern = json!({"a": 1, "b": "<int:b>", "c": {"<contains>": [{"d": "<str:d.e>"}]}});
        let value = json!({"a": 2, "b": 3, "c": [{"d": 1}, {"d": "x"}]});
        let mut saved = Saved::default();
        assert!(difference(&pattern, &value, &mut saved).is_some());
        assert_eq!(saved.fill(&json!(["${b}", "${d.e}"])), Ok(json!([3, "x"])));
        // What is of another kind is not saved.
        assert!(difference(&json!("<int:wrong>"), &json!("x"), &mut saved).is_some());
        assert!(saved.fill(&json!("${wrong}")).is_err());
    }
}
