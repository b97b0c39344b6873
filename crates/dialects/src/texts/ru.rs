//! In Russian.

use super::{PasswordLike, Text};
use std::borrow::Cow;

pub(super) fn say(text: &Text) -> Cow<'static, str> {
    match text {
        Text::NotSignedIn => "Учетные данные не были предоставлены.".into(),
        Text::Required => "Обязательное поле.".into(),
        Text::Blank => "Это поле не может быть пустым.".into(),
        Text::Null => "Это поле не может быть пустым.".into(),
        Text::NotFound => "Страница не найдена.".into(),
        Text::Method(method) => format!("Метод \"{method}\" не разрешен.").into(),
        Text::NotText => "Не является допустимой строкой.".into(),
        Text::DjangoNameTaken => "Пользователь с таким именем уже существует.".into(),
        Text::DjangoNameCharacters => "Введите правильное имя пользователя. Оно может содержать \
            только буквы, цифры и знаки @/./+/-/_."
            .into(),
        Text::TooManyCharacters(most) => {
            format!("Убедитесь, что это значение содержит не более {most} символов.").into()
        }
        Text::EmailForm => "Введите правильный адрес электронной почты.".into(),
        Text::PasswordLike(PasswordLike::UserName) => {
            "Введённый пароль слишком похож на имя пользователя.".into()
        }
        Text::PasswordLike(PasswordLike::Email) => {
            "Введённый пароль слишком похож на адрес электронной почты.".into()
        }
        Text::PasswordShort(least) => {
            format!("Введённый пароль слишком короткий. Он должен содержать как минимум {least} символов.")
                .into()
        }
        Text::PasswordCommon => "Введённый пароль слишком широко распространён.".into(),
        Text::PasswordNumeric => "Введённый пароль состоит только из цифр.".into(),
        Text::NoActiveAccount => {
            "Не найдено активной учетной записи с указанными данными".into()
        }
        Text::TokenNotValid => "Токен недействителен или просрочен".into(),
        Text::TokenNotAccepted => "Данный токен недействителен для любого типа токена".into(),
        Text::TokenType => "Токен имеет неправильный тип".into(),
        Text::UserInactive => "Пользователь неактивен".into(),
        Text::NotKept => "Этот сервер не хранит этого.".into(),
        Text::InvalidFormat => "Неверный формат".into(),
        Text::UndefinedEvent => "Неизвестное событие".into(),
        Text::MustAuthenticate => "Необходимо войти".into(),
        Text::AuthorizationFailed => "Войти не удалось".into(),
        Text::MissedFields => "Не хватает обязательных полей".into(),
        Text::NoProfile => "Такого профиля нет".into(),
        Text::DialogExists => "Диалог этих двух людей уже есть".into(),
        Text::DialogWithOneself => "Диалог ведут с кем-то другим".into(),
        Text::NoDialog | Text::NoDialogLater => "Такого диалога нет".into(),
        Text::NoGroup => "Такой группы нет".into(),
        Text::NoMessage => "Такого сообщения нет".into(),
        Text::ForeignDelete => "Чужое сообщение нельзя удалить".into(),
        Text::ForeignUpdate => "Чужое сообщение нельзя изменить".into(),
        Text::SlugTaken(slug) => format!("Адрес `{slug}` уже занят").into(),
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
