//! `jsonl://`: one JSON object per line, for scripts and for people.
//!
//! A line reaches the system in one write, so a reader never sees half of one that fits, and a
//! line that a full disk cut short is closed before the next begins.

use std::{
    fs::{File, OpenOptions},
    io::{self, Write as _},
};

use mien_shared::{
    label::Expression,
    telemetry::{FaceReading, Hello, Message},
};
use serde::{Serialize, Serializer};

use super::{EventError, Sink};
use crate::spec::Spec;

/// Writes messages as lines of JSON.
#[derive(Debug)]
pub struct JsonLines {
    spec: String,
    out: Out,
    line: Vec<u8>,
    /// The last write failed and may have left part of a line.
    torn: bool,
}

#[derive(Debug)]
enum Out {
    Stdout(io::Stdout),
    File(File),
}

impl JsonLines {
    /// The sink of `jsonl://-` or `jsonl://PATH?mode=append|replace`.
    ///
    /// # Errors
    /// When the file or mode is missing or unknown, or the file cannot be opened.
    pub fn open(spec: &Spec) -> Result<Self, EventError> {
        spec.allow(&["mode"])?;
        let bad = || EventError::BadFile { spec: spec.text().to_owned() };
        let replace = match spec.option::<String>("mode")?.as_deref() {
            None | Some("append") => false,
            Some("replace") => true,
            Some(_) => return Err(bad()),
        };
        let out = match spec.target() {
            "" => return Err(bad()),
            "-" => Out::Stdout(io::stdout()),
            path => Out::File(
                open_file(path, replace)
                    .map_err(|source| EventError::Open { spec: spec.text().to_owned(), source })?,
            ),
        };
        Ok(Self { spec: spec.text().to_owned(), out, line: Vec::new(), torn: false })
    }

    fn compose(&mut self, message: &Message) -> Result<(), EventError> {
        self.line.clear();
        if self.torn {
            self.line.push(b'\n');
        }
        let Some(line) = Line::of(message) else {
            return Err(EventError::NoForm { spec: self.spec.clone() });
        };
        serde_json::to_writer(&mut self.line, &line).map_err(|error| self.failed(error.into()))?;
        self.line.push(b'\n');
        Ok(())
    }

    fn write(&mut self) -> io::Result<()> {
        match &mut self.out {
            Out::File(file) => file.write_all(&self.line),
            Out::Stdout(out) => {
                let mut out = out.lock();
                out.write_all(&self.line)?;
                out.flush()
            }
        }
    }

    fn failed(&self, source: io::Error) -> EventError {
        EventError::Write { spec: self.spec.clone(), source }
    }
}

impl Sink for JsonLines {
    fn send(&mut self, message: &Message) -> Result<(), EventError> {
        self.compose(message)?;
        let written = self.write();
        self.torn = written.is_err();
        written.map_err(|source| self.failed(source))
    }
}

/// A message as its line says it.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Line<'a> {
    Hello(&'a Hello),
    Reading {
        frame: u64,
        captured_at_us: u64,
        latency_us: u64,
        frame_size: [u32; 2],
        #[serde(serialize_with = "write_faces")]
        faces: &'a [FaceReading],
    },
}

impl<'a> Line<'a> {
    fn of(message: &'a Message) -> Option<Self> {
        match message {
            Message::Hello(hello) => Some(Self::Hello(hello)),
            Message::Reading(reading) => Some(Self::Reading {
                frame: reading.frame.0,
                captured_at_us: reading.captured_at_us,
                latency_us: reading.latency_us,
                frame_size: reading.frame_size,
                faces: &reading.faces,
            }),
            _ => None,
        }
    }
}

#[derive(Serialize)]
struct Face<'a> {
    id: u32,
    #[serde(rename = "box")]
    rect: [f32; 4],
    score: f32,
    expression: Option<Expression>,
    confidence: f32,
    #[serde(serialize_with = "write_probs")]
    probs: &'a [f32; 8],
}

fn write_faces<S: Serializer>(faces: &[FaceReading], to: S) -> Result<S::Ok, S::Error> {
    to.collect_seq(faces.iter().map(|face| Face {
        id: face.id,
        rect: [face.rect.x, face.rect.y, face.rect.w, face.rect.h],
        score: face.score,
        expression: face.expression,
        confidence: face.confidence,
        probs: &face.probs,
    }))
}

fn write_probs<S: Serializer>(probs: &[f32; 8], to: S) -> Result<S::Ok, S::Error> {
    to.collect_map(Expression::ALL.into_iter().map(Expression::name).zip(probs))
}

fn open_file(path: &str, replace: bool) -> io::Result<File> {
    if replace {
        File::create(path)?;
    }
    OpenOptions::new().create(true).append(true).open(path)
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use tempfile::tempdir;

    use super::*;
    use crate::events::{open, samples};

    fn spec(path: &Path, query: &str) -> String {
        format!("jsonl://{}{query}", path.display())
    }

    #[test]
    fn lines_have_the_documented_fields() {
        let folder = tempdir().unwrap();
        let path = folder.path().join("events.jsonl");
        let mut sink = open(&spec(&path, "")).unwrap();
        sink.send(&samples::hello()).unwrap();
        sink.send(&samples::reading(42)).unwrap();
        assert_eq!(
            fs::read_to_string(path).unwrap(),
            concat!(
                r#"{"type":"hello","firmware":"0.1.0","board":"host","models":["detector"]}"#,
                "\n",
                r#"{"type":"reading","frame":42,"captured_at_us":1680000,"latency_us":8200,"#,
                r#""frame_size":[640,480],"faces":[{"id":1,"box":[220.0,120.5,200.0,240.0],"#,
                r#""score":0.98,"expression":"happiness","confidence":0.93,"probs":{"#,
                r#""neutral":0.04,"anger":0.0,"contempt":0.01,"disgust":0.0,"fear":0.0,"#,
                r#""happiness":0.93,"sadness":0.0,"surprise":0.02}}]}"#,
                "\n",
            )
        );
    }

    #[test]
    fn an_unknown_expression_is_null() {
        let folder = tempdir().unwrap();
        let path = folder.path().join("events.jsonl");
        let mut message = samples::reading(1);
        if let Message::Reading(reading) = &mut message {
            reading.faces[0].expression = None;
        }
        open(&spec(&path, "")).unwrap().send(&message).unwrap();
        assert!(fs::read_to_string(path).unwrap().contains(r#""expression":null"#));
    }

    #[test]
    fn a_file_is_appended_to_unless_it_is_to_be_replaced() {
        let folder = tempdir().unwrap();
        let path = folder.path().join("events.jsonl");
        let lines = || fs::read_to_string(&path).unwrap().lines().count();
        for (query, expected) in [("", 1), ("", 2), ("?mode=append", 3), ("?mode=replace", 1)] {
            open(&spec(&path, query)).unwrap().send(&samples::hello()).unwrap();
            assert_eq!(lines(), expected, "{query}");
        }
    }

    #[test]
    fn a_full_disk_is_an_error_that_names_the_file_and_the_fix() {
        if !Path::new("/dev/full").exists() {
            eprintln!("SKIPPED: this system has no /dev/full");
            return;
        }
        let mut sink = open("jsonl:///dev/full").unwrap();
        let error = sink.send(&samples::hello()).unwrap_err().to_string();
        assert!(error.starts_with("events jsonl:///dev/full: cannot write:"), "{error}");
        assert!(error.ends_with("free some space or name another place"), "{error}");
    }

    #[test]
    fn a_missing_folder_is_an_error_that_names_the_file_and_the_fix() {
        let error = open("jsonl:///nowhere/at/all/e.jsonl").err().unwrap().to_string();
        assert!(error.contains("/nowhere/at/all/e.jsonl"), "{error}");
        assert!(error.ends_with("make the folder first"), "{error}");
    }

    #[test]
    fn a_line_cut_short_is_closed_before_the_next() {
        let folder = tempdir().unwrap();
        let path = folder.path().join("events.jsonl");
        fs::write(&path, "{\"type\":\"rea").unwrap();
        let mut sink = JsonLines::open(&Spec::parse(&spec(&path, "")).unwrap()).unwrap();
        sink.torn = true;
        sink.send(&samples::hello()).unwrap();
        sink.send(&samples::hello()).unwrap();
        let text = fs::read_to_string(path).unwrap();
        assert_eq!(text.lines().count(), 3, "{text}");
    }
}
