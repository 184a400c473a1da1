//! The program: parse, dispatch, exit code.

mod cli;
mod commands;

use std::process::ExitCode;

use clap::Parser;

use cli::{Cli, Command, SchemaOf};
use commands::Done;

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are asked for; all else is a bad flag. A closed terminal is no reason to fail twice.
            let _ = error.print();
            return if error.use_stderr() { ExitCode::from(Done::Badly.code()) } else { ExitCode::SUCCESS };
        }
    };
    let done = match cli.command {
        Command::Annotate(flags) => commands::annotate::annotate(*flags),
        Command::Schema { what } => commands::print(match what {
            SchemaOf::Annotation => demarche::annotation::SCHEMA,
            SchemaOf::Reject => demarche::sink::REJECT_SCHEMA,
            SchemaOf::Run => demarche::sink::manifest::SCHEMA,
        }),
        Command::Watch(flags) => commands::watch::watch(*flags),
        Command::Link(flags) => commands::link::link(&flags),
        Command::Summary(flags) => commands::summary::summary(&flags),
        Command::Query(flags) => commands::query::query(&flags),
        Command::Export(what) => commands::export::export(what),
        Command::Import(flags) => commands::import::import(&flags),
        Command::Report(flags) => commands::report::report(&flags),
        Command::Eval(what) => commands::eval::eval(what),
        Command::Models(flags) => commands::models(&flags),
    };
    match done {
        Ok(done) => ExitCode::from(done.code()),
        Err(error) => {
            // Where messages are not installed yet, or go to nobody, the terminal has it.
            if tracing::enabled!(tracing::Level::ERROR) {
                tracing::error!("error: {error:#}");
            } else {
                commands::complain(&format!("error: {error:#}"));
            }
            ExitCode::from(Done::Badly.code())
        }
    }
}
