//! Promises of [`domain::session::TokenSigner`].

use super::fixtures::at;
use domain::ids::{SessionId, UserId};
use domain::session::{AccessClaims, Protocol, TokenError, TokenSigner};
use std::collections::HashSet;

fn claims() -> AccessClaims {
    AccessClaims {
        user: UserId::stored(7),
        session: SessionId::stored(9_007_199_254_740_991),
        protocol: Protocol::new("a word"),
        issued_at: at(0),
        expires_at: at(600),
    }
}

pub async fn random_bytes_differ_each_time(signer: &dyn TokenSigner) {
    let drawn: HashSet<_> = (0..1_000).map(|_| signer.random()).collect();
    assert_eq!(drawn.len(), 1_000);
    let halves: HashSet<_> = drawn.iter().map(|bytes| &bytes[..16]).collect();
    assert_eq!(halves.len(), 1_000, "a seed is made of half of them");
}

pub async fn a_token_says_what_was_signed(signer: &dyn TokenSigner) {
    let token = signer.sign_access(&claims());
    assert_eq!(signer.read_access(&token, at(0)), Ok(claims()));
    assert_eq!(signer.read_access(&token, at(599)), Ok(claims()));
}

pub async fn a_token_expires(signer: &dyn TokenSigner) {
    let token = signer.sign_access(&claims());
    for later in [601, 700, 1_000_000] {
        assert_eq!(signer.read_access(&token, at(later)), Err(TokenError::Expired), "{later}");
    }
}

pub async fn what_was_not_signed_here_is_invalid(signer: &dyn TokenSigner) {
    let token = signer.sign_access(&claims());
    for at_byte in 0..token.len() {
        // The last character of base64 may contain unused bits.
        if at_byte + 1 == token.len() {
            continue;
        }
        let mut forged = token.clone().into_bytes();
        forged[at_byte] = if forged[at_byte] == b'A' { b'B' } else { b'A' };
        let forged = String::from_utf8(forged).unwrap();
        assert_eq!(signer.read_access(&forged, at(0)), Err(TokenError::Invalid), "{forged}");
    }
    for garbage in ["", ".", "..", "a.b.c", "🦊", &token[1..], &token[..20], &format!("{token}x")]
    {
        assert_eq!(signer.read_access(garbage, at(0)), Err(TokenError::Invalid), "{garbage}");
    }
    // The header {"alg":"none"}, and an empty signature.
    let unsigned = "eyJhbGciOiJub25lIn0.eyJzdWIiOiI3Iiwic2lkIjoiMSIsImV4cCI6OTk5OTk5OTk5OX0.";
    assert_eq!(signer.read_access(unsigned, at(0)), Err(TokenError::Invalid));
}

pub async fn a_digest_is_of_its_message(signer: &dyn TokenSigner) {
    let messages = ["", "a", "b", "aa", "🦊"];
    let digests: HashSet<_> = messages.iter().map(|m| signer.digest(m.as_bytes())).collect();
    assert_eq!(digests.len(), messages.len());
    for message in messages {
        assert!(digests.contains(&signer.digest(message.as_bytes())), "the same each time");
    }
}
