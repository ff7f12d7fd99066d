//! What must hold between the fields of a configuration.

use mien_core::spec::Spec;
use mien_decide::PolicyError;

use crate::{
    Config, Problem,
    law::{Context, Exception},
    redact::redact,
    value::name_of,
};

/// The rules for every configuration.
pub(crate) fn of_every(config: &Config) -> Vec<Problem> {
    let mut problems = Vec::new();
    problems.extend(policy(config));
    problems.extend(temperatures(config));
    problems.extend(exception(config));
    problems.extend(previews(config));
    problems
}

/// The rules for a configuration that is written in a file.
pub(crate) fn of_a_file(config: &Config) -> Vec<Problem> {
    let mut problems = declared(config);
    problems.extend(of_every(config));
    problems
}

/// A file says where the device stands and who answers for it.
fn declared(config: &Config) -> Vec<Problem> {
    let mut problems = Vec::new();
    if config.deployment.context == Context::Undeclared {
        problems.push(missing("deployment.context", "say where it stands, for example \"kiosk\""));
    }
    if config.deployment.contact.is_none() {
        problems.push(missing("deployment.contact", "say whom people may ask about it"));
    }
    problems
}

/// What holds between the numbers of the policy.
fn policy(config: &Config) -> Option<Problem> {
    let PolicyError { field, value, range } = config.faces.policy.check().err()?;
    let fix = format!("choose {} to {}", range.start(), range.end());
    Some(wrong(&format!("faces.{field}"), &value, fix))
}

/// Each limit lies above the one before.
fn temperatures(config: &Config) -> Vec<Problem> {
    let limits = config.thermal;
    let rungs = [
        ("thermal.half_c", limits.half_c),
        ("thermal.quarter_c", limits.quarter_c),
        ("thermal.sparse_c", limits.sparse_c),
        ("thermal.pause_c", limits.pause_c),
    ];
    let falls = rungs.windows(2).filter(|pair| pair[1].1 <= pair[0].1);
    falls
        .map(|pair| {
            let ((below, limit), (field, value)) = (pair[0], pair[1]);
            wrong(field, &value, format!("choose more than {below}, {limit}"))
        })
        .collect()
}

/// An exception has a reason, and is only claimed where one is needed.
fn exception(config: &Config) -> Option<Problem> {
    let deployment = &config.deployment;
    let claimed = deployment.exception != Exception::None;
    if claimed && !deployment.context.is_protected() {
        let fix = format!("remove it: nothing is withheld where context is {}", deployment.context);
        return Some(wrong("deployment.exception", &name_of(deployment.exception), fix));
    }
    if claimed && deployment.exception_reason.is_none() {
        let fix = "say why the exception applies; it is written into the audit log";
        return Some(missing("deployment.exception_reason", fix));
    }
    None
}

/// Sinks show pictures only where the owner allows that.
fn previews(config: &Config) -> Option<Problem> {
    if config.privacy.preview {
        return None;
    }
    let asks = |sink: &&String| {
        let preview = Spec::parse(sink).ok().and_then(|spec| spec.option::<String>("preview").ok());
        preview.flatten().is_some_and(|preview| preview != "0")
    };
    let sink = config.events.sinks.iter().find(asks)?;
    let fix = "remove preview=1 there, or set privacy.preview = true".to_owned();
    Some(wrong("events.sinks", &redact(sink), fix))
}

fn missing(field: &str, fix: &str) -> Problem {
    Problem::Missing { field: field.to_owned(), fix: fix.to_owned() }
}

fn wrong(field: &str, value: &impl std::fmt::Debug, fix: String) -> Problem {
    Problem::Wrong { field: field.to_owned(), value: format!("{value:?}"), fix }
}
