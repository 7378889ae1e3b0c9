//! Cards.

use bytes::Bytes;
use prost::Message as _;
use topspin_laws::Side;

use super::enums::{WireEnum as _, number};
use super::read::{DecodeError, each, fit, id, id_bytes};
use super::records;
use super::v1;
use super::v1::match_card::Subject;
use crate::{
    CardEnd, CardMoment, CardSubject, ComparisonCard, CourseCard, Epoch, MatchCard, MatchCards, MatchId,
    PlayerId, RecordCard, Seq, Tally, Timestamp,
};

/// The bytes of a card.
pub fn encode_match_card(card: &MatchCard) -> Bytes {
    write(card).encode_to_vec().into()
}

/// Reads a card.
///
/// # Errors
/// [`DecodeError`] if the bytes are damaged, or of a later version that tells other things.
pub fn decode_match_card(bytes: &[u8]) -> Result<MatchCard, DecodeError> {
    read(v1::MatchCard::decode(bytes)?)
}

/// The bytes of the cards of a match.
pub fn encode_match_cards(cards: &MatchCards) -> Bytes {
    let wire = v1::MatchCards {
        match_id: id_bytes(cards.match_id.0),
        cards: cards.cards.iter().map(write).collect(),
    };
    wire.encode_to_vec().into()
}

/// Reads the cards of a match.
///
/// # Errors
/// [`DecodeError`] as for [`decode_match_card`].
pub fn decode_match_cards(bytes: &[u8]) -> Result<MatchCards, DecodeError> {
    let wire = v1::MatchCards::decode(bytes)?;
    Ok(MatchCards { match_id: MatchId(id(&wire.match_id, "match_id")?), cards: each(wire.cards, read)? })
}

fn write(card: &MatchCard) -> v1::MatchCard {
    let ended = card.withdrawn.as_ref();
    v1::MatchCard {
        match_id: id_bytes(card.match_id.0),
        id: card.id,
        rank: card.rank,
        told: Some(write_moment(card.told)),
        withdrawn: ended.map(|end| write_moment(end.moment)),
        reason: ended.map(|end| end.reason.clone()).unwrap_or_default(),
        subject: Some(match &card.subject {
            CardSubject::Record(record) => Subject::Record(v1::RecordCard {
                metric: record.metric.clone(),
                scope: record.scope.clone(),
                window: record.window.clone(),
                place: record.place,
                entry: Some(records::write(&record.entry)),
                since: record.since.as_ref().map(records::write),
            }),
            CardSubject::Comparison(compared) => Subject::Comparison(v1::ComparisonCard {
                side: number(Some(compared.side)),
                player_id: id_bytes(compared.player_id.0),
                aspect: compared.aspect.clone(),
                game: compared.game.into(),
                tonight: Some(write_tally(compared.tonight)),
                history: Some(write_tally(compared.history)),
                evidence: compared.evidence,
            }),
            CardSubject::Course(course) => Subject::Course(v1::CourseCard {
                kind: course.kind.clone(),
                side: number(course.side),
                game: course.game.into(),
                value: course.value,
                beside: course.beside,
                seqs: course.seqs.iter().map(|seq| seq.0).collect(),
            }),
        }),
    }
}

const fn write_tally(tally: Tally) -> v1::Tally {
    v1::Tally { won: tally.won, of: tally.of }
}

fn write_moment(moment: CardMoment) -> v1::CardMoment {
    v1::CardMoment { epoch: moment.epoch.0, seq: moment.seq.0, at: moment.at.as_millis() }
}

fn read(wire: v1::MatchCard) -> Result<MatchCard, DecodeError> {
    let told = wire.told.ok_or(DecodeError::Missing { field: "told" })?;
    let end = |moment| Ok::<_, DecodeError>(CardEnd { moment: read_moment(moment)?, reason: wire.reason });
    Ok(MatchCard {
        match_id: MatchId(id(&wire.match_id, "match_id")?),
        id: wire.id,
        rank: wire.rank,
        told: read_moment(told)?,
        withdrawn: wire.withdrawn.map(end).transpose()?,
        subject: read_subject(wire.subject.ok_or(DecodeError::Missing { field: "subject" })?)?,
    })
}

fn read_moment(wire: v1::CardMoment) -> Result<CardMoment, DecodeError> {
    let at = Timestamp::from_millis(wire.at).ok_or(DecodeError::Invalid { field: "at" })?;
    Ok(CardMoment { epoch: Epoch(wire.epoch), seq: Seq(wire.seq), at })
}

fn read_subject(wire: Subject) -> Result<CardSubject, DecodeError> {
    let side = |wire| Side::read(wire).map_err(|_| DecodeError::Invalid { field: "side" });
    Ok(match wire {
        Subject::Record(record) => CardSubject::Record(RecordCard {
            metric: record.metric,
            scope: record.scope,
            window: record.window,
            place: record.place,
            entry: records::read(&record.entry.ok_or(DecodeError::Missing { field: "entry" })?)?,
            since: record.since.as_ref().map(records::read).transpose()?,
        }),
        Subject::Comparison(compared) => CardSubject::Comparison(ComparisonCard {
            side: side(compared.side)?.ok_or(DecodeError::Missing { field: "side" })?,
            player_id: PlayerId(id(&compared.player_id, "player_id")?),
            aspect: compared.aspect,
            game: fit(compared.game, "game")?,
            tonight: read_tally(compared.tonight),
            history: read_tally(compared.history),
            evidence: compared.evidence,
        }),
        Subject::Course(course) => CardSubject::Course(CourseCard {
            kind: course.kind,
            side: side(course.side)?,
            game: fit(course.game, "game")?,
            value: course.value,
            beside: course.beside,
            seqs: course.seqs.into_iter().map(Seq).collect(),
        }),
    })
}

fn read_tally(wire: Option<v1::Tally>) -> Tally {
    let wire = wire.unwrap_or_default();
    Tally { won: wire.won, of: wire.of }
}
