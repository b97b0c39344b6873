//! Checking whether a JPEG is complete: the decoder silently fills missing parts with grey.

/// Whether the picture has an end marker. What follows it does not matter.
pub(super) fn is_whole(bytes: &[u8]) -> bool {
    end(bytes).is_some()
}

/// Walks from marker to marker. A segment contains its length; the data after a scan's header extend to the
/// next marker that does not belong to them.
fn end(bytes: &[u8]) -> Option<usize> {
    const START: u8 = 0xd8;
    const END: u8 = 0xd9;
    const SCAN: u8 = 0xda;
    let mut at = 0;
    loop {
        if *bytes.get(at)? != 0xff {
            return None;
        }
        let marker = *bytes.get(at + 1)?;
        at += 2;
        match marker {
            END => return Some(at),
            // A fill byte before the marker.
            0xff => at -= 1,
            START | 0x01 | 0xd0..=0xd7 => {}
            _ => {
                let length = bytes.get(at..at + 2)?;
                at += usize::from(u16::from_be_bytes([length[0], length[1]]));
                if marker == SCAN {
                    at += next_marker(bytes.get(at..)?)?;
                }
            }
        }
    }
}

fn next_marker(data: &[u8]) -> Option<usize> {
    let is_marker = |pair: &[u8]| pair[0] == 0xff && !matches!(pair[1], 0 | 0xd0..=0xd7 | 0xff);
    data.windows(2).position(is_marker)
}

#[cfg(test)]
mod tests {
    use super::is_whole;

    #[test]
    fn a_jpeg_is_whole_when_it_reaches_its_end() {
        let head = b"\xff\xd8\xff\xe1\x00\x06\xff\xd9ab\xff\xda\x00\x02".as_slice();
        let whole = [head, b"data\xff\x00more\xff\xd0x\xff\xff\xd9"].concat();
        assert!(is_whole(&whole));
        assert!(is_whole(&[&whole[..], b"<html>"].concat()));
        for length in 0..whole.len() {
            assert!(!is_whole(&whole[..length]), "cut at {length}");
        }
    }
}
