//! Opening: an input, or a member of an archive -> its reader. What it is compressed by is told by its first bytes; its format by the
//! user, else by its name, else by its first bytes. An archive of files is told by its first bytes whatever it is named, and a format that
//! the user names is then that of its members.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use super::archive::Archive;
use super::decode::{self, Looked, Offsets, Packing, Starts, read_all};
use super::discover::Origin;
use super::zip::{Store, Zip};
use super::{
    Bytes, Charset, Format, Input, Options, Reader, Reason, Reject, charset, failed, html, json, lines, parquet, table, tar,
    text, warc, xml,
};
use crate::article::Place;

/// The most bytes that are held of a file that cannot be read in a stream, where it comes in one.
pub(super) const HELD: usize = 256 << 20;

/// The origin of a regular file or of memory, which can be read at any place, with the counter of what is read; `None` of a stream.
type Seekable<'a> = Option<(&'a Origin, &'a Arc<AtomicU64>)>;

/// Where an opened stream stands.
enum Level<'a> {
    /// An input.
    Input(Seekable<'a>),
    /// A member of an archive.
    Member,
}

/// The reader of an input. Its library's panics are its reject.
pub(super) fn input(input: &Input, options: &Options, count: &Arc<AtomicU64>) -> Result<Box<dyn Reader>, Reject> {
    guarded(&input.path, || {
        let place = Place { path: input.path.clone(), record: 0, offset: None };
        let stored = decode::stored(input, Arc::clone(count)).map_err(|cause| Reject::read(place.clone(), &cause))?;
        let told = Format::of(Path::new(&input.path)).filter(|_| !input.is_stdin());
        let seekable = input.bytes.is_some().then_some((&input.origin, count));
        stream(place, stored, told, &Level::Input(seekable), options)
    })
}

/// The reader of an archive's member.
pub(super) fn member(path: &str, stored: Bytes, options: &Options) -> Result<Box<dyn Reader>, Reject> {
    guarded(path, || {
        stream(
            Place { path: path.to_owned(), record: 0, offset: None },
            stored,
            Format::of(Path::new(path)),
            &Level::Member,
            options,
        )
    })
}

fn guarded(path: &str, open: impl FnOnce() -> Result<Box<dyn Reader>, Reject>) -> Result<Box<dyn Reader>, Reject> {
    catch_unwind(AssertUnwindSafe(open)).unwrap_or_else(|_| Err(failed(path, 0)))
}

/// The reader of a stream. `told` is the format that its name tells.
fn stream(
    place: Place,
    mut stored: Bytes,
    told: Option<Format>,
    level: &Level<'_>,
    options: &Options,
) -> Result<Box<dyn Reader>, Reject> {
    let unreadable = |cause: &std::io::Error| Reject::read(place.clone(), cause);
    let packing = Packing::of(stored.fill_buf().map_err(|cause| unreadable(&cause))?);
    let starts = Starts::default();
    let plain = match packing {
        Some(packing) => packing.open(stored, options.unpacking, &starts).map_err(|cause| unreadable(&cause))?,
        None => stored,
    };
    let mut bytes = Looked::new(plain);
    let head = bytes.head().map_err(|cause| unreadable(&cause))?;
    if packing.is_some() && Packing::of(head).is_some() {
        return Err(Reject::new(place, Reason::Unreadable, "it is compressed twice; unpack it once"));
    }
    // One that is named as the format of all inputs is not that of an archive's members.
    let forced = options.format.filter(|format| matches!(level, Level::Input(_)) || !format.is_archive());
    let format = Format::archive(head).or(forced).or(told).unwrap_or_else(|| Format::sniff(head));
    let bytes: Bytes = match options.encoding {
        Some(Charset(encoding)) if format.is_text() => charset::named(Box::new(bytes), encoding),
        _ => Box::new(bytes),
    };
    match (format, level) {
        (Format::Tar | Format::Zip, Level::Member) => {
            let what = "it is an archive in an archive, which is not read; unpack the outer one";
            Err(Reject::new(place, Reason::Unreadable, what))
        }
        (Format::Tar, Level::Input(_)) => Ok(Box::new(Archive::new(place.path, Box::new(tar::Tar::new(bytes))))),
        (Format::Zip, Level::Input(seekable)) => zip(place, bytes, seekable.filter(|_| packing.is_none()), options),
        (Format::Parquet, level) => {
            let origin = match level {
                Level::Input(Some((origin, _))) if packing.is_none() => (*origin).clone(),
                // The table of contents stands at the end.
                Level::Input(None) if place.path == "-" => Origin::Stdin,
                _ => Origin::Memory(held(bytes, &place, "Parquet file")?),
            };
            Ok(Box::new(parquet::Parquet::open(place, &origin, options)?))
        }
        (Format::Warc, _) => {
            let offsets = match packing {
                None => Offsets::Same,
                Some(Packing::Gzip) => Offsets::Members(starts),
                Some(_) => Offsets::None,
            };
            Ok(Box::new(warc::Warc::new(place.path, bytes, offsets)))
        }
        (format, _) => records(format, place.path, bytes, options),
    }
}

/// The reader of a zip, which is read at any place: where it comes in a stream it is held.
fn zip(place: Place, bytes: Bytes, seekable: Seekable<'_>, options: &Options) -> Result<Box<dyn Reader>, Reject> {
    let unreadable = |cause: &std::io::Error| Reject::read(place.clone(), cause);
    let store = match seekable {
        Some((origin, count)) => Store::of(origin, count).map_err(|cause| unreadable(&cause))?,
        None => None,
    };
    let store = match store {
        Some(store) => store,
        None => Store::held(held(bytes, &place, "zip")?),
    };
    let zip = Zip::open(store, options.unpacking).map_err(|cause| unreadable(&cause))?;
    Ok(Box::new(Archive::new(place.path, Box::new(zip))))
}

/// The reader of a format that is read in a stream.
fn records(format: Format, path: String, bytes: Bytes, options: &Options) -> Result<Box<dyn Reader>, Reject> {
    // Of text in another encoding it is not known where it stood.
    let offsets = if options.encoding.is_some() { Offsets::None } else { Offsets::Same };
    Ok(match format {
        Format::Lines => Box::new(lines::Lines::new(path, bytes, offsets)),
        Format::Json => Box::new(json::Json::new(path, bytes, offsets)),
        Format::Table => Box::new(table::Table::open(path, bytes, options)?),
        Format::Html => Box::new(html::Html::new(path, bytes)),
        Format::Xml => Box::new(xml::News::open(path, bytes)?),
        Format::Text | Format::Parquet | Format::Warc | Format::Tar | Format::Zip => Box::new(text::Text::new(path, bytes)),
    })
}

/// All of a stream that has to be read at any place.
fn held(mut bytes: Bytes, place: &Place, kind: &str) -> Result<bytes::Bytes, Reject> {
    match read_all(&mut bytes, HELD) {
        Ok(Some(all)) => Ok(all.into()),
        Ok(None) => {
            let what =
                format!("a {kind} of more than {HELD} bytes is read only where it is a file of its own, not compressed");
            Err(Reject::new(place.clone(), Reason::RecordTooLarge, &what))
        }
        Err(cause) => Err(Reject::read(place.clone(), &cause)),
    }
}
