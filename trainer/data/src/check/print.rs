//! A [`Report`] as text: a table of classes and parts, then what is wrong.

use std::fmt::{self, Display, Formatter};

use super::{Class, Report};
use crate::split::Part;

impl Display for Report {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} in {}", self.name, self.root.display())?;
        writeln!(
            f,
            "{} pictures, {} subjects, {} sequences",
            self.pictures, self.subjects, self.sequences
        )?;
        if !self.classes.is_empty() {
            self.table(f)?;
        }
        for (reason, number) in &self.dropped {
            writeln!(f, "left out: {number} {reason}")?;
        }
        for difference in &self.differences {
            let super::Difference { what, found, official } = difference;
            writeln!(f, "differs: {found} {what}, published are {official}")?;
        }
        for leak in &self.leaks {
            let parts = leak.parts.join(" and ");
            writeln!(f, "leak: {} is in {parts}: keep each person in one part", leak.subject)?;
        }
        for fault in self.faults.iter().chain(self.undecodable.iter().flatten()) {
            writeln!(f, "fault: {fault}")?;
        }
        self.verdict(f)
    }
}

impl Report {
    fn table(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let [train, valid, test] = Part::ALL.map(Part::name);
        writeln!(f, "\n{:<10} {train:>8} {valid:>8} {test:>8} {:>8}", "class", "all")?;
        let mut sums = [0; 3];
        for class in &self.classes {
            for (sum, count) in sums.iter_mut().zip(class.parts) {
                *sum += count;
            }
            line(f, class)?;
        }
        line(f, &Class { name: "all", parts: sums })?;
        writeln!(f)
    }

    fn verdict(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let pictures = if self.undecodable.is_some() {
            "every picture was tried"
        } else {
            "pictures were not tried"
        };
        match self.problems() {
            0 => write!(f, "nothing to put right; {pictures}"),
            1 => write!(f, "1 thing to put right; {pictures}"),
            number => write!(f, "{number} things to put right; {pictures}"),
        }
    }
}

fn line(f: &mut Formatter<'_>, class: &Class) -> fmt::Result {
    let [train, valid, test] = class.parts;
    writeln!(f, "{:<10} {train:>8} {valid:>8} {test:>8} {:>8}", class.name, class.pictures())
}

#[cfg(test)]
mod tests {
    use super::super::{Difference, Leak};
    use super::*;

    fn report() -> Report {
        Report {
            name: "folder",
            root: "faces".into(),
            pictures: 12,
            subjects: 3,
            sequences: 0,
            classes: vec![
                Class { name: "anger", parts: [8, 1, 1] },
                Class { name: "none", parts: [2, 0, 0] },
            ],
            dropped: [("pictures that FER+ removed", 2)].into(),
            differences: vec![Difference { what: "pictures", found: 12, official: 13 }],
            faults: vec!["a.csv, line 2: file is `x`: name a picture".to_owned()],
            undecodable: Some(vec!["b.png does not decode".to_owned()]),
            leaks: vec![Leak { subject: "Bob".to_owned(), parts: vec!["train", "test"] }],
        }
    }

    #[test]
    fn a_report_prints_its_table_and_names_everything() {
        let expected = "\
folder in faces
12 pictures, 3 subjects, 0 sequences

class         train    valid     test      all
anger             8        1        1       10
none              2        0        0        2
all              10        1        1       12

left out: 2 pictures that FER+ removed
differs: 12 pictures, published are 13
leak: Bob is in train and test: keep each person in one part
fault: a.csv, line 2: file is `x`: name a picture
fault: b.png does not decode
3 things to put right; every picture was tried";
        assert_eq!(report().to_string(), expected);
    }

    #[test]
    fn a_report_has_a_json_form() {
        let json = serde_json::to_value(report()).unwrap();
        assert_eq!(json["classes"][0]["parts"], serde_json::json!([8, 1, 1]));
        assert_eq!(json["leaks"][0]["parts"][1], "test");
        assert_eq!(json["undecodable"][0], "b.png does not decode");
    }
}
