//! The promises of stores about signing in; see `suite.rs`, of which this is a part.

/// A module of tests for each of these nouns.
#[doc(hidden)]
#[macro_export]
macro_rules! __sign_in_promises {
    ($attributes:tt $make:path;) => {
        $crate::__promises! { $attributes $make;
            sessions {
                a_session_is_there_as_it_was_opened
                only_an_active_account_opens_one
                past_the_limit_the_one_unused_for_longest_ends
                what_has_expired_is_not_there
                what_never_was_is_not_there
                the_list_begins_with_the_one_used_last
                rotation_moves_the_generation_and_the_end
                of_rotations_at_once_one_succeeds
                what_a_store_changed_itself_is_never_missing
                only_its_owner_ends_a_session
                a_session_is_proved_by_its_owner
                changes_are_told_by_the_stores_clock
                what_is_open_is_told_with_the_role_of_its_owner
                purging_forgets_what_is_over
                what_is_over_is_forgotten_in_parts
                what_came_of_a_hosts_session_ends_with_it
            }
            sign_ins {
                making_an_account_and_signing_in_and_out_is_logged
                only_who_makes_their_own_account_registers
                ones_own_password_is_logged
                a_session_that_gives_way_is_logged
                what_was_refused_is_logged_and_counted_where_nobody_is_meant
                of_what_was_refused_the_newest_is_kept
                old_sign_ins_are_forgotten_and_changes_stay
                the_log_is_read_by_kind
            }
            idempotency {
                a_request_is_answered_as_before
                what_was_not_kept_is_carried_out_again
                what_came_to_no_end_is_taken_over
                of_several_at_once_one_begins
                old_requests_are_forgotten
                old_requests_are_forgotten_in_parts
                requests_of_an_account_are_deleted_in_parts
            }
            invites {
                an_invitation_is_there_until_it_is_removed
                invitations_are_listed_the_newest_first
                who_is_invited_gets_in_and_is_counted
                of_those_who_want_the_last_use_one_gets_in
                invitations_have_a_limit_and_old_ones_are_forgotten
            }
            host_accounts {
                a_person_of_a_host_has_one_account
                the_same_subject_of_two_issuers_is_two_people
                a_conflict_adds_nothing
                of_those_who_add_a_person_at_once_one_does
                several_people_are_looked_up_at_once
                those_who_are_in_nobodys_way_are_added_together
                an_address_of_several_who_are_added_signs_one_in
                what_a_host_says_is_remembered
                an_account_follows_its_host
                what_a_host_said_goes_with_the_account
                a_host_ends_sessions
                people_have_data_of_their_host
            }
            host_pictures {
                a_picture_is_due_until_it_is_the_avatar
                a_picture_that_was_taken_is_due_again_later
                of_several_takers_one_gets_a_picture
                who_chose_a_picture_keeps_it_until_another_is_named
                the_picture_that_was_named_last_is_kept
                a_picture_goes_with_the_account
            }
            external_ids {
                people_are_found_by_their_hosts_ids
                many_are_found_at_once
                who_was_deleted_is_found_no_more
                whoever_is_shown_has_their_external_id
                a_session_knows_the_host_of_its_owner
                a_chat_has_the_external_id_that_it_was_made_with
                a_chats_external_id_is_unique_for_its_issuer
                of_those_who_make_a_chat_of_one_external_id_one_does
                the_external_id_of_a_deleted_chat_is_free
            }
            directory {
                ties_are_those_of_chats_now
                only_who_shares_a_chat_is_listed
                only_rooms_of_a_member_are_listed
            }
            set_up {
                a_server_is_set_up_once
                who_is_refused_leaves_it_to_be_set_up
                nobody_sets_up_what_has_an_admin
                of_those_who_set_up_at_once_one_does
            }
            second_factors {
                a_second_factor_is_on_when_it_was_confirmed
                a_step_is_used_once_and_none_before_it
                a_recovery_code_is_used_once_by_its_owner
                a_second_factor_goes_with_its_codes
            }
            service_keys {
                a_key_is_there_until_it_is_revoked
                of_those_who_revoke_a_key_at_once_one_does
                what_is_done_to_keys_is_logged
                a_person_is_no_account_for_keys
                a_key_ends_with_its_session
                a_use_of_a_key_is_noted
                keys_have_limits
                a_whisper_is_told_from_what_is_none
                lists_leave_whispers_out_where_they_are_not_wanted
            }
            tickets {
                a_ticket_is_taken_once
                of_takers_at_once_one_gets_it
                an_expired_ticket_is_not_there
                a_ticket_ends_with_its_session
            }
        }
    };
}
