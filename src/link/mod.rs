//! Linking across an archive: keys of single articles -> keys of the archive. A room beside the line: it reads annotations back.
//!
//! An article that says "FDA" alone has the key `org:fda`; another spells it out. The first pass over the archive collects the names
//! that one entity bears in one article ([`Names::see`]); from them follow aliases ([`Names::aliases`]); the second pass writes each
//! line anew with its keys, and nothing else, changed ([`Aliases::rewrite`]). Both see one line at a time.

mod aliases;
mod names;

pub use aliases::Aliases;
pub use names::Names;

#[cfg(test)]
mod tests;
