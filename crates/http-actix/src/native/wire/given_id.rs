//! Ids of people and chats, as they are given in bodies and frames.

use domain::host::{EXTERNAL, NotAReference, Reference};
use domain::ids::NotAnId;
use serde::de::{Error, Unexpected, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{
    KnownFormat, ObjectBuilder, OneOfBuilder, Schema, SchemaFormat, Type,
};
use utoipa::{PartialSchema, ToSchema};

/// A number of this server, or `ext:` and what the host of the caller calls somebody or a chat.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum GivenId {
    Number(i64),
    /// With its prefix.
    External(String),
}

impl GivenId {
    /// What it names.
    pub(crate) fn reference<Id>(&self) -> Result<Reference<Id>, NotAReference>
    where
        Id: TryFrom<i64, Error = NotAnId> + FromStr<Err = NotAnId>,
    {
        match self {
            Self::Number(number) => Ok(Reference::Id(Id::try_from(*number)?)),
            Self::External(text) => text.parse(),
        }
    }
}

impl<'de> Deserialize<'de> for GivenId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Given)
    }
}

/// Takes whole numbers, and texts with the prefix.
struct Given;

impl Visitor<'_> for Given {
    type Value = GivenId;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "an id, which is a number, or a text that begins with {EXTERNAL}")
    }
    fn visit_i64<E: Error>(self, number: i64) -> Result<GivenId, E> {
        Ok(GivenId::Number(number))
    }
    fn visit_u64<E: Error>(self, number: u64) -> Result<GivenId, E> {
        let small = i64::try_from(number);
        small
            .map(GivenId::Number)
            .map_err(|_| E::invalid_value(Unexpected::Unsigned(number), &self))
    }
    fn visit_str<E: Error>(self, text: &str) -> Result<GivenId, E> {
        if !text.starts_with(EXTERNAL) {
            return Err(E::invalid_type(Unexpected::Str(text), &self));
        }
        Ok(GivenId::External(text.to_owned()))
    }
}

impl PartialSchema for GivenId {
    fn schema() -> RefOr<Schema> {
        let int64 = SchemaFormat::KnownFormat(KnownFormat::Int64);
        let number = ObjectBuilder::new().schema_type(Type::Integer).format(Some(int64));
        let text = ObjectBuilder::new().schema_type(Type::String).pattern(Some("^ext:"));
        let described = "A number of this server, or `ext:` and what the host of the caller calls \
                         somebody or a chat.";
        OneOfBuilder::new().item(number).item(text).description(Some(described)).into()
    }
}

impl ToSchema for GivenId {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("GivenId")
    }
}

/// A chat as a client named it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(untagged)]
pub(crate) enum GivenChat {
    Number(i64),
    /// With its prefix.
    External(String),
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::host::ExternalId;
    use domain::ids::UserId;
    use serde_json::{from_value, json};

    #[test]
    fn an_id_is_a_number_or_a_text_with_the_prefix() {
        let read = |value| from_value::<GivenId>(value).map_err(|error| error.to_string());
        let seven = read(json!(7)).unwrap().reference::<UserId>();
        assert_eq!(seven, Ok(Reference::Id(UserId::stored(7))));
        let external = ExternalId::new("7").map(Reference::<UserId>::External);
        assert_eq!(read(json!("ext:7")).unwrap().reference().ok(), external);
        for number in [json!(0), json!(-1), json!(i64::MAX), json!("ext:"), json!("ext:\u{1}")] {
            let named = read(number.clone()).unwrap().reference::<UserId>();
            assert!(named.is_err(), "{number}: {named:?}");
        }
        for wrong in [
            json!("7"),
            json!(""),
            json!(7.5),
            json!(u64::MAX),
            json!(true),
            json!(null),
            json!([]),
        ] {
            let error = read(wrong.clone()).unwrap_err();
            assert!(error.contains("an id, which is a number, or a text"), "{wrong}: {error}");
        }
    }
}
