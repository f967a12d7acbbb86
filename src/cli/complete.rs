//! Completion of `kubectl upmfa`. kubectl calls the program `kubectl_complete-upmfa`, another link to this binary, with the
//! words after the plugin's name; the last of them is incomplete.
//!
//! clap_complete's own completion at run time is unstable (`unstable-dynamic`) and does not print what kubectl reads.

use std::{ffi::OsString, path::Path};

use clap::{Arg, Command, ValueHint};

use super::output;

/// The name that kubectl calls for completions.
const COMPLETER: &str = "kubectl_complete-upmfa";

/// The last line of the answer. With the first, the shell offers file names when no word fits; with the second, never.
const FILES: &str = ":0\n";
const NO_FILES: &str = ":4\n";

/// Prints completions when this process was called by kubectl for them. Returns whether it was.
#[must_use]
pub fn answers_kubectl(arguments: &[OsString], command: &Command) -> bool {
    let Some((program, words)) = arguments.split_first() else { return false };
    let is_completer = Path::new(program).file_name().is_some_and(|name| name == COMPLETER);
    if is_completer {
        let words: Vec<_> = words.iter().map(|word| word.to_string_lossy().into_owned()).collect();
        // An error is not shown: a shell would print it in the middle of the command line.
        let _ = output::print(&completions(command, &words));
    }
    is_completer
}

/// The words that the last word may become, a line each, and what else the shell may offer.
fn completions(command: &Command, words: &[String]) -> String {
    let Some((incomplete, before)) = words.split_last() else { return NO_FILES.into() };
    let (command, flag) = context(command, before);
    let (candidates, files) = match flag {
        Some(flag) => (values(flag), is_path(flag)),
        None if incomplete.starts_with('-') => (flags(command), false),
        None if command.has_subcommands() => (commands(command), false),
        None => {
            let positionals: Vec<&Arg> = command.get_positionals().collect();
            let values = positionals.iter().flat_map(|arg| values(arg)).collect();
            (values, positionals.iter().any(|arg| is_path(arg)))
        }
    };
    let fitting = candidates.into_iter().filter(|(word, _)| word.starts_with(incomplete));
    let lines: Vec<_> = fitting.map(|(word, help)| format!("{word}\t{help}\n")).collect();
    lines.concat() + if files { FILES } else { NO_FILES }
}

/// The command that these words name, and the flag at their end whose value comes next.
fn context<'a>(mut command: &'a Command, words: &[String]) -> (&'a Command, Option<&'a Arg>) {
    let mut flag = None;
    for word in words {
        // This word is the value of the flag before it.
        if flag.take().is_some() {
            continue;
        }
        match command.find_subcommand(word) {
            Some(subcommand) => command = subcommand,
            None => flag = command.get_arguments().find(|arg| has_name(arg, word) && takes_value(arg)),
        }
    }
    (command, flag)
}

fn has_name(arg: &Arg, word: &str) -> bool {
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

/// A word and its help.
type Candidate = (String, String);

fn commands(command: &Command) -> Vec<Candidate> {
    let all = command.get_subcommands().filter(|command| !command.is_hide_set());
    all.map(|command| (command.get_name().to_owned(), first_line(command.get_about()))).collect()
}

fn flags(command: &Command) -> Vec<Candidate> {
    let all = command.get_arguments().filter(|arg| !arg.is_hide_set());
    all.filter_map(|arg| Some((format!("--{}", arg.get_long()?), first_line(arg.get_help())))).collect()
}

fn values(arg: &Arg) -> Vec<Candidate> {
    // clap lists true and false for a flag that takes no value.
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

    /// The words that are offered, and whether file names are.
    fn offered(words: &[&str]) -> (Vec<String>, bool) {
        let mut command = Cli::command();
        command.build();
        let words: Vec<_> = words.iter().map(ToString::to_string).collect();
        let answer = completions(&command, &words);
        let mut lines: Vec<_> =
            answer.lines().map(|line| line.split('\t').next().unwrap().to_owned()).collect();
        let end = lines.pop().unwrap();
        (lines, end == FILES.trim())
    }

    #[test]
    fn the_first_word_is_completed_to_a_command() {
        assert_eq!(offered(&["va"]), (vec!["validate".to_owned()], false));
        assert!(offered(&[""]).0.contains(&"diff".to_owned()));
    }

    #[test]
    fn a_hyphen_is_completed_to_a_flag_of_the_command() {
        assert_eq!(offered(&["apply", "--dr"]), (vec!["--dry-run".to_owned()], false));
        assert_eq!(offered(&["apply", "--dry-run", "a.yaml", "--sa"]).0, ["--save"]);
        assert_eq!(offered(&["diff", "--dr"]).0, Vec::<String>::new());
    }

    #[test]
    fn the_word_after_a_flag_is_completed_to_its_value() {
        assert_eq!(
            offered(&["diff", "-o", ""]),
            (["table", "yaml", "json"].map(str::to_owned).to_vec(), false)
        );
        assert_eq!(offered(&["diff", "--color", "a"]).0, ["auto", "always"]);
        assert_eq!(offered(&["diff", "--previous", ""]), (Vec::new(), true));
        assert_eq!(offered(&["diff", "--profile", ""]), (Vec::new(), false));
    }

    #[test]
    fn a_positional_is_completed_to_its_value_or_a_file() {
        assert_eq!(offered(&["diff", "-o", "json", ""]), (Vec::new(), true));
        assert_eq!(offered(&["completion", "z"]), (vec!["zsh".to_owned()], false));
        assert_eq!(offered(&["status", ""]), (Vec::new(), false));
    }
}
