//! Cards as they are on their topics.

use topspin_event::{
    CardEnd, CardMoment, CardSubject, ComparisonCard, CourseCard, Epoch, MatchCard, MatchCards, MatchId,
    PlayerId, RecordCard, Seq, Timestamp, wire,
};
use topspin_stream::Encoded;
use uuid::Uuid;

use super::candidate::Candidate;
use super::narrator::{At, Told};
use crate::facts::Id;
use crate::records::Entry;

/// A decision.
pub(super) fn news(id: &Id, told: &Told, record: &mut Encoded) {
    let match_id = MatchId(Uuid::from_bytes(*id));
    record.key.extend_from_slice(match_id.to_string().as_bytes());
    record.value.extend_from_slice(&wire::encode_match_card(&card(match_id, told)));
}

/// The cards of a match.
pub(super) fn cards(id: &Id, cards: Option<&Vec<Told>>, record: &mut Encoded) {
    let match_id = MatchId(Uuid::from_bytes(*id));
    record.key.extend_from_slice(match_id.to_string().as_bytes());
    let Some(cards) = cards else { return };
    let cards = cards.iter().map(|told| card(match_id, told)).collect();
    record.value.extend_from_slice(&wire::encode_match_cards(&MatchCards { match_id, cards }));
}

fn card(match_id: MatchId, told: &Told) -> MatchCard {
    let end = |(at, reason): (At, super::narrator::Reason)| CardEnd {
        moment: moment(at),
        reason: reason.as_str().to_owned(),
    };
    MatchCard {
        match_id,
        id: told.id,
        rank: told.candidate.rank(),
        told: moment(told.since),
        withdrawn: told.withdrawn.map(end),
        subject: subject(&told.candidate),
    }
}

fn moment(at: At) -> CardMoment {
    CardMoment {
        epoch: Epoch(at.epoch),
        seq: Seq(at.seq),
        at: Timestamp::from_millis(at.millis).unwrap_or(Timestamp::EPOCH),
    }
}

fn subject(candidate: &Candidate) -> CardSubject {
    match candidate {
        Candidate::Record(placed) => CardSubject::Record(RecordCard {
            metric: placed.entry.mark.metric.as_str().to_owned(),
            scope: placed.scope.clone(),
            window: placed.window.clone(),
            place: placed.place.into(),
            entry: entry(&placed.entry),
            since: placed.since.as_ref().map(entry),
        }),
        Candidate::Compared(compared) => {
            let (tonight, history) = compared.tallies();
            CardSubject::Comparison(ComparisonCard {
                side: compared.side,
                player_id: PlayerId(Uuid::from_bytes(compared.player)),
                aspect: compared.aspect.as_str().to_owned(),
                game: compared.game,
                tonight,
                history,
                evidence: compared.evidence,
            })
        }
        Candidate::Course(happened) => CardSubject::Course(CourseCard {
            kind: happened.kind.as_str().to_owned(),
            side: happened.side,
            game: happened.game,
            value: happened.value,
            beside: happened.beside,
            seqs: happened.seqs.iter().copied().map(Seq).collect(),
        }),
    }
}

fn entry(entry: &Entry) -> topspin_event::RecordEntry {
    entry.mark.entry(MatchId(Uuid::from_bytes(entry.match_id)))
}
