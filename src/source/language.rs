//! Languages: whether an article is in English, which is what the shipped models read.
//!
//! A language is told by its script and its trigrams (`whatlang`). A text too short to tell, or one of which the detector is not sure,
//! passes: a foreign article that is annotated does less harm than an English one that is not.

use whatlang::{Lang, Script, detect, detect_script};

/// How much of the body is looked at, and how much once that is foreign: an article may begin with a quotation.
const LOOK: usize = 1000;
const AGAIN: usize = 5000;
/// The least number of letters that tell a language: of Latin ones many, since trigrams of names and loanwords mislead (an English sentence
/// of 143 characters was taken for French), of another script few.
const LATIN: usize = 300;
const LETTERS: usize = 100;

/// The English name of the language of a body, where it is surely not English.
pub(super) fn foreign(body: &str) -> Option<&'static str> {
    let look = |bytes| language(&body[..body.floor_char_boundary(bytes)]).filter(|found| *found != Lang::Eng);
    look(LOOK)?;
    look(AGAIN).map(Lang::eng_name)
}

/// The language of a text, where it is sure.
fn language(text: &str) -> Option<Lang> {
    let letters = text.chars().filter(|c| c.is_alphabetic()).take(LATIN).count();
    if letters < LETTERS {
        return None;
    }
    let enough = |script| letters >= if script == Script::Latin { LATIN } else { LETTERS };
    // The trigrams take a hundred microseconds, however short the text is: a megabyte of tiny articles took half a minute.
    detect_script(text).filter(|script| enough(*script))?;
    detect(text).filter(whatlang::Info::is_reliable).map(|found| found.lang())
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
        let thrice = |text: &str| format!("{text} {text} {text}");
        assert_eq!(foreign(&thrice(english)), None);
        assert_eq!([german, spanish].map(|text| foreign(&thrice(text))), [Some("German"), Some("Spanish")]);
        assert_eq!(foreign(russian), Some("Russian"));
    }

    #[test]
    fn a_long_quotation_is_not_the_language_of_the_article() {
        let quoted = "Los ministros de Perú y Chile se reunieron el lunes en Lima y acordaron que la frontera debe abrirse de nuevo. ".repeat(10);
        let english =
            "The ministers of Peru and Chile met in Lima on Monday and agreed that the border should be opened again. "
                .repeat(40);
        assert_eq!(foreign(&quoted), Some("Spanish"));
        assert_eq!(foreign(&(quoted + &english)), None);
    }

    #[test]
    fn what_does_not_tell_its_language_passes() {
        let names = "Kuznetsov, Łukasz, Nguyễn, Ould Abdelaziz, Ngũgĩ, Çelik, Þórarinsson";
        for text in ["", "12 – 34, 56 : 78", "Ja.", names, &"42 ".repeat(2000)] {
            assert_eq!(foreign(text), None, "{text}");
        }
    }
}
