//! What the commands print to standard output and to standard error.

use std::io::{self, ErrorKind, Write};

use anstream::{AutoStream, ColorChoice, adapter::strip_str};
use anstyle::{AnsiColor, Style};
use clap::{Args, ValueEnum};
use cognito_mfa_core::text;
use serde::Serialize;

/// The form and the colour of a command's answer.
#[derive(Clone, Copy, Debug, Args)]
#[command(next_help_heading = "Output")]
pub struct Output {
    /// How the answer is written.
    #[arg(short, long, value_enum, default_value_t = Format::Table, value_name = "FORMAT")]
    pub output: Format,
    /// Whether there is colour: on a terminal, unless NO_COLOR, CLICOLOR=0 or TERM=dumb say otherwise, and where CLICOLOR_FORCE is set; always; or never.
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

/// When an answer is coloured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// On a terminal.
    Auto,
    /// Into pipes and files, too.
    Always,
    /// Not at all.
    Never,
}

/// What is as declared, or done.
pub const GREEN: Style = AnsiColor::Green.on_default();
/// What waits for a person.
pub const YELLOW: Style = AnsiColor::Yellow.on_default();
/// What failed, or what is taken away.
pub const RED: Style = AnsiColor::Red.on_default();
/// The subject of a line.
pub const BOLD: Style = Style::new().bold();

/// Text in a style. [`Color::render`] takes the style out again where no colour is wanted.
#[must_use]
pub fn styled(style: Style, text: &str) -> String {
    format!("{style}{text}{style:#}")
}

impl Color {
    /// Styled text as standard output is to get it.
    #[must_use]
    pub fn render(self, styled: &str) -> String {
        let choice = match self {
            // anstream reads NO_COLOR, CLICOLOR, CLICOLOR_FORCE and TERM, and whether standard output is a terminal.
            Self::Auto => AutoStream::choice(&io::stdout()),
            Self::Always => ColorChoice::Always,
            Self::Never => ColorChoice::Never,
        };
        if choice == ColorChoice::Never { strip_str(styled).to_string() } else { styled.to_owned() }
    }
}

/// Prints to standard output. A closed pipe (`| head`) is no error: its reader has what it wants.
///
/// # Errors
/// A sentence, when standard output cannot be written.
pub fn print(text: &str) -> Result<(), String> {
    print_while_open(text).map(|_| ())
}

/// Prints to standard output. Returns false when it is a closed pipe.
///
/// # Errors
/// A sentence, when standard output cannot be written.
pub fn print_while_open(text: &str) -> Result<bool, String> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(false),
        Err(error) => Err(format!("the answer cannot be written: {error}")),
    }
}

/// Prints to standard error. Control characters are taken out, because names and messages from outside could steer the
/// terminal with them. A failure is ignored: there is no other place to report it.
pub fn say(text: &str) {
    let lines = text.lines().map(|line| text::safe(line, usize::MAX) + "\n");
    let _ = io::stderr().lock().write_all(lines.collect::<String>().as_bytes());
}

/// A count with its noun in the right number.
#[must_use]
pub fn plural(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

/// Prints a value as JSON or YAML, or as the table that `table` makes of it. The table may be styled.
///
/// # Errors
/// A sentence, when standard output cannot be written.
pub fn print_value<T: Serialize>(
    output: Output,
    value: &T,
    table: impl FnOnce(&T) -> String,
) -> Result<(), String> {
    print(&match output.output {
        Format::Table => output.color.render(&table(value)),
        Format::Json => json(value)?,
        Format::Yaml => yaml(value)?,
    })
}

/// A value as indented JSON.
///
/// # Errors
/// A sentence, for a value that JSON cannot express.
pub fn json<T: Serialize>(value: &T) -> Result<String, String> {
    serde_json::to_string_pretty(value).map(|text| text + "\n").map_err(|error| error.to_string())
}

/// A value as YAML. "ON" and "OFF" are quoted, because kubectl reads the bare words as booleans.
///
/// # Errors
/// A sentence, for a value that YAML cannot express.
pub fn yaml<T: Serialize>(value: &T) -> Result<String, String> {
    serde_saphyr::to_string(value).map_err(|error| error.to_string())
}
