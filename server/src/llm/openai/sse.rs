//! Server-sent events, as far as chat completions use them: `data:` lines, whatever the chunks they come in
//! (WHATWG HTML, "Server-sent events").

/// Longest line; a token with all its fields is a few hundred bytes.
const LINE_MAX_BYTES: usize = 64 * 1024;

/// A line is longer than any sane one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TooLong;

/// Collects chunks and gives out whole `data:` fields.
#[derive(Default)]
pub(super) struct Sse {
    line: Vec<u8>,
}

impl Sse {
    /// Takes a chunk; `each` gets every `data:` field that it completes.
    pub(super) fn push(&mut self, chunk: &[u8], mut each: impl FnMut(&str)) -> Result<(), TooLong> {
        for part in chunk.split_inclusive(|byte| *byte == b'\n') {
            self.line.extend_from_slice(part);
            if self.line.last() == Some(&b'\n') {
                self.flush(&mut each);
            } else if self.line.len() > LINE_MAX_BYTES {
                return Err(TooLong);
            }
        }
        Ok(())
    }

    /// The stream has ended; a last line may lack its end.
    pub(super) fn finish(mut self, mut each: impl FnMut(&str)) {
        self.flush(&mut each);
    }

    fn flush(&mut self, each: &mut impl FnMut(&str)) {
        let line = std::mem::take(&mut self.line);
        if let Ok(text) = std::str::from_utf8(&line)
            && let Some(data) = text.trim_end_matches(['\r', '\n']).strip_prefix("data:")
        {
            each(data.trim());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn all(chunks: &[&[u8]]) -> Vec<String> {
        let (mut sse, mut found) = (Sse::default(), Vec::new());
        for chunk in chunks {
            sse.push(chunk, |data| found.push(data.to_owned())).unwrap();
        }
        sse.finish(|data| found.push(data.to_owned()));
        found
    }

    #[test]
    fn data_lines_are_found_and_the_rest_is_passed_over() {
        let text = b": hello\r\nevent: x\r\ndata: {\"a\": 1}\r\n\r\ndata:[DONE]\n\nid: 5\ndata: last";
        assert_eq!(all(&[text]), ["{\"a\": 1}", "[DONE]", "last"]);
        assert_eq!(all(&[b"data: \xff\xfe\ndata: ok\n"]), ["ok"]);
    }

    #[test]
    fn a_line_without_end_is_refused() {
        let mut sse = Sse::default();
        let refused = (0..100).any(|_| sse.push(&[b'x'; 1_000], |_| {}) == Err(TooLong));
        assert!(refused && sse.line.len() <= LINE_MAX_BYTES + 1_000);
    }

    proptest! {
        #[test]
        fn chunks_may_break_anywhere(cut in 0usize..60) {
            let text = "data: {\"ä\": \"€\"}\n\ndata: {\"b\": 2}\r\n\r\ndata: [DONE]\n\n".as_bytes();
            let (a, b) = text.split_at(cut.min(text.len()));
            prop_assert_eq!(all(&[a, b]), all(&[text]));
        }
    }
}
