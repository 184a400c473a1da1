//! Speed and memory of the readers alone: `cargo bench --bench sources -- FILE...` reads each file to its end on one thread and tells articles and
//! megabytes of text a second, and the most memory so far. Give one file a call where the memory of each is wanted. `benches/archives/make.py` makes
//! large files. With `--any-language` the language is not told, which takes most of the time.

use std::io::Write as _;
use std::path::PathBuf;
use std::time::Instant;

use demarche::memory;
use demarche::source::{Input, Languages, Options, Records};

fn main() -> std::io::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let any = arguments.iter().any(|argument| argument == "--any-language");
    let mut out = std::io::stdout().lock();
    for path in arguments.iter().filter(|argument| !argument.starts_with("--")).map(PathBuf::from) {
        let languages = if any { Languages::Any } else { Languages::English };
        let input = Input::file(path);
        let (name, stored) = (input.path.clone(), input.bytes.unwrap_or(0));
        let (mut articles, mut rejects, mut text) = (0_u64, 0_u64, 0_usize);
        let began = Instant::now();
        for record in Records::new(vec![input], Options { languages, ..Options::default() }) {
            match record {
                Ok(article) => (articles, text) = (articles + 1, text + article.body.len()),
                Err(_) => rejects += 1,
            }
        }
        let seconds = began.elapsed().as_secs_f64();
        writeln!(
            out,
            "{name}: {articles} articles, {rejects} rejects; {:.0} articles/s, {:.1} MB of text/s, {:.1} MB stored/s; peak {:.1} MB",
            articles as f64 / seconds,
            text as f64 / 1e6 / seconds,
            stored as f64 / 1e6 / seconds,
            memory::peak().unwrap_or(0) as f64 / 1e6,
        )?;
    }
    Ok(())
}
