//! Near copies: bodies that share most of their shingles, told by `MinHash` and banding.
//!
//! A body is the set of its *shingles*, runs of three words without case and punctuation. Of 128 hash functions each keeps its least
//! value over the set; two sets agree in one of them with the probability of their Jaccard similarity (Broder 1997, "On the
//! resemblance and containment of documents"). The low eight bits of each are kept, which agree by chance once in 256 (Li and König
//! 2010, "b-bit minwise hashing"): a *signature* of 128 bytes. It is cut into *bands*; articles that agree in a whole band are
//! candidates (Leskovec, Rajaraman and Ullman, "Mining of massive datasets", chapter 3), and a candidate that agrees in enough of the
//! signature is the original.
//!
//! A band's value leads to the first article with it and to no other. So a body has no more candidates than bands, whatever the archive holds, and
//! thousands of reports from one template, or hostile ones, do not slow a run down. What this hides is slight: the bands that such a
//! family shares are taken by its first member, and the bands that tell its members apart are free.
//!
//! No library does this within the memory that an archive of millions leaves: ARCHITECTURE.md says which were weighed.

use hashbrown::HashTable;
use twox_hash::XxHash3_64;

use super::super::record::folded;

/// The words of a shingle. On worldwide newswire unrelated articles share less with each more word, and a copy of which one word in
/// 25 is another falls from 0.79 (three words) to 0.67 (five); at three, no two reports of their own come above 0.2.
const WORDS: usize = 3;
/// The least words of a body that is compared by its shingles: a change in fewer leaves nothing to compare.
const LEAST: usize = 2 * WORDS;
/// The hash functions, and the bytes of a signature.
const HASHES: usize = 128;
/// The odds that two low bytes agree by chance.
const CHANCE: f32 = 1.0 / 256.0;

/// The low byte of the least value of each hash function.
type Signature = [u8; HASHES];

/// The hash functions: each multiplies a hash of 32 bits by an odd number, behind an exclusive or; so each is a permutation.
static FUNCTIONS: [(u32, u32); HASHES] = functions();

/// The signatures of first articles.
pub(super) struct Near {
    /// How many bytes of two signatures agree at the threshold.
    enough: usize,
    /// The bytes of a band.
    rows: usize,
    signatures: Vec<Signature>,
    /// By the value of each band, the first article with it.
    bands: Vec<HashTable<u32>>,
    /// By their whole signatures, the articles that were first in no band.
    hidden: HashTable<u32>,
}

impl Near {
    /// None yet. At 0.8, 16 bands of 8 make candidates of 95 % of the pairs at the threshold and of 99.99 % at 0.9; below it,
    /// 32 bands of 4 do so of 99 % at 0.6 and of 56 % at 0.4.
    pub(super) fn new(threshold: f32) -> Self {
        let enough = ((threshold * (1.0 - CHANCE) + CHANCE) * HASHES as f32).ceil();
        let rows = if threshold < 0.8 { 4 } else { 8 };
        let bands = (0..HASHES / rows).map(|_| HashTable::new()).collect();
        let enough = (enough as usize).clamp(1, HASHES);
        Self { enough, rows, signatures: Vec::new(), bands, hidden: HashTable::new() }
    }

    /// The number of the first article that is much like this body; `next`, the number of this one, where there is none.
    pub(super) fn first(&mut self, body: &str, next: u32) -> u32 {
        let signature = signature(body);
        let mut first = next;
        let mut free = [false; HASHES];
        for (place, (band, table)) in signature.chunks(self.rows).zip(&self.bands).enumerate() {
            let holder = table.find(hash(band), |number| self.band(*number, place) == band);
            match holder {
                Some(holder) if *holder < first && self.is_like(*holder, &signature) => first = *holder,
                Some(_) => {}
                None => free[place] = true,
            }
        }
        if let Some(hidden) = self.hidden.find(hash(&signature), |number| *self.signature(*number) == signature) {
            first = first.min(*hidden);
        }
        if first == next {
            self.remember(signature, next, &free);
        }
        first
    }

    /// Adds an article, which becomes the first one in the bands that are `free`.
    fn remember(&mut self, signature: Signature, next: u32, free: &[bool; HASHES]) {
        let rows = self.rows;
        self.signatures.push(signature);
        let signatures = &self.signatures;
        let of = |number: &u32| signatures.get(*number as usize).unwrap_or(&[0; HASHES]);
        let places = signature.chunks(rows).zip(&mut self.bands).zip(free).enumerate();
        for (place, ((band, table), _)) in places.filter(|(_, (_, free))| **free) {
            table.insert_unique(hash(band), next, |number| hash(&of(number)[place * rows..][..rows]));
        }
        if free.iter().all(|free| !free) {
            self.hidden.insert_unique(hash(&signature), next, |number| hash(of(number)));
        }
    }

    fn signature(&self, number: u32) -> &Signature {
        self.signatures.get(number as usize).unwrap_or(&[0; HASHES])
    }

    fn band(&self, number: u32, place: usize) -> &[u8] {
        &self.signature(number)[place * self.rows..][..self.rows]
    }

    fn is_like(&self, number: u32, signature: &Signature) -> bool {
        agreement(self.signature(number), signature) >= self.enough
    }
}

/// How many bytes of two signatures agree.
fn agreement(one: &Signature, other: &Signature) -> usize {
    one.iter().zip(other).map(|(one, other)| usize::from(one == other)).sum()
}

/// The signature of a body; of a short one, that of its only shingle, the body but for white space.
fn signature(body: &str) -> Signature {
    let mut least = [u32::MAX; HASHES];
    let mut add = |shingle: &str| {
        let hash = hash(shingle.as_bytes()) as u32;
        for (least, (multiplier, mask)) in least.iter_mut().zip(&FUNCTIONS) {
            *least = (*least).min((hash ^ mask).wrapping_mul(*multiplier));
        }
    };
    let words = Words::of(body);
    if words.ends.len() < LEAST {
        add(&folded(body));
    } else {
        words.shingles().for_each(add);
    }
    least.map(|value| value as u8)
}

/// The words of a text without case and punctuation, a space behind each.
struct Words {
    text: String,
    /// Where each word ends.
    ends: Vec<usize>,
}

impl Words {
    fn of(body: &str) -> Self {
        let mut words = Self { text: String::with_capacity(body.len() + 1), ends: Vec::with_capacity(body.len() / 5) };
        for c in body.chars() {
            if c.is_ascii_alphanumeric() {
                words.text.push(c.to_ascii_lowercase());
            } else if c.is_ascii() || !c.is_alphanumeric() {
                words.end();
            } else if is_word(c) {
                words.end();
                words.text.push(c);
                words.end();
            } else {
                words.text.extend(c.to_lowercase());
            }
        }
        words.end();
        words
    }

    /// Ends the word at hand, if there is one.
    fn end(&mut self) {
        if !self.text.is_empty() && !self.text.ends_with(' ') {
            self.ends.push(self.text.len());
            self.text.push(' ');
        }
    }

    fn shingles(&self) -> impl Iterator<Item = &str> {
        let starts = std::iter::once(0).chain(self.ends.iter().map(|end| end + 1));
        starts.zip(self.ends.iter().skip(WORDS - 1)).filter_map(|(start, end)| self.text.get(start..*end))
    }
}

/// Whether a character is a word of its own: ideographs and kana, which are written without spaces.
const fn is_word(c: char) -> bool {
    matches!(c, '\u{2e80}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

fn hash(bytes: &[u8]) -> u64 {
    XxHash3_64::oneshot(bytes)
}

/// Numbers that look random and never change (`SplitMix64`; Steele, Lea and Flood 2014).
const fn functions() -> [(u32, u32); HASHES] {
    let mut out = [(0, 0); HASHES];
    let mut state: u64 = 0;
    let mut at = 0;
    while at < HASHES {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^= mixed >> 31;
        out[at] = (mixed as u32 | 1, (mixed >> 32) as u32);
        at += 1;
    }
    out
}
