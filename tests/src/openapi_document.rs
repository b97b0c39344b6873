//! The server's own OpenAPI document, and whether its answers keep to it.

use jsonschema::Validator;
use reqwest::Method;
use serde_json::{Map, Value, json};
use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};

/// An OpenAPI document. What an object does not document it may not have, so that a field that was
/// added and not written down is found.
pub struct OpenApiDocument {
    document: Value,
    /// Making one takes longer than most answers.
    validators: Mutex<HashMap<String, Arc<Validator>>>,
}

impl OpenApiDocument {
    /// Reads a document.
    pub fn new(mut document: Value) -> Self {
        assert!(document["paths"].is_object(), "an OpenAPI document has paths: {document}");
        let mut shared = HashSet::new();
        shared_parts(&document, &mut shared);
        if let Some(schemas) = document["components"]["schemas"].as_object_mut() {
            for (name, schema) in schemas {
                if !shared.contains(name) {
                    close_objects(schema);
                }
            }
        }
        Self { document, validators: Mutex::default() }
    }

    /// The documented operations: method and path with `{parameters}`.
    pub fn operations(&self) -> Vec<(Method, String)> {
        let paths = self.document["paths"].as_object().expect("paths");
        let methods = ["get", "post", "put", "patch", "delete"];
        let operations = paths.iter().flat_map(|(path, item)| {
            methods.into_iter().filter(|method| item[*method].is_object()).map(|method| {
                let method = method.to_uppercase().parse().expect("a method");
                (method, path.clone())
            })
        });
        operations.collect()
    }

    /// Fails unless this answer is one that the document promises.
    pub fn check(&self, method: &Method, path: &str, status: u16, body: Option<&Value>) {
        let told = format!("{method} {path} answered {status}");
        let path = path.split('?').next().expect("a path");
        let Some(item) = self.item(path) else { panic!("{told}, and no such path is documented") };
        let operation = &item[method.as_str().to_lowercase()];
        assert!(operation.is_object(), "{told}, and that method is not documented");
        let range = format!("{}XX", status / 100);
        let names = [status.to_string(), range, "default".to_owned()];
        let responses = &operation["responses"];
        let response = names.iter().map(|name| &responses[name]).find(|r| r.is_object());
        let Some(response) = response else { panic!("{told}, and that status is not documented") };
        let response = self.resolve(response);
        let content = response["content"].as_object();
        let schema = content.and_then(|c| c.values().next()).map(|media| &media["schema"]);
        match (schema, body) {
            (None, None) => {}
            (None, Some(body)) => panic!("{told} with a body that is not documented: {body}"),
            (Some(_), None) => panic!("{told} without the body that is documented"),
            (Some(schema), Some(body)) => self.validate(schema, body, &told),
        }
    }

    fn validate(&self, schema: &Value, body: &Value, told: &str) {
        let validator = self.validator(schema);
        let wrong: Vec<_> = validator
            .iter_errors(body)
            .map(|error| format!("{} at {:?}", error, error.instance_path().as_str()))
            .collect();
        assert!(wrong.is_empty(), "{told}, which is not as documented: {wrong:?} in {body}");
    }

    fn validator(&self, schema: &Value) -> Arc<Validator> {
        let mut made = self.validators.lock().unwrap_or_else(PoisonError::into_inner);
        let validator = made.entry(schema.to_string()).or_insert_with(|| {
            let root = json!({"components": self.document["components"], "allOf": [schema]});
            Arc::new(jsonschema::validator_for(&root).expect("a schema"))
        });
        validator.clone()
    }

    /// The path's entry; a literal segment goes before a parameter.
    fn item(&self, path: &str) -> Option<&Value> {
        let paths = self.document["paths"].as_object()?;
        let parameters = |pattern: &str| pattern.matches('{').count();
        let matching = paths.iter().filter(|(pattern, _)| matches(pattern, path));
        matching.min_by_key(|(pattern, _)| parameters(pattern)).map(|(_, item)| item)
    }

    fn resolve<'a>(&'a self, value: &'a Value) -> &'a Value {
        let Some(name) = value["$ref"].as_str() else { return value };
        let pointer = name.strip_prefix('#').expect("a reference into the same document");
        self.document.pointer(pointer).unwrap_or_else(|| panic!("{name} is there"))
    }
}

fn matches(pattern: &str, path: &str) -> bool {
    let [pattern, path] = [pattern, path].map(|p| p.split('/').collect::<Vec<_>>());
    pattern.len() == path.len()
        && pattern.iter().zip(path).all(|(a, b)| *a == b || (a.starts_with('{') && !b.is_empty()))
}

/// The schemas that others are put together from, which therefore cannot forbid other fields.
fn shared_parts(value: &Value, found: &mut HashSet<String>) {
    match value {
        Value::Object(object) => {
            for part in object.get("allOf").and_then(Value::as_array).into_iter().flatten() {
                if let Some(name) = part["$ref"].as_str().and_then(|r| r.rsplit('/').next()) {
                    found.insert(name.to_owned());
                }
            }
            object.values().for_each(|value| shared_parts(value, found));
        }
        Value::Array(array) => array.iter().for_each(|value| shared_parts(value, found)),
        _ => {}
    }
}

fn close_objects(schema: &mut Value) {
    let Some(object) = schema.as_object_mut() else { return };
    if object.contains_key("allOf") {
        object.entry("unevaluatedProperties").or_insert(Value::Bool(false));
        return;
    }
    if object.get("properties").is_some_and(Value::is_object) {
        object.entry("additionalProperties").or_insert(Value::Bool(false));
    }
    let inner = |object: &mut Map<String, Value>, name: &str| {
        object.get_mut(name).map(Value::take).map(|mut inner| {
            match &mut inner {
                Value::Object(of) if name == "properties" => {
                    of.values_mut().for_each(close_objects);
                }
                Value::Array(of) => of.iter_mut().for_each(close_objects),
                one => close_objects(one),
            }
            inner
        })
    };
    for name in ["properties", "items", "oneOf", "anyOf"] {
        if let Some(closed) = inner(object, name) {
            object.insert(name.to_owned(), closed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Method, OpenApiDocument, json};

    fn document() -> OpenApiDocument {
        let of = |schema| json!({"description": "", "content": {"application/json": {"schema": schema}}});
        OpenApiDocument::new(json!({
            "paths": {
                "/a/{id}": {"get": {"responses": {"200": of(json!({"$ref": "#/components/schemas/A"}))}}},
                "/a/me": {"get": {"responses": {"204": {"description": ""}}}},
            },
            "components": {"schemas": {"A": {"type": "object", "required": ["n"],
                "properties": {"n": {"type": "integer"}}}}},
        }))
    }

    #[test]
    fn what_is_documented_passes() {
        document().check(&Method::GET, "/a/1?x=1", 200, Some(&json!({"n": 1})));
        document().check(&Method::GET, "/a/me", 204, None);
    }

    #[test]
    fn what_is_not_documented_fails() {
        let cases = [
            (Method::GET, "/b", 200, Some(json!({"n": 1}))),
            (Method::PUT, "/a/1", 200, Some(json!({"n": 1}))),
            (Method::GET, "/a/1", 201, Some(json!({"n": 1}))),
            (Method::GET, "/a/1", 200, Some(json!({"n": "1"}))),
            (Method::GET, "/a/1", 200, Some(json!({"n": 1, "m": 1}))),
            (Method::GET, "/a/1", 200, None),
            (Method::GET, "/a/me", 204, Some(json!({}))),
        ];
        for (method, path, status, body) in cases {
            let checked = std::panic::catch_unwind(|| {
                document().check(&method, path, status, body.as_ref());
            });
            assert!(checked.is_err(), "{method} {path} {status} {body:?}");
        }
    }
}
