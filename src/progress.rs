//! Progress: the bar on standard error while a run goes on. Silent where standard error is no terminal.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use indicatif::{HumanCount, ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Who sees the bar.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Show {
    /// Nobody.
    Never,
    /// Whoever sits at a terminal.
    #[default]
    OnTerminal,
}

/// A bar that counts input bytes, where their sum is known, and says articles and tokens a second.
pub struct Progress {
    bar: ProgressBar,
    articles: u64,
    tokens: u64,
}

impl Progress {
    /// A bar over `bytes` of input; `None` where the sum is not known, as for standard input.
    pub fn new(show: Show, bytes: Option<u64>) -> Self {
        let target = match show {
            Show::Never => ProgressDrawTarget::hidden(),
            // indicatif draws nothing where standard error is no terminal.
            Show::OnTerminal => ProgressDrawTarget::stderr_with_hz(8),
        };
        let bar = ProgressBar::with_draw_target(bytes, target);
        let template = if bytes.is_some() {
            "{bar:30} {percent:>3} %  {msg}  {elapsed} gone, {eta} to go"
        } else {
            "{spinner} {msg}  {elapsed} gone"
        };
        // The templates are constants; a bad one would only cost the looks.
        let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
        bar.set_style(style.progress_chars("=> "));
        bar.enable_steady_tick(Duration::from_millis(250));
        *shown() = Some(bar.clone());
        Self { bar, articles: 0, tokens: 0 }
    }

    /// One more article is done; `consumed` bytes of input have been read so far.
    pub fn article(&mut self, tokens: usize, consumed: u64) {
        self.articles += 1;
        self.tokens += tokens as u64;
        self.bar.set_position(consumed);
        let seconds = self.bar.elapsed().as_secs_f64().max(1e-3);
        let speed = |count: u64| HumanCount((count as f64 / seconds) as u64);
        let (articles, tokens) = (speed(self.articles), speed(self.tokens));
        self.bar.set_message(format!("{} articles, {articles} articles/s, {tokens} tokens/s", HumanCount(self.articles)));
    }

    /// One more annotation is read back; `consumed` bytes of input have been read so far.
    pub fn annotation(&mut self, consumed: u64) {
        self.articles += 1;
        self.bar.set_position(consumed);
        // The bar draws eight times a second; most messages would be made for nothing.
        if self.articles.is_multiple_of(64) {
            let speed = self.articles as f64 / self.bar.elapsed().as_secs_f64().max(1e-3);
            let message = format!("{} annotations, {}/s", HumanCount(self.articles), HumanCount(speed as u64));
            self.bar.set_message(message);
        }
    }

    /// One more line is read.
    pub fn line(&mut self) {
        self.articles += 1;
        if self.articles.is_multiple_of(1024) {
            self.bar.set_message(format!("{} lines", HumanCount(self.articles)));
        }
    }

    /// Takes the bar away.
    pub fn finish(self) {
        self.bar.finish_and_clear();
        *shown() = None;
    }
}

/// The bar on the screen, for messages of any thread.
static SHOWN: Mutex<Option<ProgressBar>> = Mutex::new(None);

fn shown() -> MutexGuard<'static, Option<ProgressBar>> {
    SHOWN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Does something with the bar out of the way, so that a message does not run into it.
pub fn suspend<R>(work: impl FnOnce() -> R) -> R {
    let bar = shown().clone();
    match bar {
        Some(bar) => bar.suspend(work),
        None => work(),
    }
}

/// A bar that counts rows up to a known number, from any thread. Seen at a terminal only.
pub struct Rows(ProgressBar);

impl Rows {
    /// A bar over so many rows.
    pub fn new(rows: usize) -> Self {
        let bar = ProgressBar::with_draw_target(Some(rows as u64), ProgressDrawTarget::stderr_with_hz(8));
        let style = ProgressStyle::with_template("{bar:30} {percent:>3} %  {human_pos} rows, {per_sec}, {eta} to go");
        // The template is a constant; a bad one would only cost the looks.
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()).progress_chars("=> "));
        Self(bar)
    }

    /// Hands a result through and counts its row.
    pub fn done<R>(&self, result: R) -> R {
        self.0.inc(1);
        result
    }
}

impl Drop for Rows {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
