//! Reading fields of JSON objects, in bodies and in frames.

use domain::failure::{Failure, FieldFailure};
use domain::ids::NotAnId;
use serde_json::{Map, Value};

/// The fields of an object that somebody sent.
#[derive(Debug, Default, Clone)]
pub(crate) struct Fields(Map<String, Value>);

/// An invalid field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Flaw {
    /// Its name.
    pub(crate) field: &'static str,
    /// What is wrong with it.
    pub(crate) what: What,
}

/// What is wrong with a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum What {
    /// It is missing.
    Missing,
    /// It is null.
    Null,
    /// It is not a string.
    Text,
    /// It is neither a number nor a string of digits that can be an id.
    Id,
    /// It is not a boolean.
    Truth,
}

impl From<Flaw> for Failure {
    fn from(Flaw { field, what }: Flaw) -> Self {
        Self::fields(vec![FieldFailure { field, code: "wrong_type", detail: what.told().into() }])
    }
}

impl What {
    /// The message of Django REST framework, with which the originals of four of the five dialects are written.
    pub(crate) fn told(self) -> &'static str {
        match self {
            Self::Missing => "This field is required.",
            Self::Text => "Not a valid string.",
            Self::Id => "A valid integer is required.",
            Self::Truth => "Must be a valid boolean.",
            Self::Null => "This field may not be null.",
        }
    }
}

impl Fields {
    /// The fields of an object.
    pub(crate) fn of(object: Map<String, Value>) -> Self {
        Self(object)
    }

    /// The fields of a JSON text; `None` if it is not an object.
    pub(crate) fn read(text: &str) -> Option<Self> {
        match serde_json::from_str(text) {
            Ok(Value::Object(object)) => Some(Self(object)),
            _ => None,
        }
    }

    /// Whether there are no fields.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether a field exists and is not null.
    pub(crate) fn has(&self, field: &str) -> bool {
        self.0.get(field).is_some_and(|value| !value.is_null())
    }

    /// Whether a field exists and is null.
    pub(crate) fn is_null(&self, field: &str) -> bool {
        self.0.get(field).is_some_and(Value::is_null)
    }

    /// Requires these fields, and reports all missing ones together.
    pub(crate) fn require(&self, fields: &[&'static str]) -> Result<(), Vec<Flaw>> {
        let missing = fields.iter().filter(|field| !self.0.contains_key(**field));
        let flaws: Vec<_> = missing.map(|field| Flaw { field, what: What::Missing }).collect();
        if flaws.is_empty() { Ok(()) } else { Err(flaws) }
    }

    /// A string.
    pub(crate) fn text(&self, field: &'static str) -> Result<&str, Flaw> {
        let value = self.value(field)?;
        value.as_str().ok_or(Flaw { field, what: What::Text })
    }

    /// A string; `None` if the field is missing or null.
    pub(crate) fn maybe_text(&self, field: &'static str) -> Result<Option<&str>, Flaw> {
        if self.has(field) { self.text(field).map(Some) } else { Ok(None) }
    }

    /// An id: a number, or a string of digits.
    pub(crate) fn id<T: TryFrom<i64, Error = NotAnId>>(
        &self,
        field: &'static str,
    ) -> Result<T, Flaw> {
        id(self.value(field)?).ok_or(Flaw { field, what: What::Id })
    }

    /// An id; `None` if the field is missing or null.
    pub(crate) fn maybe_id<T: TryFrom<i64, Error = NotAnId>>(
        &self,
        field: &'static str,
    ) -> Result<Option<T>, Flaw> {
        if self.has(field) { self.id(field).map(Some) } else { Ok(None) }
    }

    /// A boolean.
    pub(crate) fn truth(&self, field: &'static str) -> Result<bool, Flaw> {
        self.value(field)?.as_bool().ok_or(Flaw { field, what: What::Truth })
    }

    /// Removes and returns an object inside this one; `None` if it is anything else.
    pub(crate) fn object(&mut self, field: &str) -> Option<Self> {
        match self.0.remove(field) {
            Some(Value::Object(object)) => Some(Self(object)),
            _ => None,
        }
    }

    /// The field's value, of any type but null.
    pub(crate) fn value(&self, field: &'static str) -> Result<&Value, Flaw> {
        match self.0.get(field) {
            None => Err(Flaw { field, what: What::Missing }),
            Some(Value::Null) => Err(Flaw { field, what: What::Null }),
            Some(value) => Ok(value),
        }
    }
}

/// Python's name for a value's type, which the originals' error messages contain.
pub(crate) fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "NoneType",
        Value::Bool(_) => "bool",
        Value::Number(number) if number.is_f64() => "float",
        Value::Number(_) => "int",
        Value::String(_) => "str",
        Value::Array(_) => "list",
        Value::Object(_) => "dict",
    }
}

/// An id: a number, or a string of digits.
pub(crate) fn id<T: TryFrom<i64, Error = NotAnId>>(value: &Value) -> Option<T> {
    match value {
        Value::Number(number) => T::try_from(number.as_i64()?).ok(),
        Value::String(digits) => id_of(digits),
        _ => None,
    }
}

/// An id from digits: no sign, no space.
pub(crate) fn id_of<T: TryFrom<i64, Error = NotAnId>>(digits: &str) -> Option<T> {
    let plain = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    T::try_from(digits.parse().ok().filter(|_| plain)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::ids::UserId;
    use serde_json::json;

    #[test]
    fn an_id_is_a_number_or_digits() {
        let seven = Some(UserId::stored(7));
        assert_eq!(id::<UserId>(&json!(7)), seven);
        assert_eq!(id::<UserId>(&json!("7")), seven);
        assert_eq!(id::<UserId>(&json!("007")), seven);
        for bad in [
            json!(0),
            json!(-7),
            json!(7.0),
            json!("7.0"),
            json!("+7"),
            json!(" 7"),
            json!(""),
            json!("seven"),
            json!(null),
            json!(true),
            json!([7]),
            json!({"id": 7}),
            json!("٧"),
            json!(9_223_372_036_854_775_808_u64),
            json!("9223372036854775808"),
            json!(9_007_199_254_740_992_i64),
            json!("99999999999999999999999"),
            json!(1e300),
        ] {
            assert_eq!(id::<UserId>(&bad), None, "{bad}");
        }
    }

    #[test]
    fn what_is_wrong_with_a_field_is_named() {
        let fields = Fields::read(r#"{"a": 1, "b": "x", "n": null, "t": true}"#);
        let fields = fields.unwrap();
        let flaw = |field, what| Err(Flaw { field, what });
        assert_eq!(fields.text("b"), Ok("x"));
        assert_eq!(fields.text("a"), flaw("a", What::Text).map(|()| ""));
        assert_eq!(fields.text("n"), flaw("n", What::Null).map(|()| ""));
        assert_eq!(fields.text("z"), flaw("z", What::Missing).map(|()| ""));
        assert_eq!(fields.maybe_text("n"), Ok(None));
        assert_eq!(fields.id::<UserId>("b"), Err(Flaw { field: "b", what: What::Id }));
        assert_eq!(fields.truth("t"), Ok(true));
        assert_eq!(fields.require(&["a", "b"]), Ok(()));
        assert_eq!(fields.require(&["y", "a", "z"]).unwrap_err().len(), 2);
        for not_an_object in ["", "[]", "1", "{", "null", "\"x\""] {
            assert!(Fields::read(not_an_object).is_none(), "{not_an_object}");
        }
    }
}
