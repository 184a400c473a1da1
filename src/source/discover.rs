//! Discovery: what the user named -> the list of files, in a fixed order.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use globset::{GlobBuilder, GlobMatcher};
use walkdir::WalkDir;

use super::Format;

/// The name of standard input.
pub(super) const STDIN: &str = "-";

/// One file to read, standard input, or bytes in memory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Input {
    /// The path as the user will see it, `-` for standard input: [`shown`].
    pub path: String,
    /// The size as it is stored; `None` where it cannot be known.
    pub bytes: Option<u64>,
    /// Where the bytes are.
    pub(super) origin: Origin,
}

/// Where the bytes of an input are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    Stdin,
    File(PathBuf),
    Memory(bytes::Bytes),
}

impl Input {
    /// Standard input.
    pub fn stdin() -> Self {
        Self { path: STDIN.to_owned(), bytes: None, origin: Origin::Stdin }
    }

    /// A file. That it is there is found out when it is opened.
    pub fn file(path: PathBuf) -> Self {
        let bytes = std::fs::metadata(&path).ok().filter(std::fs::Metadata::is_file).map(|data| data.len());
        Self { path: shown(&path), bytes, origin: Origin::File(path) }
    }

    /// Bytes that lie in memory, under a name that may tell their format.
    pub fn memory(name: &str, bytes: impl Into<bytes::Bytes>) -> Self {
        let bytes = bytes.into();
        Self { path: name.to_owned(), bytes: Some(bytes.len() as u64), origin: Origin::Memory(bytes) }
    }

    /// What tells whether it is the same as in an earlier run: path, size and time of the last change.
    pub fn stamp(&self) -> String {
        let changed = match &self.origin {
            Origin::File(path) => std::fs::metadata(path).and_then(|data| data.modified()).ok(),
            Origin::Stdin | Origin::Memory(_) => None,
        };
        let changed = changed.and_then(|time| time.duration_since(SystemTime::UNIX_EPOCH).ok());
        format!("{}\t{:?}\t{:?}", self.path, self.bytes, changed)
    }

    /// The path of its file; `None` where it is none.
    pub fn file_path(&self) -> Option<&Path> {
        match &self.origin {
            Origin::File(path) => Some(path),
            Origin::Stdin | Origin::Memory(_) => None,
        }
    }

    /// Whether this is standard input.
    pub fn is_stdin(&self) -> bool {
        self.origin == Origin::Stdin
    }
}

/// A path of the bytes that name it.
pub fn path_of(bytes: &[u8]) -> PathBuf {
    #[cfg(unix)]
    return <std::ffi::OsStr as std::os::unix::ffi::OsStrExt>::from_bytes(bytes).into();
    #[cfg(not(unix))]
    return String::from_utf8_lossy(bytes).into_owned().into();
}

/// A path in UTF-8: bytes that are none, and control characters, stand as `\xE9`, so that two names never look alike and none can
/// write on a terminal.
pub fn shown(path: &Path) -> String {
    escaped(path.as_os_str().as_encoded_bytes())
}

/// The same of the bytes of a name.
pub(super) fn escaped(name: &[u8]) -> String {
    // Writing to a String cannot fail.
    name.utf8_chunks().fold(String::new(), |mut text, piece| {
        for character in piece.valid().chars() {
            match character {
                control if control.is_ascii_control() => _ = write!(text, "\\x{:02X}", u32::from(control)),
                control if control.is_control() => _ = write!(text, "\\u{{{:X}}}", u32::from(control)),
                other => text.push(other),
            }
        }
        for byte in piece.invalid() {
            _ = write!(text, "\\x{byte:02X}");
        }
        text
    })
}

/// Why there is nothing to read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SourceError {
    /// A path that is not there.
    #[error("there is no file or folder {path}: check the spelling; quote a glob so that the shell leaves it alone")]
    Missing {
        /// What was named.
        path: String,
    },
    /// A folder or glob without a file that can be read.
    #[error("{path} holds no articles: looked for .{}, each also {}", extensions(), super::COMPRESSED.join(", "))]
    Empty {
        /// What was named.
        path: String,
    },
    /// A glob that cannot be read.
    #[error("the glob {path} is not valid")]
    Glob {
        /// What was named.
        path: String,
        /// Why.
        #[source]
        cause: globset::Error,
    },
}

/// All extensions that are looked for.
fn extensions() -> String {
    Format::NAMES.iter().flat_map(|(.., known)| *known).copied().collect::<Vec<_>>().join(", .")
}

/// The files behind the names: folders are walked (hidden files and other extensions left out), globs matched, each in the
/// order of the paths; `-` is standard input. `leave_out` are files of our own making, which a folder may hold.
pub fn discover<P: AsRef<Path>>(names: &[P], leave_out: &[PathBuf]) -> Result<Vec<Input>, SourceError> {
    let own: Vec<PathBuf> = leave_out.iter().filter_map(|path| path.canonicalize().ok()).collect();
    let mut inputs = Vec::new();
    for name in names {
        let path = name.as_ref();
        let name = shown(path);
        if name == STDIN {
            inputs.push(Input::stdin());
            continue;
        }
        if path.is_file() || (path.exists() && !path.is_dir()) {
            inputs.push(Input::file(path.to_owned()));
            continue;
        }
        let found = if path.is_dir() {
            walk(path, &own, |file| Format::of(file).is_some())
        } else if name.contains(['*', '?', '[', '{']) {
            let glob = glob(&path.to_string_lossy())?;
            walk(root(path), &own, |file| glob.is_match(file.strip_prefix(".").unwrap_or(file)))
        } else {
            return Err(SourceError::Missing { path: name });
        };
        if found.is_empty() {
            return Err(SourceError::Empty { path: name });
        }
        inputs.extend(found);
    }
    Ok(inputs)
}

fn glob(name: &str) -> Result<GlobMatcher, SourceError> {
    // A single star stays within one folder, as in a shell.
    let glob = GlobBuilder::new(name.strip_prefix("./").unwrap_or(name)).literal_separator(true).build();
    glob.map(|glob| glob.compile_matcher()).map_err(|cause| SourceError::Glob { path: name.to_owned(), cause })
}

/// The deepest folder of a glob that has no wildcard in it.
fn root(pattern: &Path) -> &Path {
    let plain = |path: &&Path| !path.to_string_lossy().contains(['*', '?', '[', '{']);
    pattern.ancestors().find(plain).filter(|path| !path.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn walk(root: &Path, own: &[PathBuf], wanted: impl Fn(&Path) -> bool) -> Vec<Input> {
    let hidden = |entry: &walkdir::DirEntry| entry.depth() > 0 && entry.file_name().to_string_lossy().starts_with('.');
    let ours = |path: &Path| !own.is_empty() && path.canonicalize().is_ok_and(|path| own.contains(&path));
    WalkDir::new(root)
        .follow_links(true)
        .sort_by_file_name()
        .into_iter()
        .filter_entry(|entry| !hidden(entry))
        .filter_map(|entry| match entry {
            // Pipes and devices could make the run wait for ever; who wants one names it.
            Ok(entry) => Some(entry).filter(|entry| entry.file_type().is_file()).map(walkdir::DirEntry::into_path),
            // A link back to a folder above: all in it is read already.
            Err(error) if error.loop_ancestor().is_some() => None,
            // Kept, so that the reader fails on it and says why: a folder that may not be entered, a link to nothing.
            Err(error) => error.path().map(Path::to_path_buf),
        })
        .filter(|path| (path.is_dir() || wanted(path)) && !ours(path))
        .map(Input::file)
        .collect()
}
