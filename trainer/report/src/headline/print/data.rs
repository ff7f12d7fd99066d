//! CSV and JSON: every field, for programs.

use super::PrintError;
use crate::headline::table::Table;

/// Columns of the CSV form.
const HEADER: [&str; 17] = [
    "block", "row", "system", "dataset", "protocol", "metric", "target", "measured", "standing",
    "low", "high", "n", "subjects", "seed", "command", "revision", "remark",
];

/// One line for each row of every section, under one header.
pub(super) fn csv(table: &Table) -> Result<String, PrintError> {
    let mut bytes = Vec::new();
    {
        let mut writer = csv::Writer::from_writer(&mut bytes);
        writer.write_record(HEADER)?;
        for section in &table.sections {
            for row in &section.rows {
                let [low, high] = row.interval.map_or([None; 2], |ends| ends.map(Some));
                writer.serialize((
                    (section.id, &row.key, &row.system, &row.dataset, &row.protocol, &row.metric),
                    (&row.target, &row.measured, row.standing, low, high),
                    (row.n, row.subjects, row.seed, &row.command, &row.revision, &row.remark),
                ))?;
            }
        }
        writer.flush().map_err(csv::Error::from)?;
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// The whole table as one document.
pub(super) fn json(table: &Table) -> Result<String, PrintError> {
    Ok(serde_json::to_string_pretty(table)? + "\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::headline::print::tests::sample;

    #[test]
    fn csv_is_read_back_cell_by_cell() {
        let printed = csv(&sample()).unwrap();
        let mut reader = csv::Reader::from_reader(printed.as_bytes());
        assert_eq!(reader.headers().unwrap(), HEADER.as_slice());
        let records: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
        assert_eq!(records.len(), 8);
        let row = records.iter().find(|record| &record[1] == "FN2EN / SFEW").unwrap();
        assert_eq!((&row[6], &row[8], &row[9], &row[12]), ("55.15", "different", "40.0", ""));
        assert_eq!(&row[16], "other protocol: a|b, \"c\" <d>; split: validation");
    }

    #[test]
    fn json_keeps_numbers_as_numbers() {
        let document: serde_json::Value = serde_json::from_str(&json(&sample()).unwrap()).unwrap();
        let section = &document["sections"][0];
        assert_eq!(section["id"], "FN2EN-CHART");
        let rows = section["rows"].as_array().unwrap();
        let row = rows.iter().find(|row| row["key"] == "FN2EN / SFEW").unwrap();
        assert_eq!(
            (row["target_value"].as_f64(), row["measured_value"].as_f64()),
            (Some(55.15), Some(41.5))
        );
        assert_eq!(row["standing"], "different");
        assert!(rows[0]["measured_value"].is_null());
    }
}
