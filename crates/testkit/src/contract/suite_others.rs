//! The lists of the promises of what keeps no database; see `suite.rs`.

/// One test for each promise of a presence store. Like [`contract_tests!`], with an `async fn()` that returns
/// an `Arc<dyn PresenceStore>`.
#[macro_export]
macro_rules! presence_tests {
    ($(#[$attribute:meta])* $make:path) => {
        $crate::__promises! { [$(#[$attribute])*] $make;
            presence {
                online_answers_in_the_order_of_the_question
                the_last_connection_counts
                each_change_is_answered_once
                within_the_grace_nobody_has_gone
                who_came_and_went_in_between_is_told_of_within_the_grace
                who_came_and_went_long_ago_is_not_told_of
            }
        }
    };
}

/// One test for each promise of a file store. Like [`contract_tests!`], with an `async fn()` that returns an
/// `Arc<dyn FileStore>`, or anything that borrows as one.
#[macro_export]
macro_rules! file_tests {
    ($(#[$attribute:meta])* $make:path) => {
        $crate::__promises! { [$(#[$attribute])*] $make;
            files {
                bytes_come_back_as_they_were
                parts_and_keys_do_not_mix
                a_range_is_cut_off_at_the_end
                what_was_removed_is_not_there
                what_did_not_arrive_whole_is_not_there
                what_was_dropped_half_way_is_not_there
            }
        }
    };
}

/// One test for each promise of a password hasher. Like [`contract_tests!`], with an `async fn()` that
/// returns an `Arc<dyn PasswordHasher>`.
#[macro_export]
macro_rules! hasher_tests {
    ($(#[$attribute:meta])* $make:path) => {
        $crate::__promises! { [$(#[$attribute])*] $make;
            hasher {
                a_hash_knows_its_password
                two_hashes_of_one_password_differ
                without_a_hash_nothing_is_right
                more_than_72_bytes_are_never_right
            }
        }
    };
}

/// One test for each promise of a token signer. Like [`contract_tests!`], with an `async fn()` that returns
/// an `Arc<dyn TokenSigner>`.
#[macro_export]
macro_rules! signer_tests {
    ($(#[$attribute:meta])* $make:path) => {
        $crate::__promises! { [$(#[$attribute])*] $make;
            signer {
                random_bytes_differ_each_time
                a_token_says_what_was_signed
                a_token_expires
                what_was_not_signed_here_is_invalid
                a_digest_is_of_its_message
            }
        }
    };
}
