//! Choosing the language of an answer, and the texts in it.

use super::{Dialogs, Language, Text};
use super::{en, ru};
use actix_web::HttpRequest;
use actix_web::http::header::ACCEPT_LANGUAGE;
use domain::failure::{Failure, FieldFailure};
use std::borrow::Cow;

impl Text {
    /// The text in that language.
    pub(crate) fn say(&self, language: Language) -> Cow<'static, str> {
        match language {
            Language::English => en::say(self),
            Language::Russian => ru::say(self),
        }
    }
}

impl Dialogs {
    /// The text in that language.
    pub(crate) fn say(&self, language: Language) -> Cow<'static, str> {
        match language {
            Language::English => en::dialogs(self),
            Language::Russian => ru::dialogs(self),
        }
    }
}

tokio::task_local! {
    /// The language of the current answer.
    static LANGUAGE: Language;
}

/// The language for a request: the first one in its `Accept-Language` that there are texts in, or else the
/// dialect's.
pub(crate) fn language_of(request: &HttpRequest, dialect: Language) -> Language {
    let header = request.headers().get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    let found = header.unwrap_or_default().split(',').find_map(|part| {
        let tag = part.split(';').next().unwrap_or_default().trim();
        match tag.split('-').next().unwrap_or_default().to_ascii_lowercase().as_str() {
            "en" => Some(Language::English),
            "ru" => Some(Language::Russian),
            _ => None,
        }
    });
    found.unwrap_or(dialect)
}

/// Runs a future whose texts are in that language.
pub(crate) async fn answering<F: Future>(language: Language, answer: F) -> F::Output {
    LANGUAGE.scope(language, answer).await
}

/// The language of the current answer.
pub(crate) fn language() -> Language {
    LANGUAGE.try_with(|language| *language).unwrap_or(Language::English)
}

/// The text of a failure that the original does not know.
pub(crate) fn of_failure(failure: &Failure) -> String {
    of_code(failure.code, &failure.detail)
}

/// The text of a field's failure; as [`of_failure`].
pub(crate) fn of_field(field: &FieldFailure) -> String {
    of_code(field.code, &field.detail)
}

/// The text for a code: a translation if there is one, otherwise the English text.
pub(crate) fn of_code(code: &str, in_english: &str) -> String {
    let translated = match language() {
        Language::English => None,
        Language::Russian => ru::of_code(code),
    };
    translated.unwrap_or(in_english).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    #[test]
    fn the_first_language_that_is_there_is_spoken() {
        for (header, language) in [
            ("", Language::Russian),
            ("de, fr;q=0.9", Language::Russian),
            ("en-US,en;q=0.9,ru;q=0.8", Language::English),
            ("de, RU-ru;q=0.5, en", Language::Russian),
        ] {
            let request = TestRequest::default().insert_header((ACCEPT_LANGUAGE, header));
            let spoken = language_of(&request.to_http_request(), Language::Russian);
            assert_eq!(spoken, language, "{header}");
        }
    }
}
