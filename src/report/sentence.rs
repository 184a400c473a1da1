//! A sentence as the page shows it: in parts, each marked or not, so that no offset leaves this file.

use super::line::{Line, Told};

/// The longest sentence, in code points; of a longer one the surroundings of its marks are shown.
const LONGEST: usize = 480;
/// What is shown before the first mark of such a sentence.
const BEFORE: usize = 120;

/// What a part is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Mark {
    /// Plain text.
    None = 0,
    /// Words that name or stand for the actor.
    Actor = 1,
    /// Words that name or stand for the target.
    Target = 2,
    /// The word that tells the kind of act.
    Cue = 3,
}

/// A stretch of a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) mark: Mark,
    pub(super) text: String,
}

/// The sentence of an evidence. Without the article's text, the names of actor and target in the order in which they stand.
pub(super) fn sentence(line: &Line<'_>, told: &Told<'_>, text: Option<&[char]>) -> Vec<Part> {
    let word = |mention: usize, reference: Option<usize>| match reference.and_then(|at| line.references.get(at)) {
        Some(word) => Some(word),
        None => line.mentions.get(mention),
    };
    let (actor, target) = (word(told.actor_mention, told.actor_reference), word(told.target_mention, told.target_reference));
    let place = line.sentences.get(told.sentence);
    if let (Some(text), Some(place)) = (text, place)
        && place.start < place.end
        && place.end <= text.len()
    {
        let mut marks = vec![Mark::None; place.end - place.start];
        let cue = told.cue.map(|cue| (cue.start, cue.end, Mark::Cue));
        let target = target.map(|word| (word.start, word.end, Mark::Target));
        let actor = actor.map(|word| (word.start, word.end, Mark::Actor));
        for (start, end, mark) in [cue, target, actor].into_iter().flatten() {
            let (start, end) = (start.max(place.start), end.min(place.end));
            if start < end {
                marks[start - place.start..end - place.start].fill(mark);
            }
        }
        return parts(&text[place.start..place.end], &marks);
    }
    let mut names: Vec<(usize, Mark, &str)> = [(actor, Mark::Actor), (target, Mark::Target)]
        .into_iter()
        .filter_map(|(word, mark)| word.map(|word| (word.start, mark, word.text.as_ref())))
        .collect();
    names.sort_unstable();
    let plain = || Part { mark: Mark::None, text: " … ".to_owned() };
    let mut shown: Vec<Part> = Vec::new();
    for (_, mark, text) in names {
        if !shown.is_empty() {
            shown.push(plain());
        }
        shown.push(Part { mark, text: text.chars().take(LONGEST).collect() });
    }
    shown
}

/// Stretches of equal marks; white space becomes single spaces, and a long sentence is cut around its marks.
fn parts(text: &[char], marks: &[Mark]) -> Vec<Part> {
    let first = marks.iter().position(|mark| *mark != Mark::None).unwrap_or(0);
    let from = if text.len() <= LONGEST { 0 } else { first.saturating_sub(BEFORE).min(text.len() - LONGEST) };
    let to = text.len().min(from + LONGEST);
    let mut parts: Vec<Part> = Vec::new();
    let mut push = |mark: Mark, c: char| {
        let white = c.is_whitespace();
        if white && parts.last().is_none_or(|part| part.text.ends_with(' ')) {
            return;
        }
        let c = if white { ' ' } else { c };
        match parts.last_mut() {
            Some(part) if part.mark == mark => part.text.push(c),
            _ => parts.push(Part { mark, text: c.to_string() }),
        }
    };
    if from > 0 {
        push(Mark::None, '…');
    }
    text[from..to].iter().zip(&marks[from..to]).for_each(|(c, mark)| push(*mark, *c));
    if to < text.len() {
        push(Mark::None, '…');
    }
    parts
}
