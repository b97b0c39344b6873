//! Code in a text: what is between backticks. Names there are not mentions.

use std::collections::{BTreeMap, VecDeque};
use std::ops::Range;

/// The spans of code in a text, backticks included, in order. As in Markdown, code begins with a run of
/// backticks and ends with the next run of the same length; a run without such an end is plain text.
pub(super) fn spans(chars: &[char]) -> Vec<Range<usize>> {
    let runs = runs(chars);
    // For each length the runs still ahead, so that finding an end takes constant time. Searching the text
    // again for each run would take quadratic time on a text of nothing but unmatched runs.
    let mut starts = BTreeMap::<usize, VecDeque<usize>>::new();
    for run in &runs {
        starts.entry(run.len()).or_default().push_back(run.start);
    }
    let (mut spans, mut end) = (Vec::<Range<usize>>::new(), 0);
    for run in runs {
        if run.start < end {
            continue;
        }
        let Some(alike) = starts.get_mut(&run.len()) else { continue };
        while alike.front().is_some_and(|start| *start <= run.start) {
            alike.pop_front();
        }
        if let Some(closing) = alike.pop_front() {
            end = closing + run.len();
            spans.push(run.start..end);
        }
    }
    spans
}

/// The runs of backticks.
fn runs(chars: &[char]) -> Vec<Range<usize>> {
    let mut runs = Vec::<Range<usize>>::new();
    for at in (0..chars.len()).filter(|at| chars[*at] == '`') {
        match runs.last_mut() {
            Some(run) if run.end == at => run.end += 1,
            _ => runs.push(at..at + 1),
        }
    }
    runs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_stands_between_as_many_backticks() {
        let code = |text: &str| -> Vec<String> {
            let chars: Vec<char> = text.chars().collect();
            spans(&chars).into_iter().map(|span| chars[span].iter().collect()).collect()
        };
        assert_eq!(code("a `b` c `d`"), ["`b`", "`d`"]);
        assert_eq!(code("```\nx `y\n``` `z`"), ["```\nx `y\n```", "`z`"]);
        assert_eq!(code("``a ` b`` c"), ["``a ` b``"]);
        assert_eq!(code("it`s ``one"), [""; 0]);
        assert_eq!(code("```a`b`"), ["`b`"]);
        assert_eq!(code(""), [""; 0]);
    }
}
