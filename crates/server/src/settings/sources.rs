//! Reads settings from flags, variables and a file, in this order of precedence, and words the errors.

use super::Settings;
use super::error::SettingsError;
use super::values::NotAKey;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, ArgMatches, Command, FromArgMatches};
use std::error::Error;
use std::ffi::OsString;
use std::fs;
use std::path::Path;

/// The settings, and the rest of what `words`, the command line, says.
pub(crate) fn read(
    command: Command,
    words: &[OsString],
) -> Result<(Settings, ArgMatches), SettingsError> {
    // `global`: flags may stand behind a subcommand, too. `hide_env_values`: `--help` must print no secrets.
    let command = command.mut_args(|arg| match arg.get_env() {
        Some(_) => arg.global(true).hide_env_values(true),
        None => arg,
    });
    // Parsed once to learn where the file is, and again with what it says.
    let mut matches = parse(command.clone(), words)?;
    if let Some(file) = matches.get_one::<std::path::PathBuf>("config") {
        matches = parse(with_defaults_of(command, file)?, words)?;
    }
    let settings = Settings::from_arg_matches(&matches).map_err(SettingsError::CommandLine)?;
    settings.check()?;
    Ok((settings, matches))
}

fn parse(mut command: Command, words: &[OsString]) -> Result<ArgMatches, SettingsError> {
    let parsed = command.try_get_matches_from_mut(words);
    parsed.map_err(|error| explained(&command, error))
}

/// The command with the values of a file as its defaults, so that flags and variables override them. A name
/// that is no setting is an error.
fn with_defaults_of(mut command: Command, file: &Path) -> Result<Command, SettingsError> {
    let failed = |source: Box<dyn Error + Send + Sync>| SettingsError::File {
        file: file.display().to_string(),
        source,
    };
    let text = fs::read_to_string(file).map_err(|error| failed(error.into()))?;
    let table: toml::Table = toml::from_str(&text).map_err(|error| failed(error.into()))?;
    for (name, value) in table {
        let is_setting = |arg: &Arg| arg.get_id() == name.as_str() && arg.get_env().is_some();
        if name == "config" || !command.get_arguments().any(is_setting) {
            return Err(failed(format!("unknown setting `{name}`").into()));
        }
        let Some(value) = word(&value) else {
            let error = format!("`{name}` must be a text, a number or a truth value");
            return Err(failed(error.into()));
        };
        command = command.mut_arg(name, |arg| arg.default_value(value));
    }
    Ok(command)
}

/// A value of the file as the text that a flag would have; `None` for lists and tables.
fn word(value: &toml::Value) -> Option<String> {
    match value {
        toml::Value::String(text) => Some(text.clone()),
        toml::Value::Integer(number) => Some(number.to_string()),
        toml::Value::Float(number) => Some(number.to_string()),
        toml::Value::Boolean(on) => Some(if *on { "on" } else { "off" }.to_owned()),
        _ => None,
    }
}

/// An error about a value as one line with the variable's name. Clap would write a paragraph about a flag,
/// which the operator may never have typed. Other errors stay as they are. Values that may be secrets are not
/// repeated.
fn explained(command: &Command, error: clap::Error) -> SettingsError {
    let said = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => Some(text.clone()),
        Some(ContextValue::Strings(all)) => Some(all.join(" or ")),
        _ => None,
    };
    let is_of_value = matches!(error.kind(), ErrorKind::ValueValidation | ErrorKind::InvalidValue);
    let Some(flag) = said(ContextKind::InvalidArg).filter(|_| is_of_value) else {
        return SettingsError::CommandLine(error);
    };
    let name = flag.trim_start_matches("--").split(' ').next();
    let setting = command.get_arguments().find(|arg| arg.get_long() == name);
    let Some(variable) = setting.and_then(Arg::get_env) else {
        return SettingsError::CommandLine(error);
    };
    let given = match error.source() {
        Some(source) if source.is::<NotAKey>() => "what was given".to_owned(),
        _ => format!("{:?}", said(ContextKind::InvalidValue).unwrap_or_default()),
    };
    let wanted = error.source().map(ToString::to_string);
    let wanted = wanted.or_else(|| said(ContextKind::ValidValue)).unwrap_or_default();
    SettingsError::Value { setting: variable.to_string_lossy().into_owned(), given, wanted }
}
