//! Limits and cursors.

use domain::chat::ChatCursor;
use domain::clock::Timestamp;
use domain::limits::{PAGE_DEFAULT, PAGE_MAX};
use http_core::body;
use http_core::problem::Problem;

/// The number of rows to return.
pub(super) fn limit(asked: Option<usize>) -> Result<usize, Problem> {
    limit_up_to(PAGE_MAX, asked)
}

/// The number of rows to return from a list that allows larger pages.
pub(super) fn limit_up_to(max: usize, asked: Option<usize>) -> Result<usize, Problem> {
    match asked {
        None => Ok(PAGE_DEFAULT),
        Some(limit) if (1..=max).contains(&limit) => Ok(limit),
        Some(_) => {
            let detail = format!("limit is a number from 1 to {max}.");
            Err(Problem::field("limit", "limit_out_of_range", detail))
        }
    }
}

/// The id in a cursor.
pub(super) fn after<T: std::str::FromStr<Err = domain::ids::NotAnId>>(
    cursor: Option<&str>,
) -> Result<Option<T>, Problem> {
    cursor.map(|cursor| body::id("cursor", cursor).map_err(|_| bad_cursor())).transpose()
}

/// The position in a list of chats that a cursor contains.
pub(super) fn chat_cursor(cursor: Option<&str>) -> Result<Option<ChatCursor>, Problem> {
    let parse = |cursor: &str| {
        let (micros, chat) = cursor.split_once('_')?;
        let active_at = Timestamp::from_micros(micros.parse().ok()?);
        Some(ChatCursor { active_at, chat: chat.parse().ok()? })
    };
    cursor.map(|cursor| parse(cursor).ok_or_else(bad_cursor)).transpose()
}

/// The cursor for a position in a list of chats.
pub(super) fn write_chat_cursor(cursor: ChatCursor) -> String {
    format!("{}_{}", cursor.active_at.as_micros(), cursor.chat)
}

fn bad_cursor() -> Problem {
    let detail = "cursor is the `next` of an earlier page.";
    Problem::field("cursor", "invalid_cursor", detail.to_owned())
}
