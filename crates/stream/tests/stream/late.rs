//! A table has the latest value of each key, in whatever order its records come.

use std::collections::BTreeMap;

use proptest::prelude::*;
use topspin_stream::memory::Memory;
use topspin_stream::{Builder, CauseId, Encoded, Input, Instance, ProcessError, Progress, Time};

use crate::rig::Collected;

/// A value that is refused.
const NO_NAME: &[u8] = b"";

/// A table of names, and the view that says them as they are.
struct Names {
    instance: Instance,
    state: Memory,
    said: Vec<(Vec<u8>, Option<Vec<u8>>)>,
}

impl Names {
    fn new() -> Self {
        let builder = Builder::new("names", 1);
        let key = |input: &Input<'_>| Ok(input.key.unwrap_or_default().to_vec());
        let value = |input: &Input<'_>| match input.value {
            Some(NO_NAME) => Err("an empty name".into()),
            value => Ok(value.unwrap_or_default().to_vec()),
        };
        let encode = |key: &Vec<u8>, value: Option<&Vec<u8>>, record: &mut Encoded| {
            record.key.clone_from(key);
            record.value.extend(value.into_iter().flatten());
        };
        builder.table("names", key, value).to_view("said", encode);
        let part = builder.build().expect("a topology").subtopologies()[0].clone();
        Self { instance: part.instantiate(), state: Memory::new(part.stores().len()), said: Vec::new() }
    }

    fn take(&mut self, sequence: u64, key: &[u8], value: Option<&[u8]>) -> Result<Progress, ProcessError> {
        let (key, cause) = (Some(key), CauseId::new(b"c").expect("short"));
        let input = Input { source: 0, key, value, headers: &[], timestamp: Time(0), sequence, cause };
        let mut out = Collected::default();
        let done = self.instance.process(input, &mut self.state, &mut out);
        self.said.extend(out.records.into_iter().map(|(_, key, value)| (key, value)));
        done
    }

    /// The view as its readers have it.
    fn view(&self) -> BTreeMap<Vec<u8>, Vec<u8>> {
        let said = self.said.iter().cloned().collect::<BTreeMap<_, _>>();
        said.into_iter().filter_map(|(key, value)| Some((key, value?))).collect()
    }
}

/// A key, and its value or a tombstone.
type Said = (u8, Option<u8>);

/// The last of those that have come, by their places.
fn latest(records: &[Said], come: &[usize]) -> BTreeMap<Vec<u8>, Vec<u8>> {
    let mut places = come.to_vec();
    places.sort_unstable();
    let last: BTreeMap<u8, Option<u8>> = places.into_iter().map(|place| records[place]).collect();
    last.into_iter().filter_map(|(key, value)| Some((vec![key], vec![value?]))).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn the_order_in_which_records_come_does_not_matter(
        records in prop::collection::vec((0_u8..3, prop::option::weighted(0.7, 0_u8..4)), 1..12),
        order in prop::collection::vec(any::<prop::sample::Index>(), 1..40),
    ) {
        let (mut names, mut come) = (Names::new(), Vec::new());
        for index in order {
            let place = index.index(records.len());
            let (key, value) = records[place];
            come.push(place);
            let value = value.map(|value| [value]);
            let done = names.take(place as u64, &[key], value.as_ref().map(<[u8; 1]>::as_slice));
            prop_assert_eq!(done.expect("a name"), Progress::Done);
            prop_assert_eq!(names.view(), latest(&records, &come));
        }
    }
}

#[test]
fn a_table_says_each_change_once() {
    let mut names = Names::new();
    for (sequence, value) in [Some(&b"ab"[..]), Some(b"ab"), Some(b"cd"), None, None].into_iter().enumerate()
    {
        let _ = names.take(sequence as u64, b"k", value).expect("a name");
    }
    let values: Vec<Option<&[u8]>> = names.said.iter().map(|(_, value)| value.as_deref()).collect();
    assert_eq!(values, [Some(&b"ab"[..]), Some(b"cd"), None]);
}

#[test]
fn nothing_earlier_brings_back_a_key_that_was_taken_away() {
    let mut names = Names::new();
    let _ = names.take(u64::MAX, b"k", None).expect("a tombstone");
    let _ = names.take(7, b"k", Some(b"ab")).expect("left out");
    assert!(names.said.is_empty());
    let entries: Vec<usize> = names.state.entries(0).values().map(Vec::len).collect();
    assert_eq!(entries, [11]);
}

#[test]
fn what_comes_behind_a_later_record_is_left_out_unread() {
    let mut names = Names::new();
    assert!(matches!(names.take(5, b"k", Some(NO_NAME)), Err(ProcessError::Poison { .. })));
    let _ = names.take(6, b"k", Some(b"ab")).expect("a name");
    assert_eq!(names.take(5, b"k", Some(NO_NAME)).expect("left out"), Progress::Done);
    assert_eq!(names.said.len(), 1);
}
