//! In Russian.

use super::{Dialogs, Events, PasswordLike, Text};
use std::borrow::Cow;

pub(super) fn say(text: &Text) -> Cow<'static, str> {
    match text {
        Text::NotSignedIn => "Учетные данные не были предоставлены.".into(),
        Text::Required => "Обязательное поле.".into(),
        Text::Blank => "Это поле не может быть пустым.".into(),
        Text::Null => "Это поле не может быть пустым.".into(),
        Text::NotFound => "Страница не найдена.".into(),
        Text::Method(method) => format!("Метод \"{method}\" не разрешен.").into(),
        Text::Dialogs(text) => dialogs(text),
        Text::Events(text) => events(*text).into(),
    }
}

pub(super) fn dialogs(text: &Dialogs) -> Cow<'static, str> {
    match text {
        Dialogs::NotText => "Не является допустимой строкой.".into(),
        Dialogs::NameTaken => "Пользователь с таким именем уже существует.".into(),
        Dialogs::NameCharacters => "Введите правильное имя пользователя. Оно может содержать \
            только буквы, цифры и знаки @/./+/-/_."
            .into(),
        Dialogs::TooManyCharacters(most) => {
            format!("Убедитесь, что это значение содержит не более {most} символов.").into()
        }
        Dialogs::EmailForm => "Введите правильный адрес электронной почты.".into(),
        Dialogs::PasswordLike(PasswordLike::UserName) => {
            "Введённый пароль слишком похож на имя пользователя.".into()
        }
        Dialogs::PasswordLike(PasswordLike::Email) => {
            "Введённый пароль слишком похож на адрес электронной почты.".into()
        }
        Dialogs::PasswordShort(least) => format!(
            "Введённый пароль слишком короткий. Он должен содержать как минимум {least} символов."
        )
        .into(),
        Dialogs::PasswordCommon => "Введённый пароль слишком широко распространён.".into(),
        Dialogs::PasswordNumeric => "Введённый пароль состоит только из цифр.".into(),
        Dialogs::NoActiveAccount => {
            "Не найдено активной учетной записи с указанными данными".into()
        }
        Dialogs::TokenNotValid => "Токен недействителен или просрочен".into(),
        Dialogs::TokenNotAccepted => "Данный токен недействителен для любого типа токена".into(),
        Dialogs::TokenType => "Токен имеет неправильный тип".into(),
        Dialogs::UserInactive => "Пользователь неактивен".into(),
        Dialogs::NotKept => "Этот сервер не хранит этого.".into(),
        Dialogs::InvalidFormat => "Неверный формат".into(),
        Dialogs::UndefinedEvent => "Неизвестное событие".into(),
        Dialogs::MustAuthenticate => "Необходимо войти".into(),
        Dialogs::AuthorizationFailed => "Войти не удалось".into(),
        Dialogs::MissedFields => "Не хватает обязательных полей".into(),
        Dialogs::NoProfile => "Такого профиля нет".into(),
        Dialogs::DialogExists => "Диалог этих двух людей уже есть".into(),
        Dialogs::DialogWithOneself => "Диалог ведут с кем-то другим".into(),
        Dialogs::NoDialog | Dialogs::NoDialogLater => "Такого диалога нет".into(),
        Dialogs::NoGroup => "Такой группы нет".into(),
        Dialogs::NoMessage => "Такого сообщения нет".into(),
        Dialogs::ForeignDelete => "Чужое сообщение нельзя удалить".into(),
        Dialogs::ForeignUpdate => "Чужое сообщение нельзя изменить".into(),
        Dialogs::SlugTaken(slug) => format!("Адрес `{slug}` уже занят").into(),
    }
}

fn events(text: Events) -> &'static str {
    match text {
        Events::BadToken => "Данный токен недействителен для любого типа токена",
        Events::TokenOver => "Токен недействителен или просрочен",
        Events::Inactive => "Пользователь неактивен",
        Events::NoSuchLogin => "Не найдено активной учетной записи с указанными данными",
        Events::Forbidden => "У вас недостаточно прав для выполнения данного действия.",
        Events::NotText => "Не является допустимой строкой.",
        Events::BadEmail => "Введите корректный адрес электронной почты.",
        Events::NotCyrillic => {
            "Имя содержит недопустимые символы. Могут быть только символы кириллического алфавита."
        }
        Events::ShortName => "Имя слишком короткое",
        Events::BadDate => {
            "Неправильный формат date. Используйте один из этих форматов: YYYY-MM-DD."
        }
        Events::TooYoung => "Человек младше 12 лет",
        Events::FileSent => "Файл уже отправлен: он удаляется вместе с сообщением.",
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
        "user_not_found" => "Такого пользователя нет.",
        "peer_unavailable" => "Этому человеку нельзя написать.",
        "chat_not_found" => "Такого чата нет.",
        "message_not_found" => "Такого сообщения нет.",
        "message_deleted" => "Сообщение удалено.",
        "attachment_not_found" => "Такого неотправленного файла нет.",
        "too_many_attachments" => "Слишком много файлов в одном сообщении.",
        "too_long" => "Слишком длинный текст.",
        "nul_character" | "control_character" | "invisible_character" => {
            "Текст содержит недопустимые символы."
        }
        "slow_mode" => "В чате включён медленный режим. Повторите попытку позже.",
        "password_too_short" => "Пароль слишком короткий.",
        "password_too_long" => "Пароль слишком длинный.",
        "password_all_digits" => "Пароль не может состоять только из цифр.",
        "password_common" => "Пароль слишком распространён.",
        "password_is_name" => "Пароль слишком похож на имя.",
        "email_invalid" => "Введите корректный адрес электронной почты.",
        "registration_closed" => "Регистрация на этом сервере закрыта.",
        "unavailable" | "busy" => "Сервер занят. Повторите попытку позже.",
        "not_allowed" => "У вас недостаточно прав для выполнения данного действия.",
        _ => return None,
    })
}
