//! What a command prints, and how.

use std::io::{self, ErrorKind, IsTerminal, Write};

use clap::{Args, ValueEnum};
use cognito_mfa_core::text;
use serde::Serialize;

/// How a command prints.
#[derive(Clone, Copy, Debug, Args)]
#[command(next_help_heading = "Output")]
pub struct Output {
    /// How the answer is written.
    #[arg(short, long, value_enum, default_value_t = Format::Table, value_name = "FORMAT")]
    pub output: Format,
    /// Whether there is colour: where the answer goes to a terminal and NO_COLOR is not set, always, or never.
    #[arg(long, value_enum, default_value_t = Color::Auto, value_name = "WHEN")]
    pub color: Color,
}

/// How an answer is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For a person.
    Table,
    /// One YAML document.
    Yaml,
    /// One JSON document.
    Json,
}

/// When there is colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// On a terminal.
    Auto,
    /// Into pipes and files, too.
    Always,
    /// Not at all.
    Never,
}

impl Color {
    /// How text on standard output is painted.
    #[must_use]
    pub fn paint(self) -> Paint {
        let wanted = || std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
        Paint(match self {
            Self::Auto => io::stdout().is_terminal() && wanted(),
            Self::Always => true,
            Self::Never => false,
        })
    }
}

/// Paints text, or leaves it.
#[derive(Clone, Copy, Debug)]
pub struct Paint(bool);

impl Paint {
    /// Good.
    #[must_use]
    pub fn green(self, text: &str) -> String {
        self.ansi("32", text)
    }

    /// Waits for a person.
    #[must_use]
    pub fn yellow(self, text: &str) -> String {
        self.ansi("33", text)
    }

    /// Bad.
    #[must_use]
    pub fn red(self, text: &str) -> String {
        self.ansi("31", text)
    }

    /// What a line is about.
    #[must_use]
    pub fn bold(self, text: &str) -> String {
        self.ansi("1", text)
    }

    fn ansi(self, code: &str, text: &str) -> String {
        if self.0 { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
    }
}

/// Prints to standard output. Who reads no further (`| head`) wants no more, which is no failure.
///
/// # Errors
/// A sentence, when it cannot be written.
pub fn print(text: &str) -> Result<(), String> {
    is_read(text).map(|_| ())
}

/// Prints to standard output; false when nobody reads any more.
///
/// # Errors
/// A sentence, when it cannot be written.
pub fn is_read(text: &str) -> Result<bool, String> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(false),
        Err(error) => Err(format!("the answer cannot be written: {error}")),
    }
}

/// Tells a person on standard error. Names and messages from outside do not steer the terminal, and who has closed it wants
/// to know nothing.
pub fn say(text: &str) {
    let lines = text.lines().map(|line| text::safe(line, usize::MAX) + "\n");
    let _ = io::stderr().lock().write_all(lines.collect::<String>().as_bytes());
}

/// A number and what it counts.
#[must_use]
pub fn plural(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

/// Prints a value for a program, or what `table` makes of it for a person.
///
/// # Errors
/// A sentence, when it cannot be written.
pub fn answer<T: Serialize>(
    format: Format,
    value: &T,
    table: impl FnOnce(&T) -> String,
) -> Result<(), String> {
    print(&match format {
        Format::Table => table(value),
        Format::Json => json(value)?,
        Format::Yaml => yaml(value)?,
    })
}

/// A value as JSON, for a person's eye.
///
/// # Errors
/// A sentence, which a test rules out.
pub fn json<T: Serialize>(value: &T) -> Result<String, String> {
    serde_json::to_string_pretty(value).map(|text| text + "\n").map_err(|error| error.to_string())
}

/// A value as YAML that kubectl reads as it is meant: "ON" and "OFF" stay quoted.
///
/// # Errors
/// A sentence, which a test rules out.
pub fn yaml<T: Serialize>(value: &T) -> Result<String, String> {
    serde_saphyr::to_string(value).map_err(|error| error.to_string())
}
