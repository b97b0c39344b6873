//! The file name in a part of a multipart form.

use actix_multipart::Field;
use actix_web::http::header::CONTENT_DISPOSITION;

/// The name as the client wrote it, perhaps with folders; empty if there is none. The domain cleans it.
pub(crate) fn of(part: &Field) -> String {
    let extended = part.content_disposition().and_then(|d| d.get_filename_ext());
    let extended = extended.and_then(|name| String::from_utf8(name.value.clone()).ok());
    let said = part.headers().get(CONTENT_DISPOSITION);
    let plain = || said.and_then(|said| find(&String::from_utf8_lossy(said.as_bytes())));
    extended.or_else(plain).unwrap_or_default()
}

/// The `filename` of a `Content-Disposition`. It is parsed here because actix takes every backslash for the
/// beginning of an escape, while browsers send backslashes of a name as they are, and escape only quotation
/// marks.
fn find(disposition: &str) -> Option<String> {
    let mut rest = disposition;
    loop {
        let (parameter, value) = rest.split_once(';')?.1.split_once('=')?;
        let (text, after) = match value.trim_start().strip_prefix('"') {
            Some(quoted) => {
                let mut marks = quoted.match_indices('"').map(|(at, _)| at);
                let end = marks.find(|at| !quoted[..*at].ends_with('\\')).unwrap_or(quoted.len());
                (quoted[..end].replace("\\\"", "\""), &quoted[end..])
            }
            None => {
                let end = value.find(';').unwrap_or(value.len());
                (value[..end].trim().to_owned(), &value[end..])
            }
        };
        if parameter.trim().eq_ignore_ascii_case("filename") {
            return Some(text);
        }
        rest = after;
    }
}

#[cfg(test)]
mod tests {
    use super::find;

    #[test]
    fn a_name_is_what_the_browser_wrote() {
        for (disposition, name) in [
            (r#"form-data; name="file"; filename="photo.txt""#, "photo.txt"),
            (r#"form-data; filename="C:\fakepath\photo.txt""#, r"C:\fakepath\photo.txt"),
            (r#"form-data; filename="a\b.txt"; name="file""#, r"a\b.txt"),
            (r#"form-data; name="a; filename=b"; FileName="c;d=e.txt""#, "c;d=e.txt"),
            (r#"form-data; filename="say \"hi\".txt""#, r#"say "hi".txt"#),
            ("form-data; filename=plain.txt; x=y", "plain.txt"),
            (r#"form-data; filename="open"#, "open"),
            (r#"form-data; filename="""#, ""),
            (r#"form-data; filename="фото.jpg""#, "фото.jpg"),
        ] {
            assert_eq!(find(disposition).as_deref(), Some(name), "{disposition}");
        }
        for none in ["", "form-data", r#"form-data; name="filename=a""#, "form-data; filename"] {
            assert_eq!(find(none), None, "{none}");
        }
    }
}
