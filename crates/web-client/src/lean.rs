//! Scripts and styles without their comments, for pages that are loaded: a quarter of the bytes.

/// Leaves out comments that have lines of their own, and the indentation; each line stays in its
/// place, so that a browser's complaint names the line that the file in the tree has.
pub(crate) fn lean(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut inside = false;
    for line in text.lines().map(str::trim) {
        let opens = !inside && line.starts_with("/*");
        // What follows an end is code, such as the value that a type is written before.
        let ends = (inside || opens).then(|| line.find("*/")).flatten();
        let is_comment = match ends {
            Some(at) => at + 2 == line.len(),
            None => inside || opens || line.starts_with("//"),
        };
        inside = (inside || opens) && ends.is_none();
        if !is_comment {
            kept.push_str(line);
        }
        kept.push('\n');
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::lean;
    use crate::FILES;

    #[test]
    fn comments_go_and_lines_stay() {
        let text = "/** One.\n * Two.\n */\nlet a = 'http://x'; // stays\n  // Goes.\n  /** @type {A} */ (a).b();\n/** Goes. */\n/* a */ b /* c */\n";
        let left = "\n\n\nlet a = 'http://x'; // stays\n\n/** @type {A} */ (a).b();\n\n/* a */ b /* c */\n";
        assert_eq!(lean(text), left);
    }

    /// A text over several lines could have one that looks like a comment, and would lose its
    /// indentation.
    #[test]
    fn no_script_has_a_text_over_several_lines() {
        for (path, bytes) in FILES.iter().filter(|(path, _)| path.ends_with(".js")) {
            for line in lean(&String::from_utf8_lossy(bytes)).lines() {
                assert!(
                    line.matches('`').count() % 2 == 0 && !line.ends_with('\\'),
                    "{path}: {line}"
                );
            }
        }
    }
}
