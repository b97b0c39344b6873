//! The texts in Russian.

use super::{Dialogs, Events, Minichat, PasswordLike, Text};
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
        Text::Minichat(text) => minichat(text),
        Text::Events(text) => events(*text).into(),
        Text::NotAnObject(kind) => {
            format!("Недопустимые данные. Ожидался dictionary, но был получен {kind}.").into()
        }
        Text::MediaType(kind) => {
            format!("Неподдерживаемый тип данных \"{kind}\" в запросе.").into()
        }
        Text::TooLong(most) => {
            format!("Убедитесь, что это значение содержит не более {most} символов.").into()
        }
        // The framework has this text only in English.
        Text::NotAString => "Not a valid string.".into(),
        Text::UserName => "Введите правильное имя пользователя. Оно может содержать только буквы, \
                           цифры и знаки @/./+/-/_."
            .into(),
        Text::NameTaken => "Пользователь с таким именем уже существует.".into(),
        Text::PasswordShort => "Слишком короткий пароль!".into(),
        Text::PasswordSmall => "В пароль не входят заглавные буквы!".into(),
        Text::PasswordLetters => "В пароль не входят цифры!".into(),
        Text::PasswordElsewhere => "Пароль меняется по адресу PUT /api/v1/auth/password.".into(),
        Text::NotAFile => "Загруженный файл не является корректным файлом.".into(),
        Text::NotAList(kind) => {
            format!("Ожидался list со значениями, но был получен \"{kind}\".").into()
        }
        Text::EmptyList => "Этот список не может быть пустым.".into(),
        Text::NoSuchId(id) => {
            format!("Недопустимый первичный ключ \"{id}\" - объект не существует.").into()
        }
        Text::NotAnId(kind) => {
            format!("Некорректный тип. Ожидалось значение первичного ключа, получен {kind}.").into()
        }
        Text::TokenWrong => "Недопустимый токен.".into(),
        Text::TokenMissing => {
            "Недопустимый заголовок токена. Не предоставлены учетные данные.".into()
        }
        Text::TokenSpaces => {
            "Недопустимый заголовок токена. Токен не должен содержать пробелов.".into()
        }
        Text::WithWhom => "user_id обязателен.".into(),
        Text::NoSuchUser => "Пользователь не найден.".into(),
        Text::Somebody => "Неизвестный пользователь".into(),
        Text::NotAMember => {
            "Вы не являетесь участником чата и не можете отправлять сообщения".into()
        }
        Text::NotYoursToEdit => {
            "Вы не являетесь автором и не можете редактировать этот объект".into()
        }
        Text::NotYoursToDelete => "Вы не являетесь автором и не можете удалять этот объект".into(),
        Text::SocketRefused => "Вам нельзя открыть этот сокет.".into(),
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

fn minichat(text: &Minichat) -> Cow<'static, str> {
    match text {
        Minichat::TooLong(what) => format!("Убедитесь, что это значение содержит не более {what} символов.").into(),
        Minichat::TooShort(what) => format!("Убедитесь, что это значение содержит не менее {what} символов.").into(),
        Minichat::UserName => "Введите правильное имя пользователя. Оно может содержать только буквы, цифры и знаки @/./+/-/_.".into(),
        Minichat::NameTaken => "Пользователь с таким именем уже существует.".into(),
        Minichat::BadEmail => "Введите правильный адрес электронной почты.".into(),
        Minichat::NoChoice(what) => format!("Значения {what} нет среди допустимых вариантов.").into(),
        Minichat::NoSuchId(what) => format!("Недопустимый первичный ключ \"{what}\" - объект не существует.").into(),
        Minichat::NotAnId(what) => format!("Некорректный тип. Ожидалось значение первичного ключа, получен {what}.").into(),
        Minichat::NoChatRoom => "Комната не найдена.".into(),
        Minichat::TokenNotAccepted => "Данный токен недействителен для любого типа токена".into(),
        Minichat::TokenWrong => "Токен недействителен".into(),
        Minichat::TokenType => "Токен имеет неправильный тип".into(),
        Minichat::TokenAlone => "Заголовок авторизации должен содержать два значения, разделённых пробелом".into(),
        Minichat::Inactive => "Пользователь неактивен".into(),
        Minichat::Forbidden => "У вас недостаточно прав для выполнения данного действия.".into(),
        Minichat::Registered => "Пользователь успешно зарегистрирован".into(),
        Minichat::PasswordsDiffer => "Пароли не совпадают".into(),
        Minichat::LoggedIn => "Успешный вход".into(),
        Minichat::LogInFields => "Необходимо указать имя пользователя и пароль".into(),
        Minichat::WrongLogIn => "Неверное имя пользователя или пароль".into(),
        Minichat::LoggedOut => "Успешный выход".into(),
        Minichat::ProfileChanged => "Профиль успешно обновлен".into(),
        Minichat::EmailInUse => "Пользователь с таким email уже существует".into(),
        Minichat::PictureIsFile => "Отправьте изображение файлом.".into(),
        Minichat::OldPassword => "Неверный текущий пароль".into(),
        Minichat::NewPasswordsDiffer => "Новые пароли не совпадают".into(),
        Minichat::PasswordChanged => "Пароль успешно изменен".into(),
        Minichat::ChatMade => "Чат успешно создан".into(),
        Minichat::ChatThere => "Чат уже существует".into(),
        Minichat::WithWhom => "Необходимо указать ID пользователя".into(),
        Minichat::NoUser => "Пользователь не найден".into(),
        Minichat::WithOneself => "Нельзя создать чат с самим собой".into(),
        Minichat::ChatOfTwo(one, other) => format!("Чат: {one} и {other}").into(),
        Minichat::AboutTwo(one, other) => format!("Прямой чат между {one} и {other}").into(),
        Minichat::NoRoom => "Комната не найдена".into(),
        Minichat::Joined => "Успешно присоединились к комнате".into(),
        Minichat::Left => "Вы покинули комнату".into(),
        Minichat::MarkedRead => "Сообщения отмечены как прочитанные".into(),
        Minichat::EmptyMessage => "Сообщение не может быть пустым".into(),
        Minichat::NotJson => "Неверный формат JSON".into(),
        Minichat::Failed => "Произошла ошибка".into(),
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
        Events::EmailTaken => "Пользователь с таким email уже существует.",
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

/// The translation of the server's text with that code; `None` if there is none.
pub(super) fn of_code(code: &str) -> Option<&'static str> {
    Some(match code {
        "name_taken" => "Пользователь с таким именем уже существует.",
        "email_taken" => "Пользователь с таким email уже существует.",
        "token_missing" => "Учетные данные не были предоставлены.",
        "token_invalid" | "token_expired" => "Недопустимый токен.",
        "wrong_credentials" => "Неверное имя пользователя или пароль.",
        "passwords_off" => "На этом сервере не входят по паролю.",
        "account_disabled" => "Учётная запись отключена.",
        "rate_limited" => "Слишком много запросов. Повторите попытку позже.",
        "empty" => "Это поле не может быть пустым.",
        "user_not_found" => "Такого пользователя нет.",
        "left_by_choice" => "Этот человек вышел из чата. Добавить его можно, когда он вам напишет.",
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
        "posting_restricted" => "В этом чате пишут только администраторы.",
        "reacting_restricted" => "В этом чате реагируют только те, кто может писать.",
        "leaving_restricted" => "Участники не могут выйти из этого чата сами.",
        "whispering_restricted" => "В этом чате нельзя шептать.",
        "silenced" => "Вас лишили голоса в этом чате.",
        "slow_mode" => "В чате включён медленный режим. Повторите попытку позже.",
        "password_too_short" => "Пароль слишком короткий.",
        "password_too_long" => "Пароль слишком длинный.",
        "password_all_digits" => "Пароль не может состоять только из цифр.",
        "password_common" => "Пароль слишком распространён.",
        "password_is_name" => "Пароль слишком похож на имя.",
        "email_invalid" => "Введите корректный адрес электронной почты.",
        "registration_closed" => "Регистрация на этом сервере закрыта.",
        "unavailable" | "busy" => "Сервер занят. Повторите попытку позже.",
        "wrong_password" => "Неверный пароль.",
        "not_an_image" | "image_broken" => {
            "Загрузите правильное изображение. Файл, который вы загрузили, поврежден или не \
             является изображением."
        }
        "file_empty" => "Отправленный файл пуст.",
        "not_allowed" => "У вас недостаточно прав для выполнения данного действия.",
        _ => return None,
    })
}
