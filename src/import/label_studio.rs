//! What Label Studio exports as JSON.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;
use serde_json::Value;

use super::{Corrected, ImportError, Stance, read, stance};
use crate::span::CodePoints;

#[derive(Deserialize)]
struct Task {
    #[serde(default)]
    id: Value,
    data: BTreeMap<String, Value>,
    #[serde(default)]
    annotations: Vec<Work>,
}

/// What one person has made of a task.
#[derive(Deserialize)]
struct Work {
    #[serde(default)]
    was_cancelled: bool,
    #[serde(default)]
    ground_truth: bool,
    #[serde(default)]
    updated_at: Option<String>,
    result: Vec<Region>,
}

/// A region of the text, or a relation of two.
#[derive(Deserialize)]
struct Region {
    #[serde(default)]
    id: String,
    #[serde(rename = "type")]
    kind: String,
    /// Of other kinds of regions it has other shapes.
    #[serde(default)]
    value: Value,
    #[serde(default)]
    from_id: String,
    #[serde(default)]
    to_id: String,
    #[serde(default)]
    direction: Option<String>,
    #[serde(default)]
    labels: Option<Vec<String>>,
    meta: Option<Meta>,
}

impl Region {
    /// Where a label was given; `None` of other kinds of regions.
    fn place(&self) -> Option<Place> {
        (self.kind == "labels").then(|| Place::deserialize(&self.value).ok()).flatten()
    }
}

#[derive(Default, Deserialize)]
struct Place {
    start: Option<usize>,
    end: Option<usize>,
    text: Option<String>,
    #[serde(default)]
    labels: Vec<String>,
}

#[derive(Deserialize)]
struct Meta {
    #[serde(default)]
    text: Value,
}

/// The tasks of a file that somebody has worked on. Of several works on a task the one that is marked as ground truth counts, else the newest. The second
/// number is that of tasks which nobody has worked on.
pub fn label_studio(path: &Path) -> Result<(Vec<Corrected>, usize), ImportError> {
    let text = read(path)?;
    let tasks: Vec<Task> =
        serde_json::from_str(&text).map_err(|cause| ImportError::Json { path: path.to_owned(), cause })?;
    let all = tasks.len();
    let done: Vec<Corrected> = tasks.into_iter().filter_map(corrected).collect();
    let bare = all - done.len();
    Ok((done, bare))
}

fn corrected(task: Task) -> Option<Corrected> {
    let field = |name: &str| task.data.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    let id = field("id").map_or_else(|| format!("task-{}", task.id), str::to_owned);
    let text = field("text").unwrap_or_default().to_owned();
    let works = task.annotations.into_iter().enumerate().filter(|(_, work)| !work.was_cancelled);
    let (_, work) = works.max_by_key(|(at, work)| (work.ground_truth, work.updated_at.clone(), *at))?;
    let mut corrected = Corrected { id, text, stances: Some(Vec::new()), ..Corrected::default() };
    let chars: Vec<char> = corrected.text.chars().collect();
    let unit = unit(&corrected.text, &work.result);
    let mut numbers: BTreeMap<&str, usize> = BTreeMap::new();
    for region in work.result.iter().filter(|region| region.kind == "labels") {
        let place = region.place().unwrap_or_default();
        let (Some(start), Some(end), Some(kind)) = (place.start, place.end, place.labels.first()) else {
            corrected.notes.push(format!("the region {} has no place or no label", region.id));
            continue;
        };
        let [start, end] = [start, end].map(|at| unit.point(&corrected.text, at));
        let told = place.text.as_deref().filter(|text| !text.is_empty());
        if told
            .is_some_and(|text| chars.get(start..end).is_none_or(|found| bare(found.iter().copied()) != bare(text.chars())))
        {
            corrected.notes.push(format!("the text of the region {} is not what stands there", region.id));
            continue;
        }
        if let Some(number) = corrected.name(&chars, [start, end], kind, region.meta.as_ref().and_then(entity)) {
            numbers.insert(&region.id, number);
        }
    }
    for region in work.result.iter().filter(|region| region.kind == "relation") {
        relate(&mut corrected, region, &numbers);
    }
    Some(corrected)
}

/// Adds a relation.
fn relate(corrected: &mut Corrected, region: &Region, numbers: &BTreeMap<&str, usize>) {
    let ends = (numbers.get(region.from_id.as_str()), numbers.get(region.to_id.as_str()));
    let (Some(from), Some(to)) = ends else {
        corrected
            .notes
            .push(format!("a relation leads from {} to {}, and one of them is not used", region.from_id, region.to_id));
        return;
    };
    let (from, to) = (*from, *to);
    let labels = region.labels.as_deref().unwrap_or_default();
    if labels.iter().any(|label| label == "same") {
        corrected.same.push([from, to]);
        return;
    }
    let Some(stance) = labels.iter().find_map(|label| stance(label)) else {
        corrected
            .notes
            .push(format!("the relation from {} to {} has no label: support, oppose or same", region.from_id, region.to_id));
        return;
    };
    let ways: &[[usize; 2]] = match region.direction.as_deref() {
        Some("left") => &[[to, from]],
        Some("bi") => &[[from, to], [to, from]],
        _ => &[[from, to]],
    };
    if let Some(stances) = &mut corrected.stances {
        stances.extend(ways.iter().map(|[actor, target]| Stance { actor: *actor, target: *target, stance }));
    }
}

/// `entity 3: Russia` in the meta text of a region -> its number and name.
fn entity(meta: &Meta) -> Option<(usize, String)> {
    let text = match &meta.text {
        Value::String(text) => text.as_str(),
        Value::Array(texts) => texts.iter().find_map(Value::as_str)?,
        _ => return None,
    };
    let (number, name) = text.strip_prefix("entity ")?.split_once(": ")?;
    Some((number.parse().ok()?, name.to_owned()))
}

/// What the places of a work count. Label Studio counts code points; its first versions counted UTF-16 units.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Unit {
    Points,
    Utf16,
}

impl Unit {
    fn point(self, text: &str, at: usize) -> usize {
        match self {
            Self::Points => at,
            Self::Utf16 => {
                let mut units = 0;
                text.chars()
                    .take_while(|c| {
                        units += c.len_utf16();
                        units <= at
                    })
                    .count()
            }
        }
    }
}

/// Code points, unless the texts of some regions stand elsewhere by them and all stand right in UTF-16 units.
fn unit(text: &str, regions: &[Region]) -> Unit {
    let points = CodePoints::new(text);
    let fits = |unit: Unit| {
        regions.iter().filter_map(Region::place).all(|place| match (place.start, place.end, &place.text) {
            (Some(start), Some(end), Some(told)) => {
                let found = points.span([start, end].map(|at| unit.point(text, at))).map(|span| span.slice(text));
                found.is_some_and(|found| bare(found.chars()) == bare(told.chars()))
            }
            _ => true,
        })
    };
    if fits(Unit::Points) || !fits(Unit::Utf16) { Unit::Points } else { Unit::Utf16 }
}

/// A text without white space, which browsers fold.
fn bare(text: impl Iterator<Item = char>) -> String {
    text.filter(|c| !c.is_whitespace()).collect()
}
