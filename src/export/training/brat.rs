//! Articles as brat has them: the text beside its annotations, which stand off.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::marked::Marked;
use super::text::Place;
use crate::export::score;

/// The types that brat may give: mentions, stances as relations from actor to target, and entities as sets of equivalents.
pub const ANNOTATION_CONF: &str = "\
[entities]
PER
ORG
LOC
NORP
FAC
MISC

[relations]
support\tArg1:<ENTITY>, Arg2:<ENTITY>
oppose\tArg1:<ENTITY>, Arg2:<ENTITY>
Equiv\tArg1:<ENTITY>, Arg2:<ENTITY>, <REL-TYPE>:symmetric-transitive

[events]

[attributes]
";

/// How brat shows them.
pub const VISUAL_CONF: &str = "\
[labels]
support | supports | sup
oppose | opposes | opp
Equiv | same | =

[drawing]
SPAN_DEFAULT\tfgColor:black, bgColor:lightgreen, borderColor:darken
ARC_DEFAULT\tcolor:black, dashArray:-, arrowHead:triangle-5, labelArrow:none
PER\tbgColor:#f2b8dc
ORG\tbgColor:#a9cbe8
LOC\tbgColor:#a8dba8
NORP\tbgColor:#cdb9e0
FAC\tbgColor:#ffcf9f
MISC\tbgColor:#cfcfcf
support\tcolor:#2ca02c
oppose\tcolor:#d62728
Equiv\tdashArray:3-3, arrowHead:none
";

/// The annotations of an article. `T1` is its first name; a relation's note is its score.
pub fn annotations(article: &Marked<'_>) -> String {
    let mut out = String::new();
    for (number, name) in article.names.iter().enumerate() {
        let pieces = pieces(article.body, name.place);
        let places: Vec<String> = pieces.iter().map(|(start, end, _)| format!("{start} {end}")).collect();
        let texts: Vec<&str> = pieces.iter().map(|(.., text)| *text).collect();
        // Writing to a String cannot fail.
        let _ = writeln!(out, "T{}\t{} {}\t{}", number + 1, article.kind(name), places.join(";"), texts.join(" "));
    }
    let mut entities: BTreeMap<usize, Vec<String>> = BTreeMap::new();
    for (number, name) in article.names.iter().enumerate() {
        entities.entry(article.entity(name)).or_default().push(format!("T{}", number + 1));
    }
    for names in entities.values().filter(|names| names.len() > 1) {
        let _ = writeln!(out, "*\tEquiv {}", names.join(" "));
    }
    for (number, stance) in article.stances.iter().enumerate() {
        let (at, evidence) = (number + 1, stance.evidence);
        let _ = writeln!(out, "R{at}\t{} Arg1:T{} Arg2:T{}", evidence.stance, stance.actor + 1, stance.target + 1);
        let _ = writeln!(out, "#{at}\tAnnotatorNotes R{at}\t{}", score(evidence.score));
    }
    out
}

/// The pieces of a name between characters that end a line or a column, each with its code points: brat has one line for a name.
fn pieces(body: &str, place: Place) -> Vec<(usize, usize, &str)> {
    let breaks = |c: char| matches!(c, '\t'..='\r' | '\u{1c}'..='\u{1e}' | '\u{85}' | '\u{2028}' | '\u{2029}');
    let mut out = Vec::new();
    let mut at = place.start;
    for piece in place.span.slice(body).split(breaks) {
        let end = at + piece.chars().count();
        if !piece.is_empty() {
            out.push((at, end, piece));
        }
        at = end + 1;
    }
    out
}
