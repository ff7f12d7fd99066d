use std::time::Duration;

use proptest::prelude::*;
use tempfile::tempdir;

use super::{law::Context, *};

/// The least that a file must say.
const LEAST: &str = "[deployment]\ncontext = \"kiosk\"\ncontact = \"desk\"\n";

/// The same on a board that is the same on every machine that tests.
const ON_HOST: &str = "[deployment]\ncontext = \"kiosk\"\ncontact = \"desk\"\nboard = \"host\"\n";

fn load(text: &str) -> Result<Config, ConfigError> {
    load_with(text, &Overrides::default())
}

fn load_with(text: &str, overrides: &Overrides) -> Result<Config, ConfigError> {
    let folder = tempdir().unwrap();
    let path = folder.path().join("mien.toml");
    std::fs::write(&path, text).unwrap();
    Config::load(&path, overrides)
}

/// The flaws of the least file with `text` added.
fn flaws(text: &str) -> Vec<String> {
    load(&format!("{ON_HOST}{text}")).unwrap_err().flaws().iter().map(Flaw::to_string).collect()
}

#[test]
fn the_least_file_is_the_board_with_place_and_contact() {
    let config = load(ON_HOST).unwrap();
    assert_eq!(config.deployment().context, Context::Kiosk);
    assert_eq!((config.deployment().name.as_str(), config.camera().width), ("host", 640));
    assert_eq!(
        (config.display().panel.as_str(), config.pins().source.as_str()),
        ("terminal://", "none://")
    );
    assert_eq!(config.faces().policy, mien_decide::Policy::default());
}

#[test]
fn a_file_without_a_board_goes_by_the_machine_and_says_which() {
    let machine = Board::load(mien_board::AUTO).unwrap();
    let config = load(LEAST).unwrap();
    assert_eq!(
        (config.deployment().board.as_str(), config.deployment().name.as_str()),
        (machine.name(), machine.name())
    );
    let named = load(&format!("{LEAST}board = \"auto\"\n")).unwrap();
    assert_eq!(named, config);
    assert!(!config.display().panel.starts_with("terminal"), "a service has no terminal");
}

#[test]
fn defaults_come_from_the_board_and_the_file_comes_before_them() {
    let text = format!("{LEAST}board = \"zero2w\"\n[camera]\nfps = 10\n");
    let config = load(&text).unwrap();
    assert_eq!((config.camera().width, config.camera().fps), (320, 10.0));
    assert!((config.thermal().half_c - 70.0).abs() < 1e-3);
}

#[test]
fn the_command_line_comes_before_the_file() {
    let mut overrides = Overrides::default();
    overrides.set("events.sinks", vec!["udp://h:1"]);
    overrides.parse("camera.source=dir://pictures").unwrap();
    overrides.parse("faces.enter=0.75").unwrap();
    overrides.parse("privacy.start_paused=true").unwrap();
    let config =
        load_with(&format!("{LEAST}[camera]\nsource = \"v4l2://auto\"\n"), &overrides).unwrap();
    assert_eq!(config.camera().source, "dir://pictures");
    assert_eq!((config.faces().policy.enter, config.privacy().start_paused), (0.75, true));
    assert_eq!(config.events().sinks, ["udp://h:1"]);
    assert_eq!(Config::without_file(&overrides).unwrap().camera().source, "dir://pictures");
}

#[test]
fn a_flaw_of_the_command_line_has_no_line() {
    let mut overrides = Overrides::default();
    overrides.set("camera.fsp", 3);
    overrides.set("camera.fps", "fast");
    let error = load_with(LEAST, &overrides).unwrap_err();
    let flaws = error.flaws().iter().map(Flaw::to_string).collect::<Vec<_>>();
    assert_eq!(
        flaws,
        [
            "camera.fsp: there is no such field; did you mean camera.fps?",
            "camera.fps cannot be \"fast\"; choose 0.1 to 240",
        ]
    );
    assert!(overrides.parse("camera.fps").is_err());
}

#[test]
fn every_flaw_is_listed_with_its_line_value_and_fix() {
    assert_eq!(
        flaws(
            "nmae = \"x\"\n[camra]\nfps = 3\n[camera]\nstall_s = 0\nsource = \"/dev/video0\"\n\
             [faces]\nenter = 0.4\nleave = 0.5\n"
        ),
        [
            "line 5: deployment.nmae: there is no such field; did you mean deployment.name?",
            "line 6: camra: there is no such field; did you mean camera?",
            "line 9: camera.stall_s cannot be 0; choose 0.2 to 60 seconds",
            "line 10: camera.source cannot be \"/dev/video0\"; write it as \"scheme://target\"",
            "line 13: faces.leave cannot be 0.5; choose 0 to 0.4",
        ]
    );
}

#[test]
fn a_file_must_say_where_the_device_stands_and_who_answers_for_it() {
    let error = load("").unwrap_err();
    let flaws = error.flaws().iter().map(Flaw::to_string).collect::<Vec<_>>();
    assert_eq!(
        flaws,
        [
            "deployment.context is missing; say where it stands, for example \"kiosk\"",
            "deployment.contact is missing; say whom people may ask about it",
        ]
    );
}

#[test]
fn text_that_is_no_toml_is_told_with_every_line() {
    let error = load("[deployment\nname = \n").unwrap_err();
    assert!(!error.flaws().is_empty());
    assert!(error.flaws().iter().all(|flaw| flaw.line.is_some()), "{error}");
    assert!(error.to_string().contains("line 1: "), "{error}");
}

#[test]
fn limits_out_of_order_are_refused() {
    assert_eq!(
        flaws("[thermal]\nquarter_c = 60\n"),
        ["line 6: thermal.quarter_c cannot be 60.0; choose more than thermal.half_c, 80"]
    );
}

#[test]
fn a_section_that_is_no_table_is_told() {
    let error = load(&format!("camera = 3\n{LEAST}")).unwrap_err().to_string();
    assert!(error.contains("line 1: camera cannot be one integer; write [camera]"), "{error}");
}

#[test]
fn a_preview_needs_its_owners_word() {
    let sinks = "[events]\nsinks = [\"http://127.0.0.1:8080?preview=1&token=abc\"]\n";
    let told = flaws(sinks);
    assert!(told[0].contains("set privacy.preview = true") && !told[0].contains("abc"), "{told:?}");
    assert!(load(&format!("{LEAST}{sinks}[privacy]\npreview = true\n")).is_ok());
}

#[test]
fn a_board_that_is_not_there_is_told_with_those_that_are_and_the_rest_is_still_read() {
    let error = load(&format!("{LEAST}board = \"pi9\"\n[camera]\nfps = 0\n")).unwrap_err();
    let told = error.flaws().iter().map(Flaw::to_string).collect::<Vec<_>>();
    assert!(told[0].starts_with("line 4: deployment.board cannot be \"pi9\"; "), "{told:?}");
    assert!(told[0].contains("zero2w") && told[1].starts_with("line 6: camera.fps"), "{told:?}");
}

#[test]
fn a_board_file_is_looked_for_beside_the_configuration() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("mien.toml");
    std::fs::write(folder.path().join("my lobby.toml"), "inherit = \"pi5\"\n").unwrap();
    std::fs::write(&path, format!("{LEAST}board = \"my lobby.toml\"\n")).unwrap();
    let config = Config::load(&path, &Overrides::default()).unwrap();
    assert_eq!(config.deployment().name, "my-lobby");
}

#[test]
fn a_file_beyond_reason_is_not_read() {
    let error = load(&"#".repeat(300_000)).unwrap_err();
    assert!(matches!(error, ConfigError::TooLong { .. }), "{error}");
}

#[test]
fn expressions_are_withheld_where_the_law_says_so_and_nowhere_else() {
    for (context, withheld) in [("kiosk", false), ("workplace", true), ("education", true)] {
        let text = format!("[deployment]\ncontext = {context:?}\ncontact = \"desk\"\n");
        assert_eq!(load(&text).unwrap().withholds().is_some(), withheld, "{context}");
    }
    assert_eq!(Config::without_file(&Overrides::default()).unwrap().withholds(), None);
}

#[test]
fn an_exception_needs_a_reason_and_a_place_that_needs_it() {
    let claim = |context: &str, rest: &str| {
        load(&format!(
            "[deployment]\ncontext = {context:?}\ncontact = \"d\"\nexception = \"medical\"\n{rest}"
        ))
    };
    let error = claim("workplace", "").unwrap_err().to_string();
    assert!(error.contains("deployment.exception_reason is missing"), "{error}");
    let error = claim("kiosk", "").unwrap_err().to_string();
    assert!(error.contains("line 4: deployment.exception cannot be \"medical\""), "{error}");
    let config =
        claim("workplace", "exception_reason = \"study 2026-17, ethics board\"\n").unwrap();
    assert_eq!(config.withholds(), None);
}

#[test]
fn the_resolved_configuration_loads_as_the_same_one() {
    let text =
        format!("{LEAST}board = \"pi5\"\n[faces]\nleave = 0.3\n[models]\nprecision = \"int8\"\n");
    let config = load(&text).unwrap();
    assert_eq!(load(&config.to_toml()).unwrap(), config);
}

#[test]
fn the_resolved_configuration_shows_no_secret() {
    let config = load(&format!("{LEAST}[events]\nsinks = [\"mqtt://u:hunter2@h/p\"]\n")).unwrap();
    assert!(config.events().sinks[0].contains("hunter2"));
    assert!(!config.to_toml().contains("hunter2") && config.to_toml().contains("•••"));
}

#[test]
fn the_example_is_what_the_fields_say() {
    let written = example_for("pi5").unwrap();
    assert_eq!(example(), written, "run: cargo test -p mien-config -- --ignored regenerate");
}

#[test]
fn the_file_that_the_crate_opens_with_is_valid() {
    let head = include_str!("lib.rs").split("```toml").nth(1).unwrap().split("```").next().unwrap();
    let text = head.lines().map(|line| line.trim_start_matches("//!")).collect::<Vec<_>>();
    let config = load(&text.join("\n")).unwrap();
    assert_eq!((config.deployment().name.as_str(), config.events().sinks.len()), ("lobby", 1));
}

#[test]
fn every_board_has_an_example_that_is_valid() {
    for board in Board::names() {
        let config = load(&example_for(board).unwrap()).unwrap();
        assert_eq!(config.deployment().board, board);
    }
    assert!(example_for("pi9").is_err());
}

#[test]
#[ignore = "writes example.toml anew"]
fn regenerate() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/example.toml");
    std::fs::write(path, example_for("pi5").unwrap()).unwrap();
}

#[test]
fn the_example_is_valid_and_mentions_and_explains_every_field() {
    let example = example();
    let mut config = load(example).unwrap();
    for section in &config.sections() {
        let start = example.find(&format!("[{}]\n", section.name)).unwrap();
        for field in &section.fields {
            let line = format!("\n{} = ", field.name);
            let unset = format!("\n# {} = ", field.name);
            let rest = &example[start..];
            assert!(rest.contains(&line) || rest.contains(&unset), "{}", field.name);
            assert!(field.about.split(' ').count() >= 2, "{}", field.about);
        }
    }
    assert!(example.lines().all(|line| line.chars().count() <= 100), "{example}");
}

#[test]
fn what_the_example_leaves_out_can_be_written() {
    let example = example().replace("\n# exception_reason = ", "\nexception_reason = ");
    let example = example.replace("\n# path = ", "\npath = ");
    assert!(load(&example).is_ok(), "{example}");
}

#[test]
fn changes_are_told_field_by_field_with_what_they_need() {
    let old = load(ON_HOST).unwrap();
    let new = load(&format!(
        "{ON_HOST}notice = \"hello\"\n[camera]\nfps = 15\n[faces]\nhold_s = 1\n\
         [events]\nsinks = [\"mqtt://h/p?password=x\"]\n[privacy]\nstart_paused = true\n"
    ))
    .unwrap();
    let changes = Config::changes(&old, &new);
    let told = changes.iter().map(Change::to_string).collect::<Vec<_>>();
    assert_eq!(
        told,
        [
            "deployment.notice: \"hello\" in place of not set",
            "camera.fps: 15.0 in place of 30.0; the camera opens anew",
            "events.sinks: [\"mqtt://h/p?password=•••\"] in place of []; the list of sinks opens anew",
            "faces.hold_s: 1.0 in place of 0.4",
            "privacy.start_paused: true in place of false; from the next start on",
        ]
    );
    assert_eq!(changes[1].effect, Effect::Part(Part::Camera));
    assert!(Config::changes(&old, &old.clone()).is_empty());
}

#[test]
fn what_the_networks_are_built_for_needs_them_built_anew() {
    let old = load(LEAST).unwrap();
    let new = load(
        "[deployment]\ncontext = \"workplace\"\ncontact = \"desk\"\n\
         exception = \"safety\"\nexception_reason = \"crane cab\"\n[faces]\ndetect_every = 1\n",
    );
    let changes = Config::changes(&old, &new.unwrap());
    let told = changes.iter().map(|change| (change.field.as_str(), change.effect));
    assert_eq!(
        told.collect::<Vec<_>>(),
        [
            ("deployment.context", Effect::Part(Part::Models)),
            ("deployment.exception", Effect::Part(Part::Models)),
            ("deployment.exception_reason", Effect::Live),
            ("faces.detect_every", Effect::Part(Part::Models)),
        ]
    );
}

#[test]
fn a_changed_secret_is_a_change_that_is_not_shown() {
    let with = |password: &str| {
        load(&format!("{LEAST}[events]\nsinks = [\"mqtt://h/p?password={password}\"]\n")).unwrap()
    };
    let changes = Config::changes(&with("one"), &with("two"));
    assert_eq!(changes.len(), 1);
    assert_eq!(changes[0].from, changes[0].to);
}

#[test]
fn times_are_taken_in_seconds() {
    let config = load(&format!("{LEAST}[camera]\nstall_s = 2.5\n")).unwrap();
    assert_eq!(config.camera().stall, Duration::from_millis(2_500));
}

/// The text without a file.
fn parse(text: &str) -> Result<Config, Vec<Flaw>> {
    read::parse(text, None, &Overrides::default())
}

proptest! {
    #[test]
    fn any_text_is_taken_or_refused(text in any::<String>(), at in any::<prop::sample::Index>()) {
        prop_assert!(parse(&text).is_err());
        let example = example();
        let place = example.floor_char_boundary(at.index(example.len()));
        let (before, after) = example.split_at(place);
        if let Err(flaws) = parse(&format!("{before}{text}{after}")) {
            prop_assert!(!flaws.is_empty());
        }
    }

    #[test]
    fn a_file_without_some_of_its_lines_is_taken_or_refused_with_the_place(
        keep in prop::collection::vec(any::<bool>(), 400),
    ) {
        let lines = example().lines().zip(keep).filter(|(_, keep)| *keep);
        let text = lines.map(|(line, _)| line).collect::<Vec<_>>().join("\n");
        match parse(&text) {
            Ok(config) => prop_assert_eq!(parse(&config.to_toml()).unwrap(), config),
            Err(flaws) => prop_assert!(!flaws.is_empty()),
        }
    }
}
