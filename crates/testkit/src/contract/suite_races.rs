//! The promises of stores about calls at once, and calls that are dropped; see `suite.rs`, of which this is a part.

/// A module of tests for each of these nouns.
#[doc(hidden)]
#[macro_export]
macro_rules! __race_promises {
    ($attributes:tt $make:path;) => {
        $crate::__promises! { $attributes $make;
            racing {
                writers_to_one_chat_are_numbered_densely
                writers_to_several_chats_do_not_mix
                one_client_id_at_once_stores_one_message
                one_client_id_at_once_in_two_chats_goes_to_one
                what_is_refused_beside_others_fails_alone
                every_sort_of_change_at_once_is_one_version_each
                nobody_gets_a_message_in_who_has_left
                nobody_changes_a_message_who_has_left
                a_chat_deleted_under_its_writers_is_gone_whole
            }
            cancelled {
                a_send_is_stored_whole_or_not_at_all
                sends_dropped_among_others_touch_nobody
                a_change_is_made_whole_or_not_at_all
                members_dropped_half_way_leave_a_sound_chat
                a_chat_is_made_whole_or_not_at_all
                sessions_dropped_half_way_do_not_harm_others
            }
        }
    };
}
