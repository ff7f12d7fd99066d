//! Records as a table, with `OpenFace`'s column names where it has one.

use std::io::{self, Write};

use mien_shared::label::Expression;

use super::Record;

/// Columns before the probabilities.
const HEAD: [&str; 9] =
    ["image", "face_id", "confidence", "success", "x", "y", "w", "h", "expression"];

/// Writes records as CSV, the head before the first.
#[derive(Debug)]
pub struct CsvRecords {
    headed: bool,
}

impl CsvRecords {
    /// A table with nothing in it yet.
    #[must_use]
    pub fn new() -> Self {
        Self { headed: false }
    }

    /// Writes one row.
    ///
    /// # Errors
    /// When `out` refuses it.
    pub fn write(&mut self, record: &Record, out: &mut dyn Write) -> io::Result<()> {
        let mut csv = csv::Writer::from_writer(out);
        if !self.headed {
            let names = Expression::ALL.iter().map(|e| e.name());
            csv.write_record(HEAD.into_iter().chain(names).chain(["error"]))?;
            self.headed = true;
        }
        csv.write_record(row(record))?;
        csv.flush()
    }
}

impl Default for CsvRecords {
    fn default() -> Self {
        Self::new()
    }
}

fn row(record: &Record) -> Vec<String> {
    let number = |value: Option<f32>| value.map(|v| v.to_string()).unwrap_or_default();
    let mut cells = vec![
        record.image.clone(),
        record.face.map(|face| face.to_string()).unwrap_or_default(),
        number(record.score),
        u8::from(record.face.is_some()).to_string(),
    ];
    cells.extend((0..4).map(|i| number(record.rect.map(|rect| rect[i]))));
    cells.push(record.reading.map(|r| r.expression.to_string()).unwrap_or_default());
    cells.extend((0..8).map(|i| number(record.reading.map(|r| r.probs[i]))));
    cells.push(record.error.clone().unwrap_or_default());
    cells
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_has_one_head_and_a_row_per_record() {
        let mut probs = [0.0; 8];
        (probs[5], probs[0]) = (0.75, 0.25);
        let face = Record {
            image: "a, b.jpg".to_owned(),
            face: Some(0),
            rect: Some([1.0, 2.5, 30.0, 40.0]),
            score: Some(0.5),
            reading: Some(probs.into()),
            ..Record::default()
        };
        let bad = Record {
            image: "c.png".to_owned(),
            error: Some("damaged".to_owned()),
            ..Record::default()
        };
        let (mut table, mut out) = (CsvRecords::new(), Vec::new());
        table.write(&face, &mut out).unwrap();
        table.write(&bad, &mut out).unwrap();
        let expected = "image,face_id,confidence,success,x,y,w,h,expression,\
            neutral,anger,contempt,disgust,fear,happiness,sadness,surprise,error\n\
            \"a, b.jpg\",0,0.5,1,1,2.5,30,40,happiness,0.25,0,0,0,0,0.75,0,0,\n\
            c.png,,,0,,,,,,,,,,,,,,damaged\n";
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }
}
