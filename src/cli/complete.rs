//! What `kubectl upmfa` goes on with. kubectl asks the program `kubectl_complete-upmfa`, another link to this binary, with
//! the words behind the plugin's name, of which the last is begun.

use std::{ffi::OsString, path::Path};

use clap::{Arg, Command, ValueHint};

use super::output;

/// The name that kubectl asks under.
const COMPLETER: &str = "kubectl_complete-upmfa";

/// What kubectl's shells do with an answer: they go on with files where it has none.
const FILES: &str = ":0\n";
const NO_FILES: &str = ":4\n";

/// Answers kubectl when this process was started under that name.
#[must_use]
pub fn answers(arguments: &[OsString], command: &Command) -> bool {
    let Some((called, words)) = arguments.split_first() else { return false };
    let asked = Path::new(called).file_name().is_some_and(|name| name == COMPLETER);
    if asked {
        let words: Vec<_> = words.iter().map(|word| word.to_string_lossy().into_owned()).collect();
        // Who completes nothing is told nothing: a shell shows it in the middle of a line.
        let _ = output::print(&completed(command, &words));
    }
    asked
}

/// The words that the last one may become, a line each, and what else the shell may offer.
fn completed(command: &Command, words: &[String]) -> String {
    let Some((begun, before)) = words.split_last() else { return NO_FILES.into() };
    let (command, flag) = reached(command, before);
    let (offered, files) = match flag {
        Some(flag) => (values(flag), is_path(flag)),
        None if begun.starts_with('-') => (flags(command), false),
        None if command.has_subcommands() => (commands(command), false),
        None => {
            let given: Vec<&Arg> = command.get_positionals().collect();
            (given.iter().flat_map(|arg| values(arg)).collect(), given.iter().any(|arg| is_path(arg)))
        }
    };
    let fitting = offered.into_iter().filter(|(word, _)| word.starts_with(begun));
    let lines: Vec<_> = fitting.map(|(word, help)| format!("{word}\t{help}\n")).collect();
    lines.concat() + if files { FILES } else { NO_FILES }
}

/// The command that these words name, and the flag that waits for its value behind them.
fn reached<'a>(mut command: &'a Command, words: &[String]) -> (&'a Command, Option<&'a Arg>) {
    let mut waits = None;
    for word in words {
        if waits.take().is_some() {
            continue;
        }
        match command.find_subcommand(word) {
            Some(found) => command = found,
            None => waits = command.get_arguments().find(|arg| is_called(arg, word) && takes_value(arg)),
        }
    }
    (command, waits)
}

fn is_called(arg: &Arg, word: &str) -> bool {
    let long = word.strip_prefix("--").is_some_and(|word| arg.get_long() == Some(word));
    let short =
        || word.strip_prefix('-').is_some_and(|word| arg.get_short().is_some_and(|c| word == c.to_string()));
    long || short()
}

fn takes_value(arg: &Arg) -> bool {
    arg.get_action().takes_values()
}

fn is_path(arg: &Arg) -> bool {
    arg.get_value_hint() == ValueHint::AnyPath
}

/// A word, and what it means.
type Word = (String, String);

fn commands(command: &Command) -> Vec<Word> {
    let all = command.get_subcommands().filter(|command| !command.is_hide_set());
    all.map(|command| (command.get_name().to_owned(), first_line(command.get_about()))).collect()
}

fn flags(command: &Command) -> Vec<Word> {
    let all = command.get_arguments().filter(|arg| !arg.is_hide_set());
    all.filter_map(|arg| Some((format!("--{}", arg.get_long()?), first_line(arg.get_help())))).collect()
}

fn values(arg: &Arg) -> Vec<Word> {
    // That of a flag without a value has two values: true and false.
    let all = arg.get_possible_values().into_iter().filter(|_| takes_value(arg));
    all.map(|value| (value.get_name().to_owned(), first_line(value.get_help()))).collect()
}

fn first_line(help: Option<&clap::builder::StyledStr>) -> String {
    help.map(ToString::to_string).unwrap_or_default().lines().next().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;
    use crate::cli::Cli;

    /// The words that are offered, and whether files are.
    fn offered(words: &[&str]) -> (Vec<String>, bool) {
        let mut command = Cli::command();
        command.build();
        let words: Vec<_> = words.iter().map(ToString::to_string).collect();
        let told = completed(&command, &words);
        let mut lines: Vec<_> =
            told.lines().map(|line| line.split('\t').next().unwrap().to_owned()).collect();
        let end = lines.pop().unwrap();
        (lines, end == FILES.trim())
    }

    #[test]
    fn the_commands_come_first() {
        assert_eq!(offered(&["va"]), (vec!["validate".to_owned()], false));
        assert!(offered(&[""]).0.contains(&"diff".to_owned()));
    }

    #[test]
    fn a_hyphen_asks_for_the_flags_of_its_command() {
        assert_eq!(offered(&["apply", "--dr"]), (vec!["--dry-run".to_owned()], false));
        assert_eq!(offered(&["apply", "--dry-run", "a.yaml", "--sa"]).0, ["--save"]);
        assert_eq!(offered(&["diff", "--dr"]).0, Vec::<String>::new());
    }

    #[test]
    fn a_flag_asks_for_its_values() {
        assert_eq!(
            offered(&["diff", "-o", ""]),
            (["table", "yaml", "json"].map(str::to_owned).to_vec(), false)
        );
        assert_eq!(offered(&["diff", "--color", "a"]).0, ["auto", "always"]);
        assert_eq!(offered(&["diff", "--previous", ""]), (Vec::new(), true));
        assert_eq!(offered(&["diff", "--profile", ""]), (Vec::new(), false));
    }

    #[test]
    fn what_stands_alone_is_a_file_or_one_of_its_values() {
        assert_eq!(offered(&["diff", "-o", "json", ""]), (Vec::new(), true));
        assert_eq!(offered(&["completion", "z"]), (vec!["zsh".to_owned()], false));
        assert_eq!(offered(&["status", ""]), (Vec::new(), false));
    }
}
