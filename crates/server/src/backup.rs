//! A copy of the database, the secrets and the files, made while the server runs.
//!
//! The database is copied first. So the copy may have files that its database does not know, which is
//! harmless, but lacks none that it knows. The result is a data folder to start a server with, which is
//! complete or not there.

use crate::composition;
use crate::error::BoxError;
use crate::settings::{MediaPlace, Settings, make_private_folder, media_folder};
use std::ffi::OsStr;
use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

/// Copies into a new folder. It is filled under another name, and renamed when it is complete.
pub(crate) async fn run(settings: &Settings, folder: &Path) -> Result<(), BoxError> {
    if folder.exists() {
        return Err(format!("{} is there already; name a new folder", folder.display()).into());
    }
    let mut draft = folder.as_os_str().to_owned();
    draft.push(".partial");
    let draft = PathBuf::from(draft);
    fs::create_dir(&draft).map_err(|error| at(&draft, &error))?;
    let made = fill(settings, &draft).await;
    let done = made.and_then(|told| {
        fs::rename(&draft, folder)?;
        Ok(told)
    });
    match done {
        Ok(told) => {
            tell(&format!("{}: {told}", folder.display()));
            Ok(())
        }
        Err(error) => {
            // The first error is what matters; if the draft cannot be removed, it only takes room.
            let _ = fs::remove_dir_all(&draft);
            Err(error)
        }
    }
}

async fn fill(settings: &Settings, draft: &Path) -> Result<String, BoxError> {
    keep_private(draft)?;
    let database = composition::backup(settings, draft).await?;
    let size = fs::metadata(&database)?.len();
    let name = database.file_name().unwrap_or_default().display().to_string();
    let secrets = copy_secrets(settings.data_dir()?, draft)?;
    let files = match settings.media.place()? {
        MediaPlace::Folder(named) => {
            let from = media_folder(named, settings.data_dir()?)?;
            format!("{} uploaded files", copy_files(&from, &draft.join("media"))?)
        }
        MediaPlace::Bucket { name, .. } => {
            format!("uploaded files are in the bucket {name}, which is not copied")
        }
    };
    Ok(format!("{name} ({size} bytes), {secrets} secrets, {files}"))
}

fn keep_private(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(folder, fs::Permissions::from_mode(0o700))
}

/// Copies the secrets, and returns how many there are.
fn copy_secrets(from: &Path, to: &Path) -> Result<usize, BoxError> {
    let mut copied = 0;
    for entry in fs::read_dir(from)? {
        let path = entry?.path();
        if path.extension() == Some(OsStr::new("key")) {
            copied += usize::from(copy(&path, to)?);
        }
    }
    Ok(copied)
}

/// Copies all files in a folder and its subfolders, and returns how many. Names with a `#` are skipped:
/// `object_store` gives them to files that are still being written.
fn copy_files(from: &Path, to: &Path) -> Result<usize, BoxError> {
    make_private_folder(to)?;
    let mut copied = 0;
    for entry in fs::read_dir(from).map_err(|error| at(from, &error))? {
        let entry = entry?;
        let (path, name) = (entry.path(), entry.file_name());
        if entry.file_type()?.is_dir() {
            copied += copy_files(&path, &to.join(name))?;
        } else if !name.as_encoded_bytes().contains(&b'#') {
            copied += usize::from(copy(&path, to)?);
        }
    }
    Ok(copied)
}

/// Copies a file into a folder. Returns false if it has been deleted meanwhile, which is no error.
fn copy(file: &Path, folder: &Path) -> Result<bool, BoxError> {
    let to = folder.join(file.file_name().unwrap_or_default());
    match fs::copy(file, &to) {
        Ok(_) => {
            fs::File::open(&to)?.sync_all()?;
            Ok(true)
        }
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(at(file, &error)),
    }
}

fn at(path: &Path, error: &io::Error) -> BoxError {
    format!("{}: {error}", path.display()).into()
}

#[expect(clippy::print_stdout, reason = "it is what was asked for")]
fn tell(line: &str) {
    println!("{line}");
}
