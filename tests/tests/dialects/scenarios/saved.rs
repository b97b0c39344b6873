//! What earlier steps of a scenario saved, and the places where later ones use it.

use ::tests::Value;
use std::collections::BTreeMap;

/// Values by name.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Saved(BTreeMap<String, Value>);

impl Saved {
    /// Saves a value; what had that name is forgotten.
    pub(crate) fn save(&mut self, name: &str, value: Value) {
        self.0.insert(name.to_owned(), value);
    }

    /// Puts values for each `${name}` in something. A text that is nothing else becomes the value
    /// itself, a number a number. Fails with what is missing.
    pub(crate) fn fill(&self, value: &Value) -> Result<Value, String> {
        Ok(match value {
            Value::String(text) => match whole(text) {
                Some(name) => self.get(name)?.clone(),
                None => Value::String(self.text(text)?),
            },
            Value::Array(items) => {
                items.iter().map(|item| self.fill(item)).collect::<Result<_, _>>()?
            }
            Value::Object(fields) => {
                let fields =
                    fields.iter().map(|(key, field)| Ok((self.text(key)?, self.fill(field)?)));
                Value::Object(fields.collect::<Result<_, String>>()?)
            }
            other => other.clone(),
        })
    }

    fn text(&self, text: &str) -> Result<String, String> {
        let mut filled = String::new();
        let mut rest = text;
        while let Some(start) = rest.find("${") {
            filled.push_str(&rest[..start]);
            rest = &rest[start..];
            let name = rest.find('}').map(|end| &rest[2..end]).filter(|name| is_name(name));
            let Some(name) = name else {
                filled.push_str("${");
                rest = &rest[2..];
                continue;
            };
            match self.get(name)? {
                Value::String(text) => filled.push_str(text),
                other => filled.push_str(&other.to_string()),
            }
            rest = &rest[name.len() + 3..];
        }
        Ok(filled + rest)
    }

    fn get(&self, name: &str) -> Result<&Value, String> {
        self.0.get(name).ok_or_else(|| format!("needs {name:?}, which no earlier step saved"))
    }
}

/// The name in a text that is nothing but a place for it.
fn whole(text: &str) -> Option<&str> {
    text.strip_prefix("${")?.strip_suffix('}').filter(|name| is_name(name))
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '.'))
}

#[cfg(test)]
mod tests {
    use super::Saved;
    use tests::json;

    fn known() -> Saved {
        let mut saved = Saved::default();
        saved.save("ann", json!(7));
        saved.save("ann.token", json!("secret"));
        saved
    }

    #[test]
    fn places_are_filled() {
        let step = json!({"${ann}": ["${ann}", "<${ann}>", "${ann}${ann.token}", "$ {} ${ ${a b}"], "n": 1});
        let filled = json!({"7": [7, "<7>", "7secret", "$ {} ${ ${a b}"], "n": 1});
        assert_eq!(known().fill(&step), Ok(filled));
    }

    #[test]
    fn a_name_that_nobody_saved_is_told() {
        for step in [json!("${bob}"), json!(["a ${bob}"]), json!({"${bob}": 1})] {
            let why = known().fill(&step).expect_err("nobody saved it");
            assert_eq!(why, "needs \"bob\", which no earlier step saved");
        }
    }

    #[test]
    fn the_last_value_counts() {
        let mut saved = known();
        saved.save("ann", json!(null));
        assert_eq!(saved.fill(&json!("${ann}")), Ok(json!(null)));
    }
}
