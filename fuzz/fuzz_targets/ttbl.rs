//! A file of the Bundesliga's tablets from bytes: whatever arrives, nothing panics, the same bytes give the same plan,
//! and no match is called exact whose games differ from those reported.
#![no_main]

use libfuzzer_sys::fuzz_target;
use topspin_ingest::ttbl::Formats;
use topspin_ingest::{Agreement, ttbl};

fuzz_target!(|bytes: &[u8]| {
    let plan = ttbl::plan("fuzz.json", bytes, &Formats::default());
    assert_eq!(plan, ttbl::plan("fuzz.json", bytes, &Formats::default()));
    for one in &plan.matches {
        if one.agreement == Agreement::Exact {
            assert_eq!(one.reported.as_ref().map(|reported| &reported.games), Some(&one.facts.games));
        }
    }
});
