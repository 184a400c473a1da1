//! What brat has: `NAME.ann` beside `NAME.txt`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use walkdir::WalkDir;

use super::{Corrected, ImportError, Stance, read, stance};
use crate::export::training::lines::unescaped;

/// The articles of a folder, or of one `.ann` file, in the order of their names. Their identifiers are those of `documents.tsv`, which the export has
/// written, else the names of the files.
pub fn brat(path: &Path) -> Result<Vec<Corrected>, ImportError> {
    let files: Vec<PathBuf> = if path.is_dir() {
        let walk = WalkDir::new(path).sort_by_file_name().into_iter();
        let files = walk
            .collect::<Result<Vec<_>, _>>()
            .map_err(|cause| ImportError::Read { path: path.to_owned(), cause: cause.into() })?;
        files
            .into_iter()
            .map(walkdir::DirEntry::into_path)
            .filter(|file| file.extension().is_some_and(|name| name == "ann"))
            .collect()
    } else {
        vec![path.to_owned()]
    };
    if files.is_empty() {
        return Err(ImportError::Empty { path: path.to_owned(), what: "there is no .ann file in this folder" });
    }
    let mut known = BTreeMap::new();
    files.iter().map(|file| article(file, &mut known)).collect()
}

/// Identifiers by file, of each folder that was asked for.
type Known = BTreeMap<PathBuf, BTreeMap<String, String>>;

/// The identifier of a file: what the nearest `documents.tsv` above it says.
fn id(file: &Path, known: &mut Known) -> String {
    let stem = file.with_extension("");
    for folder in file.ancestors().skip(1).take(3) {
        let names = known.entry(folder.to_owned()).or_insert_with(|| {
            let text = std::fs::read_to_string(folder.join("documents.tsv")).unwrap_or_default();
            let pair = |line: &str| line.split_once('\t').and_then(|(place, id)| Some((place.to_owned(), unescaped(id)?)));
            text.lines().filter_map(pair).collect()
        });
        let place = stem.strip_prefix(folder).map(|place| place.to_string_lossy().replace('\\', "/"));
        if let Some(id) = place.ok().and_then(|place| names.get(&place)) {
            return id.clone();
        }
    }
    stem.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

fn article(file: &Path, known: &mut Known) -> Result<Corrected, ImportError> {
    let text = read(&file.with_extension("txt"))?;
    let lines = read(file)?;
    let chars: Vec<char> = text.chars().collect();
    let mut corrected = Corrected { id: id(file, known), text, stances: Some(Vec::new()), ..Corrected::default() };
    let mut numbers: BTreeMap<&str, Option<usize>> = BTreeMap::new();
    let bad = |line: usize, what: &str| ImportError::Line { path: file.to_owned(), line: line + 1, what: what.to_owned() };
    for (at, line) in lines.lines().enumerate().filter(|(_, line)| line.starts_with('T')) {
        let mut columns = line.split('\t');
        let (Some(id), Some(place)) = (columns.next(), columns.next()) else {
            return Err(bad(at, "a mention is ID, tab, TYPE START END, tab, text"));
        };
        let (kind, place) = place.split_once(' ').ok_or_else(|| bad(at, "a mention has no place"))?;
        let place = whole(place).ok_or_else(|| bad(at, "a place is START END in numbers"))?;
        let number = corrected.name(&chars, place, kind, None);
        numbers.insert(id, number);
    }
    for (at, line) in lines.lines().enumerate() {
        let Some((id, told)) = line.split_once('\t') else { continue };
        let told = told.split('\t').next().unwrap_or_default();
        if id == "*" {
            let ends: Vec<usize> = told.split(' ').skip(1).filter_map(|name| numbers.get(name).copied().flatten()).collect();
            corrected.same.extend(ends.windows(2).filter_map(|pair| <[usize; 2]>::try_from(pair).ok()));
        } else if id.starts_with('R') {
            let relation = relation(told, &numbers).map_err(|what| bad(at, what))?;
            match (relation, &mut corrected.stances) {
                (Some(relation), Some(stances)) => stances.push(relation),
                _ => corrected.notes.push(format!("{}, line {}: the relation is not used: {told}", file.display(), at + 1)),
            }
        }
    }
    Ok(corrected)
}

/// The code points from the first to the last of a place's pieces, `0 5;6 10`.
fn whole(place: &str) -> Option<[usize; 2]> {
    let mut pieces = place.split(';').map(|piece| {
        let (start, end) = piece.split_once(' ')?;
        Some([start.parse().ok()?, end.trim_end().parse().ok()?])
    });
    pieces.try_fold([usize::MAX, 0], |whole: [usize; 2], piece| {
        piece.map(|piece: [usize; 2]| [whole[0].min(piece[0]), whole[1].max(piece[1])])
    })
}

/// `oppose Arg1:T1 Arg2:T2` -> the stance; none of another type, or where one of the mentions is not used.
fn relation(told: &str, numbers: &BTreeMap<&str, Option<usize>>) -> Result<Option<Stance>, &'static str> {
    let mut words = told.split_whitespace();
    let kind = words.next().unwrap_or_default();
    let mut end = || {
        words
            .next()
            .and_then(|word| word.split_once(':'))
            .map(|(_, name)| name)
            .ok_or("a relation has two ends, Arg1:T1 Arg2:T2")
    };
    let (actor, target) = (end()?, end()?);
    let known = |name: &str| numbers.get(name).copied().ok_or("a relation names a mention that is not there");
    let (actor, target) = (known(actor)?, known(target)?);
    Ok(stance(kind).zip(actor.zip(target)).map(|(stance, (actor, target))| Stance { actor, target, stance }))
}
