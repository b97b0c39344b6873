//! Recognising the format of files: pictures by their first bytes, never by what a client says.

/// The MIME type of a file of unknown type.
pub const OCTET_STREAM: &str = "application/octet-stream";

/// Types that are passed on as declared, because browsers do nothing harmful with them. The files are still
/// served as downloads.
const HARMLESS: [&str; 14] = [
    "application/gzip",
    "application/json",
    "application/pdf",
    "application/zip",
    "audio/flac",
    "audio/mp4",
    "audio/mpeg",
    "audio/ogg",
    "audio/wav",
    "audio/webm",
    "text/csv",
    "text/plain",
    "video/mp4",
    "video/webm",
];

/// The formats of pictures that are decoded. Every other file, including SVG, is a plain file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImageFormat {
    /// JPEG.
    Jpeg,
    /// PNG.
    Png,
    /// GIF.
    Gif,
    /// WebP.
    WebP,
}

impl ImageFormat {
    const ALL: [Self; 4] = [Self::Jpeg, Self::Png, Self::Gif, Self::WebP];
    /// How many of the first bytes [`Self::of`] needs.
    pub const HEAD: usize = 12;

    /// The format of a file with these first bytes.
    pub fn of(head: &[u8]) -> Option<Self> {
        let webp = head.starts_with(b"RIFF") && head.get(8..12) == Some(b"WEBP");
        if head.starts_with(b"\xff\xd8\xff") {
            Some(Self::Jpeg)
        } else if head.starts_with(b"\x89PNG\r\n\x1a\n") {
            Some(Self::Png)
        } else if head.starts_with(b"GIF87a") || head.starts_with(b"GIF89a") {
            Some(Self::Gif)
        } else {
            webp.then_some(Self::WebP)
        }
    }

    /// Its MIME type.
    pub const fn mime(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::Gif => "image/gif",
            Self::WebP => "image/webp",
        }
    }

    /// The format with that MIME type.
    pub fn of_mime(mime: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.mime() == mime)
    }

    /// The endings of file names, the usual one first.
    pub const fn endings(self) -> &'static [&'static str] {
        match self {
            Self::Jpeg => &[".jpg", ".jpeg", ".jpe", ".jfif"],
            Self::Png => &[".png"],
            Self::Gif => &[".gif"],
            Self::WebP => &[".webp"],
        }
    }

    /// Whether a declared MIME type is one of these formats.
    pub(super) fn is_said(mime: &str) -> bool {
        let said = essence(mime);
        said == "image/jpg" || Self::of_mime(&said).is_some()
    }
}

/// The MIME type that a plain file is served with.
pub(super) fn plain(mime: &str) -> &'static str {
    let said = essence(mime);
    HARMLESS.into_iter().find(|harmless| *harmless == said).unwrap_or(OCTET_STREAM)
}

fn essence(mime: &str) -> String {
    mime.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_what_it_begins_with() {
        for (head, format) in [
            (b"\xff\xd8\xff\xe0".as_slice(), Some(ImageFormat::Jpeg)),
            (b"\x89PNG\r\n\x1a\n", Some(ImageFormat::Png)),
            (b"GIF89a<script>", Some(ImageFormat::Gif)),
            (b"RIFF\0\0\0\0WEBPVP8 ", Some(ImageFormat::WebP)),
            (b"RIFF\0\0\0\0WAVE", None),
            (b"RIFF", None),
            (b"<svg xmlns=", None),
            (b"BM", None),
            (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", None),
            (b"\0\0\0\x1cftypavif\0\0\0\0avifmif1", None),
            (b"", None),
        ] {
            assert_eq!(ImageFormat::of(head), format, "{head:?}");
        }
    }

    #[test]
    fn only_harmless_types_are_told_on() {
        assert_eq!(plain("Application/PDF"), "application/pdf");
        assert_eq!(plain("text/plain; charset=utf-8"), "text/plain");
        for said in ["text/html", "image/svg+xml", "image/png", "text/javascript", "", "x"] {
            assert_eq!(plain(said), OCTET_STREAM, "{said}");
        }
        assert!(ImageFormat::is_said("image/JPEG; q=1") && ImageFormat::is_said("image/jpg"));
        assert!(!ImageFormat::is_said("image/svg+xml") && !ImageFormat::is_said("image/heic"));
    }
}
