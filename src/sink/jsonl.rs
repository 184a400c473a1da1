//! The line sink: bytes to standard output, or to a file that appears under its name only when it is whole.

use std::fs::File;
use std::io::{BufWriter, ErrorKind, Stdout, Write};
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::GzEncoder;

use super::{SinkError, Target};

const BUFFER: usize = 1 << 20;
/// The level at which zstd gives about gzip's size in a tenth of its time.
const ZSTD_LEVEL: i32 = 3;

/// A writer of whole lines.
pub struct Lines {
    writer: Option<Writer>,
    partial: Option<Partial>,
    place: String,
}

/// The unfinished file and its final name. Taken away unless it is finished.
struct Partial {
    partial: PathBuf,
    path: PathBuf,
}

impl Drop for Partial {
    fn drop(&mut self) {
        // It is gone already where the run was finished; where it cannot be taken away there is nothing more to do.
        let _ = std::fs::remove_file(&self.partial);
    }
}

enum Writer {
    Stdout(BufWriter<Stdout>),
    Plain(BufWriter<File>),
    Gzip(BufWriter<GzEncoder<File>>),
    Zstd(BufWriter<zstd::stream::write::Encoder<'static, File>>),
}

impl Writer {
    fn as_write(&mut self) -> &mut dyn Write {
        match self {
            Self::Stdout(writer) => writer,
            Self::Plain(writer) => writer,
            Self::Gzip(writer) => writer,
            Self::Zstd(writer) => writer,
        }
    }

    /// Writes what is held back, ends the compression and waits for the disk.
    fn finish(self) -> std::io::Result<()> {
        let file = match self {
            Self::Stdout(mut writer) => return writer.flush(),
            Self::Plain(writer) => writer.into_inner()?,
            Self::Gzip(writer) => writer.into_inner()?.finish()?,
            Self::Zstd(writer) => writer.into_inner()?.finish()?,
        };
        // Devices and pipes know no waiting for the disk.
        if file.metadata()?.is_file() { file.sync_all() } else { Ok(()) }
    }
}

impl Lines {
    /// Opens a target. A file is begun under a temporary name beside its own.
    pub fn open(target: &Target) -> Result<Self, SinkError> {
        let Target::File(path) = target else {
            let writer = Writer::Stdout(BufWriter::with_capacity(BUFFER, std::io::stdout()));
            return Ok(Self { writer: Some(writer), partial: None, place: "standard output".to_owned() });
        };
        if path.is_dir() {
            return Err(SinkError::Folder { path: path.clone() });
        }
        let create = |cause| SinkError::Create { path: path.clone(), cause };
        // A device or a pipe is written to as it is; a file of a temporary name must never take its place.
        let special = path.metadata().is_ok_and(|data| !data.is_file());
        let guard = (!special).then(|| Partial { partial: temporary(path), path: path.clone() });
        let file = File::create(guard.as_ref().map_or(path, |guard| &guard.partial)).map_err(create)?;
        let writer = match path.extension().and_then(|extension| extension.to_str()) {
            // The header of gzip holds no time here, so that equal runs give equal bytes.
            Some("gz") => Writer::Gzip(BufWriter::with_capacity(BUFFER, GzEncoder::new(file, Compression::default()))),
            Some("zst") => {
                let encoder = zstd::stream::write::Encoder::new(file, ZSTD_LEVEL).map_err(create)?;
                Writer::Zstd(BufWriter::with_capacity(BUFFER, encoder))
            }
            _ => Writer::Plain(BufWriter::with_capacity(BUFFER, file)),
        };
        Ok(Self { writer: Some(writer), partial: guard, place: path.display().to_string() })
    }

    /// Writes some bytes, as a rule one line with its end.
    pub fn write(&mut self, bytes: &[u8]) -> Result<(), SinkError> {
        let Some(writer) = self.writer.as_mut() else { return Ok(()) };
        writer.as_write().write_all(bytes).map_err(|cause| failed(&self.place, cause))
    }

    /// Hands what was written on to the reader; for standard output, where somebody may be waiting.
    pub fn flush(&mut self) -> Result<(), SinkError> {
        let Some(writer) = self.writer.as_mut() else { return Ok(()) };
        writer.as_write().flush().map_err(|cause| failed(&self.place, cause))
    }

    /// Ends the output and gives the file its name.
    pub fn finish(mut self) -> Result<(), SinkError> {
        if let Some(writer) = self.writer.take() {
            writer.finish().map_err(|cause| failed(&self.place, cause))?;
        }
        if let Some(guard) = self.partial.take() {
            std::fs::rename(&guard.partial, &guard.path).map_err(|cause| failed(&self.place, cause))?;
        }
        Ok(())
    }
}

fn failed(place: &str, cause: std::io::Error) -> SinkError {
    if cause.kind() == ErrorKind::BrokenPipe {
        SinkError::BrokenPipe
    } else {
        SinkError::Write { place: place.to_owned(), cause }
    }
}

/// `.NAME.PID.partial` beside the file, so that the renaming stays on one disk.
fn temporary(path: &Path) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!(".{name}.{}.partial", std::process::id()))
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    #[test]
    fn a_file_appears_only_when_it_is_whole() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out.jsonl");
        std::fs::write(&path, "old\n").unwrap();
        let mut lines = Lines::open(&Target::File(path.clone())).unwrap();
        lines.write(b"new\n").unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "old\n");
        drop(lines);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "the unfinished file is taken away");
        let mut lines = Lines::open(&Target::File(path.clone())).unwrap();
        lines.write(b"new\n").unwrap();
        lines.finish().unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "new\n");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn compressed_files_hold_the_same_lines() {
        let folder = tempfile::tempdir().unwrap();
        let text = "{\"a\":1}\n".repeat(1000);
        for name in ["out.gz", "out.zst"] {
            let path = folder.path().join(name);
            let mut lines = Lines::open(&Target::File(path.clone())).unwrap();
            lines.write(text.as_bytes()).unwrap();
            lines.finish().unwrap();
            let bytes = std::fs::read(&path).unwrap();
            let mut read = String::new();
            match name {
                "out.gz" => flate2::read::GzDecoder::new(&bytes[..]).read_to_string(&mut read).unwrap(),
                _ => zstd::Decoder::new(&bytes[..]).unwrap().read_to_string(&mut read).unwrap(),
            };
            assert_eq!(read, text);
        }
    }

    #[test]
    fn a_device_is_written_to_and_stays_one() {
        use std::os::unix::fs::FileTypeExt;
        let path = Path::new("/dev/null");
        let mut lines = Lines::open(&Target::File(path.into())).unwrap();
        lines.write(b"{}\n").unwrap();
        lines.finish().unwrap();
        assert!(path.metadata().unwrap().file_type().is_char_device());
    }

    #[test]
    fn a_folder_or_a_missing_folder_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let error = Lines::open(&Target::File(folder.path().into())).err().unwrap();
        assert!(matches!(error, SinkError::Folder { .. }), "{error}");
        let error = Lines::open(&Target::File(folder.path().join("no/out.jsonl"))).err().unwrap();
        assert!(error.to_string().contains("no/out.jsonl"), "{error}");
    }
}
