//! Changing data: JSON Merge Patch (RFC 7396).

use super::json::Json;
use super::{Data, DataError};
use crate::limits;
use std::collections::BTreeMap;

/// A change of data: removing it, or an object to merge into it. In such an object, a member that is `null`
/// removes the data's member, an object is merged recursively, and anything else replaces it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DataPatch(Option<Json>);

impl DataPatch {
    /// Parses JSON: an object, or `null`. The limits of data apply to it.
    pub fn parse(json: &str) -> Result<Self, DataError> {
        if json.len() > limits::DATA_BYTES {
            return Err(DataError::TooLong);
        }
        match Json::parse(json)? {
            Json::Null => Ok(Self(None)),
            object @ Json::Object(_) => Ok(Self(Some(object))),
            _ => Err(DataError::NotAnObject),
        }
    }

    /// Applies the change to data, or to none.
    pub fn apply(&self, data: Option<&Data>) -> Result<Option<Data>, DataError> {
        let Some(patch) = &self.0 else { return Ok(None) };
        let before = data.map_or(Ok(Json::Null), |data| Json::parse(data.as_str()))?;
        Data::written(&merged(before, patch.clone())).map(Some)
    }
}

/// `MergePatch` of RFC 7396, section 2.
fn merged(target: Json, patch: Json) -> Json {
    let Json::Object(patch) = patch else { return patch };
    let mut target = match target {
        Json::Object(members) => members,
        _ => BTreeMap::new(),
    };
    for (key, value) in patch {
        if value == Json::Null {
            target.remove(&key);
        } else {
            let before = target.remove(&key).unwrap_or(Json::Null);
            target.insert(key, merged(before, value));
        }
    }
    Json::Object(target)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is after the colon of the first argument, merged with the second.
    fn merge(target: &str, patch: &str) -> String {
        merged(Json::parse(target).unwrap(), Json::parse(patch).unwrap()).to_string()
    }

    #[test]
    fn patches_merge_as_in_appendix_a_of_the_rfc() {
        for (target, patch, result) in [
            (r#"{"a":"b"}"#, r#"{"a":"c"}"#, r#"{"a":"c"}"#),
            (r#"{"a":"b"}"#, r#"{"b":"c"}"#, r#"{"a":"b","b":"c"}"#),
            (r#"{"a":"b"}"#, r#"{"a":null}"#, "{}"),
            (r#"{"a":"b","b":"c"}"#, r#"{"a":null}"#, r#"{"b":"c"}"#),
            (r#"{"a":["b"]}"#, r#"{"a":"c"}"#, r#"{"a":"c"}"#),
            (r#"{"a":"c"}"#, r#"{"a":["b"]}"#, r#"{"a":["b"]}"#),
            (r#"{"a":{"b":"c"}}"#, r#"{"a":{"b":"d","c":null}}"#, r#"{"a":{"b":"d"}}"#),
            (r#"{"a":[{"b":"c"}]}"#, r#"{"a":[1]}"#, r#"{"a":[1]}"#),
            (r#"["a","b"]"#, r#"["c","d"]"#, r#"["c","d"]"#),
            (r#"{"a":"b"}"#, r#"["c"]"#, r#"["c"]"#),
            (r#"{"a":"foo"}"#, "null", "null"),
            (r#"{"a":"foo"}"#, r#""bar""#, r#""bar""#),
            (r#"{"e":null}"#, r#"{"a":1}"#, r#"{"a":1,"e":null}"#),
            ("[1,2]", r#"{"a":"b","c":null}"#, r#"{"a":"b"}"#),
            ("{}", r#"{"a":{"bb":{"ccc":null}}}"#, r#"{"a":{"bb":{}}}"#),
        ] {
            assert_eq!(merge(target, patch), result, "{target} {patch}");
        }
    }

    fn patched(data: Option<&str>, patch: &str) -> Result<Option<String>, DataError> {
        let data = data.map(|data| Data::stored(data.to_owned()));
        let patched = DataPatch::parse(patch)?.apply(data.as_ref())?;
        Ok(patched.map(Data::into_string))
    }

    #[test]
    fn data_is_an_object_or_nothing() {
        let some = |text: &str| Ok(Some(text.to_owned()));
        assert_eq!(patched(None, " { \"b\" : 1, \"a\" : [ ] } "), some(r#"{"a":[],"b":1}"#));
        assert_eq!(patched(None, r#"{"a": null, "b": {"c": null}}"#), some(r#"{"b":{}}"#));
        assert_eq!(patched(None, "{}"), some("{}"));
        assert_eq!(patched(None, "null"), Ok(None));
        assert_eq!(patched(Some(r#"{"a":1}"#), "null"), Ok(None));
        assert_eq!(patched(Some(r#"{"a":1}"#), r#"{"b":2}"#), some(r#"{"a":1,"b":2}"#));
        for other in ["[]", "1", "\"{}\"", "true", "", "{", "{}{}", "nul"] {
            assert_eq!(patched(None, other), Err(DataError::NotAnObject), "{other}");
        }
    }

    #[test]
    fn data_is_short_also_once_it_is_patched() {
        let of =
            |bytes: usize| format!("{{\"a\":\"{}\"}}", "x".repeat(bytes - r#"{"a":""}"#.len()));
        let longest = of(limits::DATA_BYTES);
        assert_eq!(patched(None, &longest), Ok(Some(longest.clone())));
        assert_eq!(patched(None, &of(limits::DATA_BYTES + 1)), Err(DataError::TooLong));
        assert_eq!(patched(Some(&longest), r#"{"b":1}"#), Err(DataError::TooLong));
        assert!(patched(Some(&longest), r#"{"a":null,"b":1}"#).is_ok());
        let said = DataError::TooLong.to_string();
        assert!(said.contains("4096"), "{said}");
    }

    #[test]
    fn data_is_flat_also_once_it_is_patched() {
        let deep = |levels: usize| {
            let inside = levels - 1;
            format!("{{\"a\":{}{}}}", "[".repeat(inside), "]".repeat(inside))
        };
        let deepest = deep(limits::DATA_DEPTH);
        assert_eq!(patched(None, &deepest), Ok(Some(deepest.clone())));
        assert_eq!(patched(None, &deep(limits::DATA_DEPTH + 1)), Err(DataError::TooDeep));
        // What is merged is as deep as the deeper of the two.
        assert!(patched(Some(&deepest), &deepest.replace('a', "b")).is_ok());
        assert_eq!(patched(None, &"[".repeat(4_000)), Err(DataError::TooDeep));
    }
}
