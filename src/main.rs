//! The program: parse, dispatch, exit code.

mod cli;
mod commands;

use std::process::ExitCode;

use clap::Parser;

use cli::{Cli, Command};
use commands::Done;

/// Nothing could be done.
const FAILED: u8 = 1;
/// The rest is done, but some input was rejected.
const REJECTED: u8 = 2;

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are asked for; all else is a bad flag. A closed terminal is no reason to fail twice.
            let _ = error.print();
            return if error.use_stderr() { ExitCode::from(FAILED) } else { ExitCode::SUCCESS };
        }
    };
    let done = match cli.command {
        Command::Annotate(flags) => commands::annotate::annotate(*flags),
        Command::Schema => commands::print(demarche::annotation::SCHEMA),
        Command::Eval(what) => commands::eval::eval(what),
        Command::Models(flags) => commands::models(&flags),
    };
    match done {
        Ok(Done::Well) => ExitCode::SUCCESS,
        Ok(Done::WithRejects) => ExitCode::from(REJECTED),
        Ok(Done::Badly) => ExitCode::from(FAILED),
        Err(error) => {
            commands::complain(&format!("error: {error:#}"));
            ExitCode::from(FAILED)
        }
    }
}
