//! Keeping the server's files private from other users of the machine.

use rustix::fs::Mode;
use rustix::process::umask;
use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

/// The permissions of the group and of others.
const OTHERS: u32 = 0o077;

/// Sets the umask, so that from now on only the owner can access what this process and its children create.
pub(crate) fn begin() {
    umask(Mode::from_bits_truncate(OTHERS));
}

/// Removes other users' permissions on an existing file or folder. If that fails, because another user owns
/// it, the server logs it and goes on.
pub(crate) fn keep(path: &Path) {
    if let Err(error) = try_keep(path) {
        let path = path.display();
        tracing::warn!(%path, %error, "others on this machine may read this, and that cannot be changed");
    }
}

fn try_keep(path: &Path) -> io::Result<()> {
    let found = match fs::metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        found => found?,
    };
    let mode = found.permissions().mode() & 0o7777;
    if mode & OTHERS == 0 {
        return Ok(());
    }
    fs::set_permissions(path, fs::Permissions::from_mode(mode & !OTHERS))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_others_could_read_they_cannot_any_more() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        keep(&file);
        assert!(!file.exists(), "nothing is made");
        fs::write(&file, "text").unwrap();
        for (before, after) in [(0o644, 0o600), (0o664, 0o600), (0o400, 0o400), (0o755, 0o700)] {
            fs::set_permissions(&file, fs::Permissions::from_mode(before)).unwrap();
            keep(&file);
            let mode = fs::metadata(&file).unwrap().permissions().mode() & 0o7777;
            assert_eq!(mode, after, "{before:o}");
        }
    }
}
