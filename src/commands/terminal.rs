//! What is shown at a terminal: colours, widths, and text that cannot write on it.

use std::io::IsTerminal;

/// How text is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Style {
    Actor,
    Target,
    Cue,
    Support,
    Oppose,
    Faint,
}

impl Style {
    const fn code(self) -> &'static str {
        match self {
            Self::Actor => "1;36",
            Self::Target => "1;35",
            Self::Cue => "4",
            Self::Support => "32",
            Self::Oppose => "31",
            Self::Faint => "2",
        }
    }
}

/// Whether text gets colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Paint(bool);

impl Paint {
    /// Colours where standard output is a terminal that has them, unless `NO_COLOR` says no.
    pub(crate) fn of_stdout() -> Self {
        let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
        Self(std::io::stdout().is_terminal() && set("NO_COLOR").is_none() && set("TERM").is_none_or(|term| term != "dumb"))
    }

    /// Text in a style.
    pub(crate) fn text(self, style: Style, text: &str) -> String {
        if self.0 && !text.is_empty() { format!("\x1b[{}m{text}\x1b[0m", style.code()) } else { text.to_owned() }
    }
}

/// Columns of the terminal behind standard output; where there is none, what `COLUMNS` says, or 100.
pub(crate) fn columns() -> usize {
    let terminal = console::Term::stdout();
    let seen = terminal.is_term().then(|| terminal.size_checked()).flatten().map(|(_, columns)| usize::from(columns));
    let said = || std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    seen.or_else(said).unwrap_or(100).clamp(40, 200)
}

/// Text on one line that cannot write on the terminal: white space as blanks, no control characters, none that turn the direction of writing.
pub(crate) fn plain(text: &str) -> String {
    text.chars().map(shown).collect()
}

/// The same of a character: one for one, so that places stay.
pub(crate) fn shown(character: char) -> char {
    match character {
        space if space.is_whitespace() => ' ',
        control if control.is_control() => '\u{fffd}',
        '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => '\u{fffd}',
        other => other,
    }
}

/// Text in so many columns: cut, with an ellipsis, or filled with blanks.
pub(crate) fn fitted(text: &str, columns: usize) -> String {
    console::pad_str(text, columns, console::Alignment::Left, Some("…")).into_owned()
}
