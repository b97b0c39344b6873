//! An authenticator app, written from RFC 6238.

use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use std::time::{SystemTime, UNIX_EPOCH};

/// One account in an app. It never shows a code twice.
pub struct Authenticator {
    secret: Vec<u8>,
    last: u64,
}

impl Authenticator {
    /// With a secret in base32.
    pub fn new(secret: &str) -> Self {
        let bits = secret.bytes().flat_map(|character| {
            let value = match character {
                b'A'..=b'Z' => character - b'A',
                b'2'..=b'7' => character - b'2' + 26,
                _ => panic!("no base32: {secret}"),
            };
            (0..5).rev().map(move |bit| value >> bit & 1)
        });
        let bits: Vec<u8> = bits.collect();
        let secret =
            bits.chunks_exact(8).map(|bits| bits.iter().fold(0, |byte, bit| byte << 1 | bit));
        Self { secret: secret.collect(), last: 0 }
    }

    /// The next code that counts: that of now, or of the step after it. A third one so soon would count later
    /// only.
    pub fn code(&mut self) -> String {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs() / 30;
        self.last = now.max(self.last + 1);
        assert!(self.last <= now + 1, "two codes at once are all that count");
        self.code_of(self.last)
    }

    /// A code that does not count now.
    pub fn wrong(&self) -> String {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs() / 30;
        // One of a hundred is none of those around now, whatever they are.
        let near: Vec<_> = (now - 3..now + 10).map(|step| self.code_of(step)).collect();
        let mut codes = (0..100).map(|number| format!("{number:06}"));
        codes.find(|code| !near.contains(code)).expect("a code")
    }

    fn code_of(&self, step: u64) -> String {
        let mac = Hmac::<Sha1>::new_from_slice(&self.secret).expect("a key of any length");
        let hash = mac.chain_update(step.to_be_bytes()).finalize().into_bytes();
        let from = usize::from(hash[19] & 15);
        let four = hash[from..from + 4].iter().fold(0_u32, |all, byte| all << 8 | u32::from(*byte));
        format!("{:06}", (four & 0x7fff_ffff) % 1_000_000)
    }
}
