//! Fuzz targets for every parser of demarche, and for the line from segmentation to the record. See README.md.

pub mod checks;

use std::panic::catch_unwind;
use std::sync::Mutex;
use std::time::{Duration, Instant};

#[doc(hidden)]
pub use libfuzzer_sys;

use checks::Check;

/// The processor time that an input may take. The instrumented build takes five times what the program does (HTML, measured on two inputs).
const AT_ONCE: Duration = Duration::from_millis(100);
const A_BYTE: Duration = Duration::from_micros(2);
/// The same where a piece is repeated: time that grows with a square is far above this at such a length, and a page that is nothing but characters
/// which have to be guessed, named or escaped, below.
const A_SWOLLEN_BYTE: Duration = Duration::from_micros(4);
/// The same where data is unpacked: 40 bytes of bzip2 may be a block of 900 KB, so a few bytes take as long as the 16 MiB that they may
/// unpack to, and each input is read twice.
const UNPACKED: Duration = Duration::from_secs(2);

/// What panicked of late. Panics inside of a reader that the library catches are no finding by themselves, and are not printed.
static PANICS: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// Puts panics aside instead of ending the process, which is what libFuzzer's hook does.
pub fn start() {
    std::panic::set_hook(Box::new(|panic| {
        if let Ok(mut panics) = PANICS.lock() {
            panics.push(panic.to_string());
        }
    }));
}

/// Runs a check on an input and ends the process, which is how a finding is told, where it fails or takes too long.
pub fn run(name: &str, check: Check, bytes: &[u8]) {
    if let Ok(mut panics) = PANICS.lock() {
        panics.clear();
    }
    let start = Instant::now();
    let outcome = catch_unwind(|| check(bytes));
    let size = if name == "swell" { checks::SWOLLEN } else { bytes.len() };
    let at_once = if ["decode", "tar", "zip"].contains(&name) { UNPACKED } else { AT_ONCE };
    let a_byte = if name == "swell" { A_SWOLLEN_BYTE } else { A_BYTE };
    let may = at_once + a_byte * u32::try_from(size).unwrap_or(u32::MAX);
    if outcome.is_err() {
        let panics = PANICS.lock().map(|panics| panics.join("\n")).unwrap_or_default();
        eprintln!("finding: {panics}");
        std::process::abort();
    }
    // Other processes may have had the core, its caches and the memory at hand, and of these the last two count as time of the processor; so the
    // least of three measurements of a slow input counts.
    if start.elapsed() > may {
        let took = std::iter::repeat_with(|| checks::processor_time(|| check(bytes))).take(3).min().unwrap_or_default();
        if took > may {
            eprintln!("finding: slow: {took:?} for {size} bytes, where it may take {may:?}");
            std::process::abort();
        }
    }
}

/// The whole of a target's file: the name of its check in `checks.rs`.
#[macro_export]
macro_rules! target {
    ($name:literal) => {
        use $crate::libfuzzer_sys;

        static CHECK: std::sync::LazyLock<$crate::checks::Check> =
            std::sync::LazyLock::new(|| $crate::checks::check($name).expect("the check is in CHECKS"));

        $crate::libfuzzer_sys::fuzz_target!(init: $crate::start(), |bytes: &[u8]| $crate::run($name, *CHECK, bytes));
    };
}
