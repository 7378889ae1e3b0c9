//! Reading the CSV file: rows of whole numbers, whatever the order of the columns.

use std::collections::BTreeMap;

use csv::{ByteRecord, ReaderBuilder};
use serde_json::json;

use super::column::Row;
use crate::Kind;
use crate::oddity::Oddities;

/// What a file holds.
pub(crate) struct Table {
    /// The rows that can be read, by match, in the order of the file.
    pub matches: BTreeMap<i64, Vec<Row>>,
    /// What else is in it.
    pub odd: Oddities,
}

/// Reads a file.
///
/// # Errors
/// Why it is no such table.
pub(crate) fn read(bytes: &[u8]) -> Result<Table, String> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut reader = ReaderBuilder::new().flexible(true).trim(csv::Trim::All).from_reader(bytes);
    let header = reader.byte_headers().map_err(|error| error.to_string())?.clone();
    let mut odd = Oddities::default();
    let places = places(&header, &mut odd)?;
    let mut matches: BTreeMap<i64, Vec<Row>> = BTreeMap::new();
    let mut record = ByteRecord::new();
    while reader.read_byte_record(&mut record).map_err(|error| error.to_string())? {
        if let Some(row) = read_row(&record, &places, &mut odd) {
            matches.entry(row.match_number).or_default().push(row);
        }
    }
    Ok(Table { matches, odd })
}

/// Where each column stands. A column that this reader does not know is odd; one that is missing makes it another table.
fn places(header: &ByteRecord, odd: &mut Oddities) -> Result<BTreeMap<&'static str, usize>, String> {
    let mut places = BTreeMap::new();
    for (place, name) in header.iter().enumerate() {
        let known = Row::COLUMNS.iter().find(|known| known.as_bytes() == name);
        match known {
            Some(known) => drop(places.insert(*known, place)),
            None => odd.note(Kind::UnknownField, shown(name), &json!(place)),
        }
    }
    let missing: Vec<&str> = Row::COLUMNS.iter().copied().filter(|name| !places.contains_key(name)).collect();
    if missing.is_empty() { Ok(places) } else { Err(format!("there is no column {}", missing.join(", "))) }
}

fn read_row(record: &ByteRecord, places: &BTreeMap<&'static str, usize>, odd: &mut Oddities) -> Option<Row> {
    Row::from_cells(|column| {
        let cell = places.get(column).and_then(|place| record.get(*place)).unwrap_or_default();
        let number = std::str::from_utf8(cell).ok().and_then(|text| text.parse().ok());
        if number.is_none() {
            let row: Vec<String> = record.iter().map(shown).collect();
            odd.note(Kind::MalformedField, column.to_owned(), &json!(row));
        }
        number
    })
}

fn shown(cell: &[u8]) -> String {
    String::from_utf8_lossy(cell).into_owned()
}
