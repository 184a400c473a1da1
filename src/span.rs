//! Places in one text: half-open byte ranges, and their conversion to code points at the edge.

/// A half-open byte range inside one article body.
///
/// `start` and `end` count bytes from the start of the body and lie on character boundaries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// The first byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

impl Span {
    /// The span from `start` up to, not including, `end`.
    pub const fn new(start: usize, end: usize) -> Self {
        Self { start, end }
    }

    /// The length in bytes.
    pub const fn len(self) -> usize {
        self.end.saturating_sub(self.start)
    }

    /// Whether the span holds nothing.
    pub const fn is_empty(self) -> bool {
        self.end <= self.start
    }

    /// The text under the span; empty where the span does not fit `body`.
    pub fn slice(self, body: &str) -> &str {
        body.get(self.start..self.end).unwrap_or_default()
    }

    /// Whether `other` lies inside this span.
    pub const fn contains(self, other: Self) -> bool {
        self.start <= other.start && other.end <= self.end
    }

    /// Whether the two spans share at least one byte; touching spans do not.
    pub const fn overlaps(self, other: Self) -> bool {
        self.start < other.end && other.start < self.end
    }
}

/// A table that turns byte places of one text into code-point places and back.
///
/// It remembers one code-point count every 256 bytes, so a lookup walks at most 256 bytes and the table takes
/// 3 % of the text.
pub struct CodePoints<'a> {
    text: &'a str,
    /// `counts[i]`: how many characters start before byte `i * STEP`.
    counts: Vec<usize>,
}

const STEP: usize = 256;

impl<'a> CodePoints<'a> {
    /// The span of some code points; `None` where it is empty or does not fit the text.
    pub fn span(&self, [start, end]: [usize; 2]) -> Option<Span> {
        (start < end && end <= self.total()).then(|| Span::new(self.byte(start), self.byte(end)))
    }

    /// The table of `text`, made in one walk.
    pub fn new(text: &'a str) -> Self {
        let counts = std::iter::once(0)
            .chain(text.as_bytes().chunks(STEP).scan(0, |sum, chunk| {
                *sum += chunk.iter().filter(|byte| starts_character(**byte)).count();
                Some(*sum)
            }))
            .collect();
        Self { text, counts }
    }

    /// How many code points stand before the byte `byte`.
    pub fn at(&self, byte: usize) -> usize {
        let byte = byte.min(self.text.len());
        let step = byte / STEP;
        let rest = &self.text.as_bytes()[step * STEP..byte];
        self.counts[step] + rest.iter().filter(|byte| starts_character(**byte)).count()
    }

    /// How many code points the text has.
    pub fn total(&self) -> usize {
        self.counts.last().copied().unwrap_or(0)
    }

    /// The byte at which the code point number `place` starts; the text's length past its end.
    pub fn byte(&self, place: usize) -> usize {
        let step = self.counts.partition_point(|count| *count <= place).saturating_sub(1);
        let mut count = self.counts[step];
        for (at, byte) in self.text.bytes().enumerate().skip(step * STEP) {
            if starts_character(byte) {
                if count == place {
                    return at;
                }
                count += 1;
            }
        }
        self.text.len()
    }
}

/// Whether a byte of UTF-8 begins a character.
const fn starts_character(byte: u8) -> bool {
    byte & 0b1100_0000 != 0b1000_0000
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_points_go_there_and_back() {
        let text = "Żółw — 🐢 and “quotes” ".repeat(40);
        let table = CodePoints::new(&text);
        for (place, (byte, _)) in text.char_indices().enumerate() {
            assert_eq!(table.at(byte), place);
            assert_eq!(table.byte(place), byte);
        }
        assert_eq!(table.at(text.len()), text.chars().count());
        assert_eq!(table.byte(table.total()), text.len());
    }

    #[test]
    fn touching_spans_do_not_overlap() {
        assert!(!Span::new(0, 3).overlaps(Span::new(3, 5)));
        assert!(Span::new(0, 4).overlaps(Span::new(3, 5)));
    }
}
