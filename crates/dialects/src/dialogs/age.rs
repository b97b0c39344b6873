//! The two ages of the protocol. Both clients are served. They are told apart by the socket's path, because
//! `dialog.get` is ambiguous: its `id` is the caller's own in one, and a dialog's in the other.

use crate::texts::Dialogs;
use actix_web::HttpRequest;

/// The age of a client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Age {
    /// October 2019: only dialogs, and `dialog.get` returns all of them.
    October,
    /// December 2019: also groups, stars and read marks, and `dialog.get` returns one dialog.
    December,
}

impl Age {
    /// The age of a socket's client: the later one's path ends with a slash.
    pub(super) fn of(request: &HttpRequest) -> Self {
        if request.path().ends_with('/') { Self::December } else { Self::October }
    }

    /// The message for a dialog that does not exist.
    pub(super) fn no_dialog(self) -> Dialogs {
        match self {
            Self::October => Dialogs::NoDialog,
            Self::December => Dialogs::NoDialogLater,
        }
    }
}
