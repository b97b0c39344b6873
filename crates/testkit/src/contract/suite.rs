//! The list of all promises of stores, with those of `suite_sign_ins.rs` and `suite_races.rs`. Whoever adds one writes it
//! down, and every adapter has its test.

/// One test for each promise of the stores.
///
/// The argument names an `async fn()` that creates an empty database and returns its
/// [`Stores`](crate::contract::Stores), or anything that borrows as them and cleans up when dropped.
/// Attributes in front of it are put on every test.
///
/// The crate that calls this needs `tokio` with `rt-multi-thread` and `macros`.
#[macro_export]
macro_rules! contract_tests {
    ($(#[$attribute:meta])* $make:path) => {
        $crate::__sign_in_promises! { [$(#[$attribute])*] $make; }
        $crate::__race_promises! { [$(#[$attribute])*] $make; }
        $crate::__promises! { [$(#[$attribute])*] $make;
            users {
                an_account_is_there_as_it_was_made
                names_that_fold_alike_conflict
                of_one_name_added_at_once_one_is_added
                a_name_may_have_150_characters_of_4_bytes
                get_answers_disabled_accounts_too
                who_has_no_account_is_not_found
                get_many_answers_each_once_by_id
                credentials_have_the_hash_of_the_folded_name
                set_password_ends_all_sessions_but_one
                a_hash_is_renewed_and_sessions_stay
                disabling_ends_all_sessions
                no_session_opens_beside_the_disabling
                an_address_signs_in_the_account_that_had_it_first
                who_signs_in_by_an_address_needs_a_free_one
                of_one_address_added_at_once_one_is_added
                an_account_may_be_renamed
                a_name_that_looks_like_another_is_refused
                of_names_that_look_alike_added_at_once_one_is_added
                last_seen_only_moves_forward
            }
            people_search {
                wildcards_are_themselves
                case_is_folded_in_every_script
                a_dotless_i_is_searched_as_an_i
                only_active_accounts_are_found
                pages_follow_each_other_by_id
            }
            profiles {
                a_profile_begins_empty
                parts_of_a_profile_change_alone
                parts_that_change_at_once_are_all_changed
                people_are_found_by_their_names
            }
            blocks {
                whom_one_blocks_is_listed_by_id
                a_block_closes_the_direct_chat_for_both
                a_block_keeps_a_direct_chat_from_being_opened
                disabling_closes_and_enabling_opens
                a_block_is_found_in_both_directions
                blocks_have_a_limit
                mentions_by_who_is_blocked_do_not_count
                opening_and_blocking_at_once_end_closed
            }
            subscriptions {
                a_subscription_is_there_as_it_was_set
                a_session_has_one_and_an_endpoint_has_one
                only_a_session_that_is_there_subscribes
                subscriptions_have_a_limit
                a_subscription_goes_with_its_session
                an_endpoint_that_was_replaced_is_not_removed
                a_subscription_is_found_by_its_endpoint
                a_subscription_is_replaced_where_it_still_is
                candidates_are_the_devices_of_the_other_members
                candidates_come_with_what_their_owners_want
                candidates_are_paged_by_session
                chats_are_reachable_where_somebody_subscribes
            }
            own_data {
                a_deletion_takes_the_account_away
                a_deletion_is_a_change_of_each_chat
                a_name_is_free_after_a_deletion
                nobody_chats_with_a_deleted_account_any_more
                a_deletion_is_pending_until_it_is_finished
                chats_that_were_left_are_one_s_own_too
                one_s_messages_are_paged_by_chat
                deleted_messages_are_tombstones
                one_s_reactions_are_paged_by_message
                removed_reactions_are_changes_of_their_chat
                an_owner_who_withdraws_is_followed
                who_withdraws_leaves_no_empty_chat
                withdrawing_twice_is_withdrawing_once
            }
            admin {
                a_role_is_another_at_once
                a_role_is_a_change_of_each_chat
                a_password_set_by_an_admin_ends_all_sessions
                an_admin_changes_what_a_profile_says
                the_log_is_written_with_the_change
                the_log_is_read_from_its_end
                accounts_are_found_by_role_and_state
                chats_are_listed_without_what_was_said
                what_an_admin_deletes_is_logged
                whispers_are_no_business_of_admins
                roles_set_at_once_are_in_order
            }
            chats {
                a_direct_chat_is_opened_once
                a_direct_chat_opened_at_once_is_one
                notes_are_a_direct_chat_with_oneself
                a_group_begins_at_version_1
                an_open_group_is_known_as_one
                nobody_chats_without_an_account
                a_title_is_one_change
                a_description_is_one_change
                who_may_not_changes_no_settings
                the_view_is_the_members_own
                the_view_of_a_group_without_messages
                deleting_takes_everything_in_the_chat
                of_deletions_at_once_one_deletes
            }
            addresses {
                a_room_is_opened_once_however_it_is_spelt
                a_room_opened_at_once_is_one
                rooms_are_listed_by_activity
                a_projects_chat_is_what_is_wanted
                a_change_of_a_projects_chat_is_logged
                a_project_with_somebody_unknown_stays_as_it_was
                a_project_may_have_nobody_for_a_while
                a_hosts_group_is_what_is_wanted
                whoever_a_host_brings_in_is_banned_no_longer
                of_those_who_make_a_hosts_group_at_once_one_does
                data_of_a_hosts_group_is_a_version_with_its_title
            }
            whispers {
                whispers_are_opened_once
                only_members_whisper
                whispering_leaves_the_chat_as_it_was
                who_leaves_the_chat_leaves_its_whispers
                whispers_of_two_who_left_wait_for_both
                whispers_go_with_the_chat
                leaving_and_whispering_at_once_keeps_every_number
            }
            permissions {
                permissions_are_settings_of_a_chat
                only_admins_and_keys_write_where_others_read
                who_reads_changes_nothing_but_takes_back
                members_leave_and_add_as_is_permitted
                whispers_are_hushed_while_nobody_whispers
                a_managed_chat_permits_what_its_host_says
                nothing_is_written_after_only_admins_may
                no_whisper_is_opened_after_nobody_may
            }
            horizons {
                newcomers_see_what_is_said_from_then_on
                what_is_hidden_is_not_changed_or_answered
                who_comes_back_sees_from_then_on
                in_an_empty_chat_nothing_is_hidden
                service_keys_see_everything
                a_room_that_hides_its_past_tells_nothing_outside
                who_comes_in_among_messages_misses_none
                what_is_hidden_is_not_found_among_many
            }
            silences {
                whoever_is_silenced_reads_and_takes_away
                a_message_that_was_stored_is_answered_to_whoever_is_silenced
                a_silence_ends_by_itself_or_is_lifted
                a_silence_stays_with_whoever_leaves
                whoever_is_silenced_does_not_whisper
                who_is_out_silences_nobody
                nothing_is_said_after_a_silence
            }
            bans_and_preferences {
                a_ban_takes_out_and_keeps_out
                who_is_out_bans_nobody
                a_ban_ends
                bans_are_listed_by_person
                slow_mode_makes_members_wait
                preferences_are_ones_own
                a_list_leaves_archived_chats_out_on_request
            }
            deleting {
                a_large_chat_is_gone_at_once_and_its_rows_follow
            }
            chat_lists {
                the_chat_active_last_comes_first
                only_sending_is_activity
                chats_active_at_one_time_are_walked_once_each
                who_left_sees_the_chat_nowhere
                versions_are_those_of_now_by_id
                heads_are_those_of_chats_that_there_are
            }
            import {
                an_old_account_keeps_its_id
                an_old_chat_keeps_its_id
                old_members_come_in_once
                old_messages_are_numbered_as_they_come
                what_is_a_hosts_comes_with_its_data
            }
            lookups {
                a_key_opens_its_session
                a_chat_is_found_by_its_key
                an_outline_has_the_two_people
                whispers_are_found_by_who_is_in_them
                what_was_said_last_in_rooms_is_for_who_may_enter
                chats_are_found_by_who_wrote_in_them
                writers_are_named_once_for_each_role
                a_room_without_an_owner_is_its_writers
                members_of_several_chats_come_together
            }
            changes {
                a_copy_of_any_version_catches_up_exactly
                every_version_leads_to_the_last
                a_page_is_complete_up_to_its_version
                a_long_chat_is_complete_from_anywhere
                each_thing_is_there_once_and_as_it_is_now
                nothing_changed_since_now
                a_large_group_begins_on_one_page
                pages_walked_while_others_write_miss_nothing
            }
            members {
                a_standing_is_that_of_now
                members_are_listed_by_id
                who_comes_in_has_read_everything
                who_is_in_already_changes_nothing
                who_left_comes_back_anew
                nobody_comes_into_a_full_chat
                who_comes_at_once_does_not_exceed_the_limit
                a_role_is_one_change_or_none
                handing_over_is_two_changes
                of_hand_overs_at_once_one_succeeds
                a_group_keeps_its_owner
                removing_is_one_change
                who_is_out_changes_no_members
                contacts_share_a_chat_now
                sharing_is_mutual_and_with_oneself
                memberships_are_those_of_now
            }
            consent {
                who_has_blocked_somebody_is_not_brought_in_by_them
                who_left_is_brought_back_by_whom_they_wrote_to
                who_was_taken_out_may_be_brought_back
            }
            reading {
                a_marker_only_moves_forward
                a_marker_in_a_crowd_is_its_owners_alone
                counts_stop_at_their_limit
                nobody_reads_what_is_not_written
                markers_moved_at_once_end_at_the_furthest
                unread_is_what_others_wrote_and_nobody_deleted
                unread_is_counted_among_the_newest
            }
            messages {
                a_message_is_there_as_it_was_sent
                texts_come_back_as_they_were
                nul_stops_before_the_store
                a_client_id_stores_one_message
                a_replay_answers_the_message_as_it_is_now
                a_client_id_of_another_chat_is_refused
                only_members_send
                only_messages_of_the_chat_are_answered
                a_refusal_uses_up_no_number
                an_edit_is_one_change
                a_deletion_leaves_a_tombstone
                who_is_out_changes_no_message
                what_an_edit_says_is_judged_last
                nobody_edits_in_a_closed_chat
            }
            reactions {
                a_reaction_is_one_change
                a_reaction_twice_is_one
                emoji_stand_in_the_order_of_first_use
                a_tombstone_has_no_reactions
                limits_of_reactions_hold
                who_is_out_does_not_react
                nobody_reacts_in_a_closed_chat
                reactions_come_with_every_way_to_a_message
                reactions_go_with_their_chat
                of_reactions_at_once_each_counts
            }
            outside {
                a_chat_is_seen_from_outside
                all_chats_are_listed_by_their_ids
                a_key_moderates_from_outside
                a_key_hands_a_chat_over
            }
            pins {
                a_pin_is_one_change_or_none
                the_message_pinned_last_comes_first
                a_tombstone_is_not_pinned
                no_more_is_pinned_than_a_chat_may_have
                who_may_not_pin_changes_nothing
                nobody_pins_in_a_closed_chat
            }
            edits {
                what_was_said_before_is_kept_in_order
                of_many_edits_the_first_and_the_newest_are_kept
                a_deletion_takes_what_was_said_before
            }
            stars {
                a_star_is_its_owners_alone
                starred_messages_are_walked_newest_first
                stars_of_a_chat_that_was_left_are_not_shown
                a_tombstone_has_no_stars
                stars_go_with_their_chat
            }
            mentions {
                a_name_after_an_at_is_a_mention
                where_a_mention_is_goes_with_it
                a_korean_name_may_have_an_ending
                a_text_full_of_ats_mentions_the_first
                only_members_are_mentioned
                the_longest_name_is_meant
                an_edit_mentions_anew
                unread_mentions_are_counted_by_themselves
                mentions_go_with_the_message
            }
            quotes {
                what_is_answered_comes_along
                changes_bring_what_is_answered
            }
            message_search {
                a_message_is_found_by_its_words
                words_fold_in_every_script
                the_beginning_of_a_word_finds_it
                only_chats_one_is_in_now_are_searched
                filters_narrow_the_search
                an_edit_is_found_by_its_new_words
                what_was_deleted_is_not_found
                pages_of_what_is_found_follow_each_other
                messages_stored_at_once_are_all_found
                somebody_in_many_chats_finds_in_all
                what_is_further_back_is_found_among_many
                a_search_compares_no_more_than_it_may
                what_is_not_seen_is_passed_over
                kana_and_hangul_are_cut_alike
                a_dotless_i_is_found_as_an_i
            }
            newest {
                the_newest_of_many_chats_are_found_page_by_page
            }
            pages {
                the_latest_are_the_newest
                before_are_the_newest_of_those_before
                after_are_the_oldest_of_those_after
                around_has_half_of_the_page_before
                a_chat_without_messages_has_empty_pages
                pages_walk_the_whole_history_both_ways
                what_is_shown_is_counted_without_tombstones
                what_is_shown_comes_with_what_it_answers
            }
            media {
                a_reserved_key_becomes_an_attachment
                only_the_owner_uses_a_reservation
                a_reservation_runs_out
                uploads_without_a_message_have_a_limit
                files_of_an_account_have_a_quota
                reservations_at_once_keep_the_limit
                an_upload_is_removed_by_its_owner
                the_avatar_is_the_one_set_last
                what_waited_too_long_is_collected
                what_waited_too_long_is_collected_in_parts
                what_is_due_is_collected_until_it_is_forgotten
            }
            attaching {
                a_message_takes_its_uploads_along
                only_unused_uploads_of_ones_own_are_taken
                an_upload_named_at_once_goes_into_one_message
                a_replay_has_its_attachments
                a_deleted_message_lets_its_files_go
                a_deleted_chat_lets_its_files_go
                a_deleted_account_lets_its_files_go
                ones_files_are_paged a_message_of_nothing_but_files_is_found_by_its_author
                the_newest_files_of_a_chat_are_listed
            }
            data {
                data_comes_back_as_it_was_sent
                words_of_data_are_found_by_whoever_asks_for_them
                words_of_data_are_found_among_many
                a_patch_of_data_is_one_change
                keys_keep_up_the_data_of_others
                data_that_grows_too_long_is_refused
                a_tombstone_has_no_data
                quiet_system_messages_are_not_counted
                a_chat_keeps_data
            }
        }
    };
}
