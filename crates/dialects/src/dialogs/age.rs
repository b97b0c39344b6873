//! The two ages of the protocol. Both clients are served; the address of the socket tells them apart, since
//! `dialog.get` has an `id` in either: of oneself, or of a dialog.

use crate::texts::Dialogs;
use actix_web::HttpRequest;

/// When the client at the other end was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Age {
    /// October 2019: dialogs only, and `dialog.get` answers all of them.
    October,
    /// December 2019: groups, stars and read marks, and `dialog.get` answers one.
    December,
}

impl Age {
    /// That of a socket: the later client has a slash at the end of its address.
    pub(super) fn of(request: &HttpRequest) -> Self {
        if request.path().ends_with('/') { Self::December } else { Self::October }
    }

    /// What is said where there is no such dialog.
    pub(super) fn no_dialog(self) -> Dialogs {
        match self {
            Self::October => Dialogs::NoDialog,
            Self::December => Dialogs::NoDialogLater,
        }
    }
}
