//! In Russian.

use super::Text;
use std::borrow::Cow;

pub(super) fn say(text: &Text) -> Cow<'static, str> {
    match text {
        Text::NotSignedIn => "Учетные данные не были предоставлены.".into(),
        Text::Required => "Обязательное поле.".into(),
        Text::Blank => "Это поле не может быть пустым.".into(),
        Text::Null => "Это поле не может быть пустым.".into(),
        Text::NotFound => "Страница не найдена.".into(),
        Text::Method(method) => format!("Метод \"{method}\" не разрешен.").into(),
    }
}

/// What the server says by a code; `None` where it says it in English only.
pub(super) fn of_code(code: &str) -> Option<&'static str> {
    Some(match code {
        "name_taken" => "Пользователь с таким именем уже существует.",
        "email_taken" => "Пользователь с таким email уже существует.",
        "token_missing" => "Учетные данные не были предоставлены.",
        "token_invalid" | "token_expired" => "Недопустимый токен.",
        "wrong_credentials" => "Неверное имя пользователя или пароль.",
        "account_disabled" => "Учётная запись отключена.",
        "rate_limited" => "Слишком много запросов. Повторите попытку позже.",
        "empty" => "Это поле не может быть пустым.",
        "not_allowed" => "У вас недостаточно прав для выполнения данного действия.",
        _ => return None,
    })
}
