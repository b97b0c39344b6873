//! The secrets of this installation, made at the first start.

use crate::private;
use std::fs::{self, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// The file of the secret that tokens are signed with.
pub(crate) const TOKENS: &str = "secret.key";
/// The file of the private key by which push services know this installation (VAPID).
pub(crate) const VAPID: &str = "vapid.key";

/// Why a secret could not be loaded.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SecretError {
    #[error("the secret {file} cannot be read or made")]
    Io { file: PathBuf, source: io::Error },
    #[error("the secret {file} is damaged: it is not 64 hexadecimal digits")]
    Damaged { file: PathBuf },
    #[error("the system has no randomness to give")]
    NoRandomness,
}

/// Loads the secret of that name from that folder. If there is none, makes a new one that only its owner can
/// read. If two processes start at once, one makes it and both load it.
pub(crate) fn load(folder: &Path, name: &str) -> Result<[u8; 32], SecretError> {
    let file = folder.join(name);
    let failed = |source| SecretError::Io { file: file.clone(), source };
    if !file.exists() {
        match make(&file) {
            Ok(()) => {}
            Err(Failure::Io(error)) if error.kind() == ErrorKind::AlreadyExists => {}
            Err(Failure::Io(error)) => return Err(failed(error)),
            Err(Failure::NoRandomness) => return Err(SecretError::NoRandomness),
        }
    }
    // An older version, or a copy, may have left it readable by others.
    private::keep(&file);
    let text = fs::read_to_string(&file).map_err(failed)?;
    parse(text.trim()).ok_or(SecretError::Damaged { file })
}

enum Failure {
    Io(io::Error),
    NoRandomness,
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// Writes a draft beside it first, so that the file is complete or absent. Linking fails if the file exists,
/// where renaming would overwrite it: a secret that another process has just made must win.
fn make(file: &Path) -> Result<(), Failure> {
    let mut secret = [0_u8; 32];
    getrandom::fill(&mut secret).map_err(|_| Failure::NoRandomness)?;
    let hex = write(&secret);
    let draft = file.with_extension(format!("key.{}", std::process::id()));
    let mut out = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&draft)?;
    let written = out.write_all(hex.as_bytes()).and_then(|()| out.sync_all());
    let linked = written.and_then(|()| fs::hard_link(&draft, file));
    fs::remove_file(&draft)?;
    Ok(linked?)
}

/// A secret as 64 hexadecimal digits.
pub(crate) fn write(secret: &[u8; 32]) -> String {
    secret.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The secret that 64 hexadecimal digits stand for; `None` if the text is anything else.
pub(crate) fn parse(text: &str) -> Option<[u8; 32]> {
    let mut bytes = [0; 32];
    // Reading a number would take a sign as well.
    if text.len() != 64 || !text.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return None;
    }
    for (byte, digits) in bytes.iter_mut().zip(text.as_bytes().chunks(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn a_secret_is_made_once_and_kept_from_others() {
        let folder = tempfile::tempdir().unwrap();
        let first = load(folder.path(), TOKENS).unwrap();
        assert_eq!(load(folder.path(), TOKENS).unwrap(), first);
        let mode = fs::metadata(folder.path().join(TOKENS)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "no draft is left");
    }

    #[test]
    fn a_damaged_secret_is_an_error_and_stays() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join(TOKENS);
        for damaged in ["", "abc", &"g".repeat(64), &"+f".repeat(32), &"é".repeat(32)] {
            fs::write(&file, damaged).unwrap();
            assert!(
                matches!(load(folder.path(), TOKENS), Err(SecretError::Damaged { .. })),
                "{damaged}"
            );
            assert_eq!(fs::read_to_string(&file).unwrap(), damaged);
        }
    }
}
