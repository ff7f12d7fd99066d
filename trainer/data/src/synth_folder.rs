//! A folder of rendered faces: `labels.csv` and `images/`, as the data synthesiser writes them.
//!
//! Columns used: `file`, `subject`, `expression`, `AU..` (0..=1), `x_0`, `y_0` … `x_67`, `y_67`
//! (pixels), the flags of [`ATTRIBUTES`] and, where they are there, `visible` (68 times 1 seen or 0
//! hidden, empty where not known) and `yaw` (degrees). Others are passed over. A row that cannot be
//! used is a fault and leaves its number free.

use std::path::Path;

use mien_shared::{au::ActionUnit, geometry::LANDMARKS, geometry::Point, label::Expression};

use crate::{
    DataError,
    manifest::{Annotation, Coded, Entry, ListAdapter, Listing, Manifest, Official, Source},
    table::{Row, Table},
};

/// The attributes of every entry, in order.
pub const ATTRIBUTES: [&str; 5] = ["glasses", "hat", "mask", "beard", "moustache"];

/// FACS intensity of a unit at full strength.
const FULL: f32 = 5.0;

/// The form that `data synth` writes.
pub(super) const ADAPTER: ListAdapter = ListAdapter {
    name: "synth_folder",
    layout: "labels.csv, images/*.png",
    official: Official { pictures: None, subjects: None, classes: &[] },
    list,
};

/// Lists the folder `root`.
pub fn list(root: &Path) -> Listing {
    let mut listing = Listing::new(ADAPTER.name);
    match read(root, &mut listing.manifest) {
        Ok(faults) => listing.faults = faults,
        Err(fault) => listing.faults.push(fault),
    }
    listing
}

/// Reads the table into `manifest`; gives the faults of single rows.
fn read(root: &Path, manifest: &mut Manifest) -> Result<Vec<DataError>, DataError> {
    let table = Table::open(&root.join("labels.csv"))?;
    let columns = Columns::find(&table)?;
    let mut faults = Vec::new();
    for (id, row) in (0..).zip(table.rows()) {
        match columns.entry(id, row, root) {
            Ok(entry) => manifest.entries.push(entry),
            Err(fault) => faults.push(fault),
        }
    }
    Ok(faults)
}

/// Where the columns are.
struct Columns {
    file: usize,
    subject: usize,
    expression: usize,
    units: Vec<(ActionUnit, usize)>,
    points: Vec<(usize, usize)>,
    visible: Option<usize>,
    yaw: Option<usize>,
    attributes: [usize; ATTRIBUTES.len()],
}

impl Columns {
    fn find(table: &Table) -> Result<Self, DataError> {
        let [file, subject, expression] = table.columns(["file", "subject", "expression"])?;
        let unit = |unit: &ActionUnit| Some((*unit, table.column(&unit.to_string()).ok()?));
        let point = |i| Ok((table.column(&format!("x_{i}"))?, table.column(&format!("y_{i}"))?));
        Ok(Self {
            file,
            subject,
            expression,
            units: ActionUnit::ALL.iter().filter_map(unit).collect(),
            points: (0..LANDMARKS).map(point).collect::<Result<_, _>>()?,
            visible: table.column("visible").ok(),
            yaw: table.column("yaw").ok(),
            attributes: table.columns(ATTRIBUTES)?,
        })
    }

    fn entry(&self, id: u64, row: Row<'_>, root: &Path) -> Result<Entry, DataError> {
        let name = row.text(self.file);
        let inside =
            Path::new(name).components().all(|c| matches!(c, std::path::Component::Normal(_)));
        if name.is_empty() || !inside {
            return Err(row.fault(self.file, "it must name a file below the folder"));
        }
        let path = root.join(name);
        if !path.is_file() {
            return Err(row.fault(self.file, "there is no such file: write the folder again"));
        }
        let subject = Some(row.text(self.subject)).filter(|subject| !subject.is_empty());
        Ok(Entry {
            id,
            source: Source::File { path, region: None },
            annotation: self.annotation(row)?,
            subject: subject.map(str::to_owned),
            sequence: None,
            part: None,
            fold: None,
            leaks: false,
        })
    }

    fn annotation(&self, row: Row<'_>) -> Result<Annotation, DataError> {
        let expression = Expression::from_name(row.text(self.expression)).ok_or_else(|| {
            row.fault(self.expression, "it must name one of the eight expressions")
        })?;
        Ok(Annotation {
            expression: Some(expression),
            units: self.units.iter().map(|unit| coded(row, *unit)).collect::<Result<_, _>>()?,
            landmarks: self.points.iter().map(|at| point(row, *at)).collect::<Result<_, _>>()?,
            visible: self.visible.map_or(Ok(Vec::new()), |at| seen(row, at))?,
            yaw: self.yaw.map(|at| finite(row, at, "a turn is a number of degrees")).transpose()?,
            attributes: self
                .attributes
                .iter()
                .map(|at| flag(row, *at))
                .collect::<Result<_, _>>()?,
            ..Annotation::default()
        })
    }
}

fn coded(row: Row<'_>, (unit, at): (ActionUnit, usize)) -> Result<(ActionUnit, Coded), DataError> {
    const FIX: &str = "an intensity is a number from 0 to 1";
    let intensity: f32 = row.number(at, FIX)?;
    if !(0.0..=1.0).contains(&intensity) {
        return Err(row.fault(at, FIX));
    }
    Ok((unit, Coded::Intensity(FULL * intensity)))
}

fn point(row: Row<'_>, (x, y): (usize, usize)) -> Result<Point, DataError> {
    const FIX: &str = "a landmark is a finite number of pixels";
    Ok(Point { x: finite(row, x, FIX)?, y: finite(row, y, FIX)? })
}

fn finite(row: Row<'_>, at: usize, fix: &'static str) -> Result<f32, DataError> {
    let value: f32 = row.number(at, fix)?;
    if value.is_finite() { Ok(value) } else { Err(row.fault(at, fix)) }
}

/// Whether each landmark is seen; empty where the row does not say.
fn seen(row: Row<'_>, at: usize) -> Result<Vec<bool>, DataError> {
    let text = row.text(at);
    let known = text.len() == LANDMARKS && text.bytes().all(|flag| matches!(flag, b'0' | b'1'));
    if !known && !text.is_empty() {
        return Err(row.fault(at, "it must be empty or 68 times 0 or 1"));
    }
    Ok(text.bytes().map(|flag| flag == b'1').collect())
}

fn flag(row: Row<'_>, at: usize) -> Result<bool, DataError> {
    match row.text(at) {
        "0" => Ok(false),
        "1" => Ok(true),
        _ => Err(row.fault(at, "an attribute is 0 or 1")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(change: impl Fn(String) -> String) -> (tempfile::TempDir, Listing) {
        let points: Vec<_> = (0..LANDMARKS).map(|p| format!("x_{p},y_{p}")).collect();
        let header = format!(
            "file,subject,expression,AU01,AU12,{},visible,yaw,{}",
            points.join(","),
            ATTRIBUTES.join(",")
        );
        let points: Vec<_> = (0..LANDMARKS).map(|p| format!("{p}.5,-{p}")).collect();
        let row = |n: u8, expression: &str| {
            let points = points.join(",");
            let seen = if n == 0 { format!("0{}", "1".repeat(67)) } else { String::new() };
            format!("images/{n}.png,ann,{expression},0.2,1,{points},{seen},-12.5,1,0,0,0,1")
        };
        let text = format!("{header}\n{}\n{}\n", row(0, "happiness"), row(1, "fear"));
        let root = tempfile::tempdir().unwrap();
        std::fs::create_dir(root.path().join("images")).unwrap();
        for n in 0..2 {
            std::fs::write(root.path().join(format!("images/{n}.png")), b"").unwrap();
        }
        std::fs::write(root.path().join("labels.csv"), change(text)).unwrap();
        let listing = list(root.path());
        (root, listing)
    }

    #[test]
    fn a_folder_is_read_with_its_labels() {
        let (root, listing) = folder(|text| text);
        assert!(listing.faults.is_empty(), "{:?}", listing.faults);
        let [first, second] = &listing.manifest.entries[..] else { panic!() };
        let path = root.path().join("images/0.png");
        assert_eq!(first.source, Source::File { path, region: None });
        assert_eq!(first.subject.as_deref(), Some("ann"));
        let annotation = &first.annotation;
        assert_eq!(annotation.expression, Some(Expression::Happiness));
        assert_eq!(annotation.units[0], (ActionUnit::ALL[0], Coded::Intensity(1.0)));
        assert_eq!(annotation.units[1], (ActionUnit::ALL[8], Coded::Intensity(5.0)));
        assert_eq!(annotation.landmarks[67], Point { x: 67.5, y: -67.0 });
        assert_eq!(annotation.attributes, [true, false, false, false, true]);
        assert_eq!(annotation.visible.iter().position(|seen| *seen), Some(1));
        assert_eq!((annotation.visible.len(), annotation.yaw), (68, Some(-12.5)));
        assert!(second.annotation.visible.is_empty());
        assert_eq!((second.id, second.annotation.expression), (1, Some(Expression::Fear)));
    }

    #[test]
    fn each_broken_row_is_named_and_the_others_are_kept() {
        for (from, to, complaint) in [
            ("happiness", "joy", "line 2: expression is `joy`"),
            ("images/0.png", "images/7.png", "line 2: file is `images/7.png`: there is no such"),
            ("images/0.png", "../labels.csv", "line 2: file is `../labels.csv`: it must name"),
            ("0.2,1", "0.2,7", "line 2: AU12 is `7`: an intensity is"),
            ("0.5,-0", "inf,-0", "line 2: x_0 is `inf`"),
            (",1,0,0,0,1\n", ",1,0,maybe,0,1\n", "line 2: mask is `maybe`"),
            (",0111", ",011", "it must be empty or 68 times 0 or 1"),
            (",-12.5,", ",ahead,", "line 2: yaw is `ahead`: a turn is a number of degrees"),
        ] {
            let (_root, listing) = folder(|text| text.replacen(from, to, 1));
            assert_eq!(listing.manifest.entries.len(), 1, "{complaint}");
            let error = listing.faults[0].to_string();
            assert!(error.contains(complaint), "{error}");
        }
    }

    #[test]
    fn a_missing_table_or_column_is_the_one_fault() {
        let root = tempfile::tempdir().unwrap();
        let error = list(root.path()).faults[0].to_string();
        assert!(error.contains("labels.csv: check that it is there"), "{error}");
        let (_root, listing) = folder(|text| text.replacen("x_3,", "z_3,", 1));
        assert!(listing.faults[0].to_string().contains("no column `x_3`"));
    }
}
