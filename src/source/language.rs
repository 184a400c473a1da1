//! Languages: whether an article is in English, which is what the shipped models read.
//!
//! A language is told by its script and its trigrams (`whatlang`). A text too short to tell, or one of which the detector is not sure,
//! passes: a foreign article that is annotated does less harm than an English one that is not.

use whatlang::{Lang, detect};

/// How much of the body is looked at, and the least number of its letters that tell a language.
const LOOK: usize = 3000;
const LETTERS: usize = 100;

/// The English name of the language of a body, where it is surely not English.
pub(super) fn foreign(body: &str) -> Option<&'static str> {
    let look = &body[..body.floor_char_boundary(LOOK)];
    if look.chars().filter(|c| c.is_alphabetic()).take(LETTERS).count() < LETTERS {
        return None;
    }
    let found = detect(look)?;
    (found.lang() != Lang::Eng && found.is_reliable()).then(|| found.lang().eng_name())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn languages_are_told() {
        let english = "The ministers of Peru and Chile met in Lima on Monday and agreed that the border should be opened again before the end of the year.";
        let german = "Die Minister von Peru und Chile trafen sich am Montag in Lima und vereinbarten, dass die Grenze noch vor dem Ende des Jahres wieder geöffnet werden soll.";
        let spanish = "Los ministros de Perú y Chile se reunieron el lunes en Lima y acordaron que la frontera debe abrirse de nuevo antes de que termine el año.";
        let russian = "Министры Перу и Чили встретились в понедельник в Лиме и договорились, что граница должна быть вновь открыта до конца этого года, сообщает агентство.";
        assert_eq!(foreign(english), None);
        assert_eq!([german, spanish, russian].map(foreign), [Some("German"), Some("Spanish"), Some("Russian")]);
    }

    #[test]
    fn what_does_not_tell_its_language_passes() {
        let names = "Kuznetsov, Łukasz, Nguyễn, Ould Abdelaziz, Ngũgĩ, Çelik, Þórarinsson";
        for text in ["", "12 – 34, 56 : 78", "Ja.", names, &"42 ".repeat(2000)] {
            assert_eq!(foreign(text), None, "{text}");
        }
    }
}
