//! As much of JSON (RFC 8259) as merging needs. This crate does not depend on serde, and adapters need not
//! agree on how they write the data that they store.

use super::DataError;
use crate::limits;
use std::collections::BTreeMap;
use std::fmt;

/// A JSON value. If an object has two members of one name, the last one counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Json {
    Null,
    Bool(bool),
    /// As written, so that no digit is lost.
    Number(String),
    Text(String),
    List(Vec<Json>),
    Object(BTreeMap<String, Json>),
}

impl Json {
    /// Parses one value with nothing but white space around it. `NotAnObject` if it is not JSON.
    pub(super) fn parse(text: &str) -> Result<Self, DataError> {
        let mut reader = Reader { rest: text, levels: 0 };
        let value = reader.value()?;
        reader.skip_space();
        if reader.rest.is_empty() { Ok(value) } else { Err(DataError::NotAnObject) }
    }

    /// Adds the texts in it, in the order in which they are written.
    pub(super) fn collect_texts<'a>(&'a self, texts: &mut Vec<&'a str>) {
        match self {
            Self::Null | Self::Bool(_) | Self::Number(_) => {}
            Self::Text(text) => texts.push(text),
            Self::List(items) => items.iter().for_each(|item| item.collect_texts(texts)),
            Self::Object(members) => {
                members.values().for_each(|value| value.collect_texts(texts));
            }
        }
    }
}

impl fmt::Display for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Bool(yes) => write!(f, "{yes}"),
            Self::Number(digits) => f.write_str(digits),
            Self::Text(text) => write_text(f, text),
            Self::List(items) => {
                f.write_str("[")?;
                for (nth, item) in items.iter().enumerate() {
                    write!(f, "{}{item}", comma(nth))?;
                }
                f.write_str("]")
            }
            Self::Object(members) => {
                f.write_str("{")?;
                for (nth, (key, value)) in members.iter().enumerate() {
                    f.write_str(comma(nth))?;
                    write_text(f, key)?;
                    write!(f, ":{value}")?;
                }
                f.write_str("}")
            }
        }
    }
}

fn comma(nth: usize) -> &'static str {
    if nth == 0 { "" } else { "," }
}

fn write_text(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    f.write_str("\"")?;
    for letter in text.chars() {
        match letter {
            '"' | '\\' => write!(f, "\\{letter}"),
            '\n' => f.write_str("\\n"),
            '\r' => f.write_str("\\r"),
            '\t' => f.write_str("\\t"),
            '\u{8}' => f.write_str("\\b"),
            '\u{c}' => f.write_str("\\f"),
            '\0'..' ' => write!(f, "\\u{:04x}", u32::from(letter)),
            _ => write!(f, "{letter}"),
        }?;
    }
    f.write_str("\"")
}

/// The remaining text, and how many objects and lists are open.
struct Reader<'a> {
    rest: &'a str,
    levels: usize,
}

impl Reader<'_> {
    fn skip_space(&mut self) {
        self.rest = self.rest.trim_start_matches([' ', '\t', '\n', '\r']);
    }

    /// Consumes that word if it is next.
    fn takes(&mut self, word: &str) -> bool {
        let rest = self.rest.strip_prefix(word);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    fn needs(&mut self, word: &str) -> Result<(), DataError> {
        if self.takes(word) { Ok(()) } else { Err(DataError::NotAnObject) }
    }

    fn letter(&mut self) -> Result<char, DataError> {
        let letter = self.rest.chars().next().ok_or(DataError::NotAnObject)?;
        self.rest = &self.rest[letter.len_utf8()..];
        Ok(letter)
    }

    fn value(&mut self) -> Result<Json, DataError> {
        self.skip_space();
        match self.rest.as_bytes().first() {
            Some(b'{') => self.inside("{", Self::object),
            Some(b'[') => self.inside("[", Self::list),
            Some(b'"') => self.text().map(Json::Text),
            Some(b'-' | b'0'..=b'9') => self.number(),
            _ if self.takes("null") => Ok(Json::Null),
            _ if self.takes("true") => Ok(Json::Bool(true)),
            _ if self.takes("false") => Ok(Json::Bool(false)),
            _ => Err(DataError::NotAnObject),
        }
    }

    fn inside(
        &mut self,
        opening: &str,
        read: fn(&mut Self) -> Result<Json, DataError>,
    ) -> Result<Json, DataError> {
        self.needs(opening)?;
        self.levels += 1;
        if self.levels > limits::DATA_DEPTH {
            return Err(DataError::TooDeep);
        }
        let value = read(self)?;
        self.levels -= 1;
        Ok(value)
    }

    fn list(&mut self) -> Result<Json, DataError> {
        let mut items = Vec::new();
        self.skip_space();
        while !self.takes("]") {
            if !items.is_empty() {
                self.needs(",")?;
            }
            items.push(self.value()?);
            self.skip_space();
        }
        Ok(Json::List(items))
    }

    fn object(&mut self) -> Result<Json, DataError> {
        let mut members = BTreeMap::new();
        self.skip_space();
        while !self.takes("}") {
            if !members.is_empty() {
                self.needs(",")?;
                self.skip_space();
            }
            let key = self.text()?;
            self.skip_space();
            self.needs(":")?;
            members.insert(key, self.value()?);
            self.skip_space();
        }
        Ok(Json::Object(members))
    }

    fn number(&mut self) -> Result<Json, DataError> {
        let is_other = |letter: char| !matches!(letter, '0'..='9' | '+' | '-' | '.' | 'e' | 'E');
        let end = self.rest.find(is_other).unwrap_or(self.rest.len());
        let (number, rest) = self.rest.split_at(end);
        self.rest = rest;
        if is_number(number) {
            Ok(Json::Number(number.to_owned()))
        } else {
            Err(DataError::NotAnObject)
        }
    }

    fn text(&mut self) -> Result<String, DataError> {
        self.needs("\"")?;
        let mut text = String::new();
        loop {
            match self.letter()? {
                '"' => return Ok(text),
                '\\' => text.push(self.escape()?),
                '\0'..' ' => return Err(DataError::NotAnObject),
                letter => text.push(letter),
            }
        }
    }

    fn escape(&mut self) -> Result<char, DataError> {
        Ok(match self.letter()? {
            letter @ ('"' | '\\' | '/') => letter,
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'b' => '\u{8}',
            'f' => '\u{c}',
            'u' => {
                let first = self.unit()?;
                let units = match first {
                    0xD800..0xDC00 => {
                        self.needs("\\u")?;
                        vec![first, self.unit()?]
                    }
                    _ => vec![first],
                };
                let mut letters = char::decode_utf16(units);
                return letters.next().and_then(Result::ok).ok_or(DataError::NotAnObject);
            }
            _ => return Err(DataError::NotAnObject),
        })
    }

    /// Four hexadecimal digits.
    fn unit(&mut self) -> Result<u16, DataError> {
        (0..4).try_fold(0, |unit, _| {
            let digit = self.letter()?.to_digit(16).ok_or(DataError::NotAnObject)?;
            // A digit is below 16.
            Ok(unit << 4 | u16::try_from(digit).unwrap_or_default())
        })
    }
}

/// Whether a text is a number in JSON's grammar.
fn is_number(written: &str) -> bool {
    let written = written.strip_prefix('-').unwrap_or(written);
    let (number, exponent) = match written.split_once(['e', 'E']) {
        Some((number, exponent)) => (number, exponent.strip_prefix(['+', '-']).unwrap_or(exponent)),
        None => (written, "0"),
    };
    let (whole, fraction) = number.split_once('.').unwrap_or((number, "0"));
    let are_digits =
        |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let is_plain = whole == "0" || !whole.starts_with('0');
    is_plain && [whole, fraction, exponent].into_iter().all(are_digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_written_as_they_were_read() {
        for written in [
            r#"{"a":[1,-0.5e+10,12345678901234567890123,true,false,null],"b":{"c":""}}"#,
            r#"["\"\\\n\r\t\b\f\u0000\u001f","é😀 /","\u007f"]"#.replace("\\u007f", "\u{7f}").as_str(),
            "[[],{},0,-1,1E5]",
        ] {
            assert_eq!(Json::parse(written).unwrap().to_string(), written);
        }
        let spaced = " \t\r\n{ \"a\" : [ 1 , 2 ] , \"a\" : { } } \n";
        assert_eq!(Json::parse(spaced).unwrap().to_string(), r#"{"a":{}}"#, "the last counts");
        let escaped = r#""\/\u00e9\ud83d\ude00""#;
        assert_eq!(Json::parse(escaped).unwrap(), Json::Text("/é😀".to_owned()));
    }

    #[test]
    fn what_is_no_json_is_refused() {
        for bad in [
            "",
            " ",
            "nul",
            "nulls",
            "{]",
            "[1,]",
            "[,1]",
            "[1 2]",
            "{\"a\"}",
            "{\"a\":}",
            "{a:1}",
            "{\"a\":1,}",
            "{\"a\":1 \"b\":2}",
            "\"",
            "\"\\x\"",
            "\"\\u12g4\"",
            "\"\\ud800\"",
            "\"\\ud800\\u0041\"",
            "\"\\udc00\"",
            "\"a\nb\"",
            "01",
            "-",
            "1.",
            ".5",
            "1e",
            "1e+",
            "+1",
            "0x1",
            "1-2",
            "--1",
            "NaN",
            "1 1",
            "'a'",
            "\u{a0}1",
        ] {
            assert_eq!(Json::parse(bad), Err(DataError::NotAnObject), "{bad:?}");
        }
    }
}
