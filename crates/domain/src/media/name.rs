//! Names of files.

use super::ImageFormat;
use crate::limits;
use crate::text;
use std::fmt;

/// A file's name: 1 to [`limits::FILE_NAME_CHARS`] visible characters, without a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileName(String);

impl FileName {
    /// A name from what a client sent: without folders and invisible characters, cut to the limit, and `file`
    /// if nothing is left of it. It is never refused, because people do not choose how their camera names a
    /// file.
    pub fn new(said: &str) -> Self {
        let last = said.rsplit(['/', '\\']).next().unwrap_or_default();
        let name = text::visible_part(last, limits::FILE_NAME_CHARS);
        let blank = name.chars().all(|c| c == '.' || c == ' ');
        Self(if blank { "file".to_owned() } else { name })
    }

    /// For adapters: a name that was made before.
    pub fn stored(name: String) -> Self {
        Self(name)
    }

    /// The name with an ending that fits the picture's format. Other programs decide by the ending what a
    /// file is, and the format may have changed when the picture was re-encoded.
    #[must_use]
    pub fn for_picture(self, format: ImageFormat) -> Self {
        let ending = |e: &&str| {
            let at = self.0.len().checked_sub(e.len());
            at.and_then(|at| self.0.get(at..)).is_some_and(|end| end.eq_ignore_ascii_case(e))
        };
        if format.endings().iter().any(ending) {
            return self;
        }
        let fitting = format.endings()[0];
        let kept = limits::FILE_NAME_CHARS - fitting.len();
        Self(self.0.chars().take(kept).chain(fitting.chars()).collect())
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for FileName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_harmless_whatever_was_said() {
        for (said, name) in [
            ("photo.png", "photo.png"),
            ("../../etc/passwd", "passwd"),
            ("C:\\Users\\x\\a.txt", "a.txt"),
            ("a\u{202e}gpj.exe", "agpj.exe"),
            ("a\r\nSet-Cookie: x", "aSet-Cookie: x"),
            ("  ", "file"),
            ("..", "file"),
            ("", "file"),
            ("фото 名前.jpg", "фото 名前.jpg"),
        ] {
            assert_eq!(FileName::new(said).as_str(), name, "{said:?}");
        }
        assert_eq!(FileName::new(&"ü".repeat(500)).as_str().chars().count(), 200);
    }

    #[test]
    fn a_picture_ends_as_what_it_is() {
        let named = |said: &str, format| FileName::new(said).for_picture(format).0;
        assert_eq!(named("a.PNG", ImageFormat::Png), "a.PNG");
        assert_eq!(named("a.jpeg", ImageFormat::Jpeg), "a.jpeg");
        assert_eq!(named("a.html", ImageFormat::Gif), "a.html.gif");
        assert_eq!(named("ü", ImageFormat::WebP), "ü.webp");
        assert_eq!(named(&"x".repeat(200), ImageFormat::Png).chars().count(), 200);
    }
}
