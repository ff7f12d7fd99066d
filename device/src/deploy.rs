//! A deployment's parts, made from its configuration.

mod keeper;

use std::{path::PathBuf, sync::Arc, time::Duration};

use mien_config::{Config, Portrait, Precision, Rotation, audit, law::Context};
use mien_shared::{pixels::Turn, telemetry::Hello};

pub use self::keeper::Keeper;
use crate::{
    camera::Supply,
    cli::CliError,
    command::{Asked, Asker},
    events::{Link, Sinks},
    face::Vision,
    models::Models,
    panel::{self, Panel},
    pins,
    pipeline::{Diary, Makers, Manners, Outputs, Owner},
    precision::{Precisions, Wanted, record_path},
    spec::Spec,
    ui::Page,
};

/// How long people are told that they are looked at, where others than the owner come.
const NOTICE: Duration = Duration::from_secs(6);

/// The audit log's name in the service's state folder.
const AUDIT_LOG: &str = "audit.jsonl";

/// The networks of `config`.
///
/// # Errors
/// When they cannot be read.
pub fn models(config: &Config) -> Result<Models, CliError> {
    let wanted = match config.models().precision {
        Precision::Auto => Wanted::Auto,
        Precision::F32 => Wanted::F32,
        Precision::Int8 => Wanted::Int8,
    };
    let precisions = Precisions::load(wanted, &record_path())?;
    Ok(Models { precisions, ..Models::load(&config.models().paths)? })
}

/// Who speaks, and with which networks.
pub fn hello(config: &Config, models: &Models) -> Hello {
    let mut hello = crate::cli::hello(&config.deployment().board, models);
    if config.withholds().is_some() {
        hello.models.retain(|name| *name != models.expression.manifest.name);
    }
    hello
}

/// What opens the source and builds the networks.
///
/// # Errors
/// When the networks cannot be read.
pub fn makers(config: &Config) -> Result<Makers, CliError> {
    let models = Arc::new(models(config)?);
    let (source, watching, turn) = (source(config), config.faces().watching, turn(config));
    let withheld = config.withholds().is_some();
    let vision = move || {
        let vision = Vision::with(&models, watching)?.turned(turn);
        Ok(if withheld { vision.without_expressions() } else { vision })
    };
    Ok(Makers { supply: Arc::new(move || Supply::open(&source)), vision: Arc::new(vision) })
}

/// The source, asked for the configuration's picture where it is a camera that is not told one.
pub fn source(config: &Config) -> String {
    let camera = config.camera();
    let Ok(spec) = Spec::parse(&camera.source) else { return camera.source.clone() };
    let timeout = camera.stall.as_secs_f64();
    let mut wishes = Vec::new();
    if spec.scheme() == "v4l2" {
        wishes.push(("size", format!("{}x{}", camera.width, camera.height)));
        wishes.push(("fps", camera.fps.to_string()));
        wishes.push(("timeout", timeout.to_string()));
    }
    let mut text = camera.source.clone();
    for (key, value) in wishes {
        if matches!(spec.option::<String>(key), Ok(None)) {
            text.push(if text.contains('?') { '&' } else { '?' });
            text.extend([key, "=", &value]);
        }
    }
    text
}

/// How the camera's pictures are turned.
fn turn(config: &Config) -> Turn {
    let quarters = match config.camera().rotate {
        Rotation::None => 0,
        Rotation::Quarter => 1,
        Rotation::Half => 2,
        Rotation::ThreeQuarters => 3,
    };
    Turn { quarters, mirror: config.camera().mirror }
}

/// How the device behaves.
pub fn manners(config: &Config) -> Manners {
    let told = config.deployment().context.is_public();
    Manners {
        policy: config.faces().policy,
        limits: config.thermal(),
        notice: if told { NOTICE } else { Duration::ZERO },
        notice_text: config.deployment().notice.clone(),
        pages: config.display().pages.iter().copied().map(page).collect(),
        brightness: config.pins().brightness,
        withheld: config.withholds().is_some(),
        avatar: config.display().portrait == Portrait::Avatar,
        status_every: config.events().status_every,
    }
}

fn page(page: mien_config::Page) -> Page {
    match page {
        mien_config::Page::Reading => Page::Reading,
        mien_config::Page::Actions => Page::Actions,
        mien_config::Page::Health => Page::Health,
    }
}

/// The panel; nothing is drawn where there is none.
///
/// # Errors
/// When it cannot be opened.
pub fn panels(config: &Config) -> Result<Vec<Box<dyn Panel>>, CliError> {
    let spec = &config.display().panel;
    let blind = Spec::parse(spec).is_ok_and(|spec| spec.scheme() == "none");
    let panel = panel::open(spec)?;
    Ok(if blind { Vec::new() } else { vec![panel] })
}

/// The sinks; their commands go to `asker`.
///
/// # Errors
/// When a specification is malformed.
pub fn sinks(config: &Config, asker: &Asker) -> Result<Sinks, CliError> {
    let link = Link { device: config.deployment().name.clone(), asker: asker.clone() };
    Ok(Sinks::open(&config.events().sinks, &link)?)
}

/// Panels, sinks and pins.
///
/// # Errors
/// When one of them cannot be opened.
pub fn outputs(config: &Config, asker: &Asker, asked: Asked) -> Result<Outputs, CliError> {
    let pins = pins::open(&config.pins().source)?;
    let owner = Owner::new(asked, pins);
    Ok(Outputs { panels: panels(config)?, sinks: sinks(config, asker)?, owner })
}

/// The audit log, where there is a place for one; that there is none is said once.
pub fn diary(config: &Config) -> Option<Diary> {
    let audit = config.audit();
    let folder = || std::env::var_os("STATE_DIRECTORY").map(PathBuf::from);
    let path = audit.path.clone().or_else(|| folder().map(|folder| folder.join(AUDIT_LOG)))?;
    match Diary::open(&path, audit::Bounds::from(audit)) {
        Ok(diary) => Some(diary),
        Err(error) => {
            log::warn!("nothing is written down: {error}");
            None
        }
    }
}

/// What is worth writing down at the start.
pub fn first_records(config: &Config) -> Vec<audit::Event> {
    let deployment = config.deployment();
    let mut records = vec![audit::Event::Started {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        name: deployment.name.clone(),
        context: deployment.context.to_string(),
    }];
    if let Some(reason) = config.withholds() {
        records.push(audit::Event::Withheld { reason: reason.to_string() });
    } else if deployment.context.is_protected() {
        let reason = deployment.exception_reason.clone().unwrap_or_default();
        records.push(audit::Event::Excepted { exception: deployment.exception, reason });
    }
    records
}

/// What is said at the start about where the device stands.
pub fn duty(config: &Config) -> Option<String> {
    match (config.withholds(), config.deployment().context) {
        (Some(reason), _) => Some(reason.to_string()),
        (None, Context::Undeclared) => Some(
            "where does this device stand? `deployment.context` in a configuration says it; \
             persons must be told that their expressions are read"
                .to_owned(),
        ),
        _ => None,
    }
}
