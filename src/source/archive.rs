//! Archives of files: tar and zip -> the articles of their members.
//!
//! An archive is read as a folder is: members whose extension tells no format are left out, and hidden ones, unless the user names the
//! format of all. A member's path is `archive.tar!/folder/name.jsonl`, and its records are numbered by themselves. Nothing is written, so
//! that a member's name is a label and no place: `../../etc/passwd` names nothing but itself. Members are read in the order in which the
//! archive has them. An archive in an archive is a reject.

use std::path::Path;

use super::discover::escaped;
use super::{Bytes, Format, Guarded, Options, Reader, Reason, Reject, open};
use crate::article::{Article, Place};

/// The most bytes of a member's name that are shown.
const NAME: usize = 4096;

/// The members of an archive, one after the other.
pub(super) trait Members: Send {
    /// Goes to the next member that is a file and gives its name; `None` at the end. After a fault there is nothing more. `place` is the
    /// archive's.
    fn advance(&mut self, place: &Place) -> Result<Option<Vec<u8>>, Reject>;

    /// The content of the member at hand, whose place is given.
    fn content(&mut self, place: &Place) -> Result<Bytes, Reject>;
}

/// A reader of all members.
pub(super) struct Archive {
    path: String,
    /// `None` at the end, and once reading has failed.
    members: Option<Box<dyn Members>>,
    /// The member at hand and its path.
    current: Option<Guarded>,
    label: String,
    /// Whether any member was read.
    any: bool,
}

impl Archive {
    pub(super) fn new(path: String, members: Box<dyn Members>) -> Self {
        Self { path, members: Some(members), current: None, label: String::new(), any: false }
    }

    /// Opens the next member that is wanted; `false` at the end.
    fn open(&mut self, options: &Options) -> Result<bool, Reject> {
        let place = Place { path: self.path.clone(), record: 0, offset: None };
        while let Some(members) = &mut self.members {
            let name = match members.advance(&place) {
                Ok(Some(name)) => name,
                Ok(None) => {
                    self.members = None;
                    break;
                }
                Err(reject) => {
                    // One fault is told, and not that nothing was found too.
                    (self.members, self.any) = (None, true);
                    return Err(reject);
                }
            };
            if !wanted(&name, options) {
                continue;
            }
            self.any = true;
            let name = name.strip_prefix(b"./").unwrap_or(&name);
            self.label = format!("{}!/{}", self.path, escaped(&name[..name.len().min(NAME)]));
            let place = Place { path: self.label.clone(), record: 0, offset: None };
            let stored = match &mut self.members {
                Some(members) => members.content(&place)?,
                None => break,
            };
            self.current = Some(Guarded::new(open::member(&self.label, stored, options)?));
            return Ok(true);
        }
        if self.any {
            return Ok(false);
        }
        self.any = true;
        let what = "the archive holds no articles: no member has an extension that tells its format; name it with --format";
        Err(Reject::new(place, Reason::NoArticle, what))
    }
}

impl Reader for Archive {
    fn next(&mut self, options: &Options) -> Option<Result<Article, Reject>> {
        loop {
            if let Some(record) = Guarded::next(&mut self.current, &self.label, options) {
                return Some(record);
            }
            match self.open(options) {
                Ok(true) => {}
                Ok(false) => return None,
                Err(reject) => return Some(Err(reject)),
            }
        }
    }
}

/// Whether a member of that name is read: neither hidden nor the shadow of a file that a Mac makes, and of a format that can be told.
fn wanted(name: &[u8], options: &Options) -> bool {
    let mut parts = name.split(|byte| *byte == b'/').filter(|part| *part != b"." && *part != b"..");
    let hidden = parts.any(|part| part.starts_with(b".") || part == b"__MACOSX");
    let forced = options.format.is_some_and(|format| !format.is_archive());
    !hidden && (forced || Format::of(Path::new(&escaped(name))).is_some())
}
