//! Exact copies: the same body but for white space, told by a digest.
//!
//! White space is folded, since archives wrap lines, end them and set paragraphs apart each in its own way. The digest is the first
//! half of SHA-256: it is here already, takes some microseconds, and nobody knows how to make two texts that share it.

use hashbrown::HashTable;
use sha2::{Digest as _, Sha256};

use super::super::record::folded;

/// 128 bits: among a billion articles, two share a digest by chance once in 10²⁰ runs.
type Digest = [u8; 16];

/// The digests of first articles.
#[derive(Default)]
pub(super) struct Exact {
    digests: Vec<Digest>,
    /// Numbers of digests, which are a quarter of their size: a table has up to twice as many places as it has entries.
    table: HashTable<u32>,
}

impl Exact {
    /// The number of the first article with this body; `next`, the number of this one, where there is none.
    pub(super) fn first(&mut self, body: &str, next: u32) -> u32 {
        let digest = digest(&folded(body));
        let Self { digests, table } = self;
        if let Some(first) = table.find(hash(&digest), |number| digests.get(*number as usize) == Some(&digest)) {
            return *first;
        }
        digests.push(digest);
        table.insert_unique(hash(&digest), next, |number| digests.get(*number as usize).map_or(0, hash));
        next
    }
}

fn digest(text: &str) -> Digest {
    let whole: [u8; 32] = Sha256::digest(text).into();
    let (half, _) = whole.split_at(16);
    half.try_into().unwrap_or_default()
}

/// The place of a digest in the table: its own bits are as good as any.
fn hash(digest: &Digest) -> u64 {
    u128::from_le_bytes(*digest) as u64
}
