//! Limits and cursors.

use domain::chat::ChatCursor;
use domain::clock::Timestamp;
use domain::limits::{PAGE_DEFAULT, PAGE_MAX};
use http_core::body;
use http_core::problem::Problem;

/// How many rows were asked for.
pub(super) fn limit(asked: Option<usize>) -> Result<usize, Problem> {
    limit_up_to(PAGE_MAX, asked)
}

/// How many rows were asked for of a list that may be read in larger pages.
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

/// An id for a cursor.
pub(super) fn after<T: std::str::FromStr<Err = domain::ids::NotAnId>>(
    cursor: Option<&str>,
) -> Result<Option<T>, Problem> {
    cursor.map(|cursor| body::id("cursor", cursor).map_err(|_| bad_cursor())).transpose()
}

/// A place in a list of chats.
pub(super) fn chat_cursor(cursor: Option<&str>) -> Result<Option<ChatCursor>, Problem> {
    let parse = |cursor: &str| {
        let (micros, chat) = cursor.split_once('_')?;
        let active_at = Timestamp::from_micros(micros.parse().ok()?);
        Some(ChatCursor { active_at, chat: chat.parse().ok()? })
    };
    cursor.map(|cursor| parse(cursor).ok_or_else(bad_cursor)).transpose()
}

/// The other way round.
pub(super) fn write_chat_cursor(cursor: ChatCursor) -> String {
    format!("{}_{}", cursor.active_at.as_micros(), cursor.chat)
}

fn bad_cursor() -> Problem {
    let detail = "cursor is the `next` of an earlier page.";
    Problem::field("cursor", "invalid_cursor", detail.to_owned())
}
