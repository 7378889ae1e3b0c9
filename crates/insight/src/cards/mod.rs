//! Commentary cards: what is true and worth telling of a match, with the rows that prove it.
//!
//! What could be told are rows under the match's id, from the lists of records, from tonight beside history, and from the match
//! itself: each holds for as long as it is there. Of them a narrator chooses, and remembers what it said. So cards are
//! decisions: they depend on arrival; that those that stand hold does not.

mod candidate;
mod course;
mod narrator;
mod of_records;
mod rank;
mod tonight;
mod write;

use topspin_stream::Stream;

pub(crate) use candidate::{Candidate, Pace, Seen};
pub(crate) use course::happened;
use narrator::{Narrator, Told};
pub use tonight::most_unusual;
pub(crate) use tonight::{Tonight, TonightOf, comparisons};

use crate::facts::Id;
use crate::limits::CARDS_KEPT;
use crate::records::{Entry, RecordKey};

/// What can happen in the course of a match, by its names.
pub const CARD_KINDS: [&str; 10] = candidate::KINDS;

/// The topic of decisions on cards, keyed by the match's id.
pub const CARD_NEWS: &str = "card-news";

/// The topic of the cards of a match: those that stand, and the latest that were withdrawn.
pub const MATCH_CARDS: &str = "match-cards";

/// Adds the cards to a topology: `seen` is what matches say of themselves, under their ids; `compared` what profiles say of them.
pub(crate) fn add(
    seen: &Stream<Id, Seen>,
    lists: &Stream<RecordKey, Vec<Entry>>,
    compared: &Stream<Id, Candidate>,
) {
    let placed = lists.flat_map("cards-of-records", |key, list| of_records::candidates(key, list));
    let candidates = placed
        .merge("candidates", compared)
        .map_values("seen-candidates", |_, candidate| Seen::Candidate(candidate.clone()));
    let all = seen.merge("seen", &candidates).repartition("cards-by-match");
    let told = all.narrate("cards", |narrator: &mut Narrator, _, rows, at| narrator.tell(rows, at));
    told.to_stream(CARD_NEWS, |row, _, record| write::news(&row.key, &row.value, record));
    let cards = told.difference(
        "cards-told",
        |cards: &mut Vec<Told>, _, told: &Told| {
            keep(cards, told);
            Ok(())
        },
        |cards, _| Some(cards.clone()),
    );
    cards.to_view(MATCH_CARDS, write::cards);
}

/// Takes a decision into the cards of a match. Of those that were withdrawn the oldest are forgotten.
fn keep(cards: &mut Vec<Told>, told: &Told) {
    match cards.iter_mut().find(|card| card.id == told.id) {
        Some(card) => *card = told.clone(),
        None => cards.push(told.clone()),
    }
    let withdrawn = cards.iter().filter(|card| card.withdrawn.is_some()).count();
    let mut over = withdrawn.saturating_sub(CARDS_KEPT);
    cards.retain(|card| {
        let goes = over > 0 && card.withdrawn.is_some();
        over -= usize::from(goes);
        !goes
    });
}
