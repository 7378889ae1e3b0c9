//! The team match itself: line-ups, substitutions, pairs and results as commands to the laws of ties, each in its
//! place among the scripts of the matches.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use topspin_event::{CommandId, Precision, TieCommandEnvelope, TieId, Timestamp};
use topspin_laws::tie::{MatchCards, PlayerId, Position, TieCommand, TieFormat, TieState, decide, evolve};
use topspin_laws::{Both, Card, Discipline, Side};

use super::document::{Game, Player, Tie};
use super::plan::Formats;
use super::{entity, official};
use crate::{Anomaly, Expected, Kind, MatchPlan, TieAgreement, TieEntry, TiePlan};

/// The plan of a tie and its anomalies. `played` holds the plan of each of the tie's games, as far as there is one.
pub(crate) fn planned(
    tie: &Tie,
    formats: &Formats,
    played: &[Option<&MatchPlan>],
) -> (TiePlan, Vec<Anomaly>) {
    let mut script = TieScript::new(tie, formats.tie.clone());
    script.nominate();
    for (game, plan) in tie.games.iter().zip(played) {
        script.turn += usize::from(plan.is_some());
        if game.has_begun() {
            script.play(game, *plan, formats);
        }
    }
    let agreement = script.compare();
    let plan = TiePlan {
        id: script.id,
        create: entity::tie_creation(tie, &formats.tie),
        script: script.entries,
        facts: script.state.facts(),
        reported: tie.score,
        agreement,
    };
    (plan, script.anomalies)
}

/// A script being written, with the tie as the laws have it so far.
struct TieScript<'a> {
    tie: &'a Tie,
    id: TieId,
    state: TieState,
    entries: Vec<TieEntry>,
    anomalies: Vec<Anomaly>,
    commands_by_name: BTreeMap<String, usize>,
    /// Planned matches up to the one that is looked at, with it.
    turn: usize,
}

impl<'a> TieScript<'a> {
    fn new(tie: &'a Tie, format: TieFormat) -> Self {
        TieScript {
            tie,
            id: entity::tie_id(tie),
            state: TieState::new(format),
            entries: Vec::new(),
            anomalies: Vec::new(),
            commands_by_name: BTreeMap::new(),
            turn: 0,
        }
    }

    /// Notes what is wrong with a game of the tie, or with the tie.
    fn note(&mut self, kind: Kind, game: Option<&Game>, detail: String) {
        let raw: &Value = game.map_or(&self.tie.raw, |game| &game.raw);
        let (tie_id, match_id) = (Some(self.id), game.map(entity::match_id));
        self.anomalies.push(Anomaly { kind, tie_id, match_id, detail, raw: raw.clone() });
    }

    /// Decides a command that goes out after so many matches, and writes it down; a refusal is an anomaly.
    fn ask(&mut self, moment: Moment, game: Option<&Game>, command: TieCommand) -> bool {
        let name = serde_json::to_string(&command).expect("commands are integers, strings and lists");
        let nth = self.commands_by_name.entry(name.clone()).or_default();
        let command_id = CommandId::derived(self.id.0, &format!("{name}/{nth}"));
        *nth += 1;
        let verdict = decide(&self.state, &command);
        let expected = match &verdict {
            Ok(_) => Expected::Accepted,
            Err(rejection) => Expected::Rejected(rejection.code()),
        };
        self.entries.push(TieEntry {
            envelope: TieCommandEnvelope {
                command_id,
                command,
                expected_seq: None,
                occurred_at: moment.time,
                precision: moment.time.map_or(Precision::Unknown, |_| Precision::Ms),
            },
            expected,
            matches_before: moment.matches_before,
        });
        match verdict {
            Ok(events) => {
                self.state = events.iter().fold(self.state.clone(), evolve);
                true
            }
            Err(rejection) => {
                let detail = format!("the laws of ties, {}: {rejection}", rejection.law().0);
                self.note(Kind::RejectedByLaws, game, detail);
                false
            }
        }
    }

    /// Hands in the line-ups, where the source says who holds every position.
    fn nominate(&mut self) {
        for side in Side::BOTH {
            let players = line_up(self.tie, self.state.format(), side);
            if players.len() == usize::from(self.state.format().positions) {
                self.ask(Moment::BEFORE_ALL, None, TieCommand::NominateLineUp { side, players });
            } else if self.tie.games.iter().any(Game::has_begun) {
                let detail = "the source does not say who holds every position of the line-up".to_owned();
                self.note(Kind::LineupMissing, None, detail);
            }
        }
    }

    /// One match of the tie: who comes in, the pairs, its beginning and its result.
    fn play(&mut self, game: &Game, plan: Option<&MatchPlan>, formats: &Formats) {
        let number = game.number;
        let (begin, end) = span(plan);
        let before = self.turn - usize::from(plan.is_some());
        let prepared = Moment { matches_before: before, time: None };
        for side in Side::BOTH {
            self.prepare(prepared, game, side);
        }
        let begun = Moment { matches_before: before, time: begin };
        if !self.ask(begun, Some(game), TieCommand::StartMatch { number }) {
            return;
        }
        self.compare_players(game);
        let Some((winner, games)) = result(game, plan, formats) else {
            if game.finished {
                let detail = format!("match {number} is over, and nobody says who won it");
                self.note(Kind::TieResultMissing, Some(game), detail);
            }
            return;
        };
        let over = Moment { matches_before: self.turn, time: end };
        let cards = plan.map(|plan| cards(game, plan)).unwrap_or_default();
        self.ask(over, Some(game), TieCommand::RecordResult { number, winner, games, cards });
    }

    /// Brings in who plays where the line-up has somebody else, and names the pair of a doubles.
    fn prepare(&mut self, moment: Moment, game: &Game, side: Side) {
        let number = game.number;
        let playing = ids(game.line_up.of(side));
        let position = position(self.state.format(), number, side);
        match (game.discipline, playing.as_slice(), position) {
            (Discipline::Doubles, [one, two], _) => {
                let pair = [one.clone(), two.clone()];
                self.ask(moment, Some(game), TieCommand::NominatePair { side, number, pair });
            }
            (Discipline::Singles, [player], Some(position)) => {
                let due = self.due(number, side);
                if due.first().is_some_and(|due| due != player) {
                    let player = player.clone();
                    self.ask(moment, Some(game), TieCommand::Substitute { side, position, player });
                }
            }
            (Discipline::Singles | Discipline::Doubles, ..) => {}
        }
    }

    /// Who plays a match by the laws.
    fn due(&self, number: u8, side: Side) -> Vec<PlayerId> {
        let facts = self.state.facts();
        let of_number = facts.matches.into_iter().find(|one| one.number == number);
        of_number.map(|one| one.players.of(side).clone()).unwrap_or_default()
    }

    /// Notes a match that others play by the laws than the source says.
    fn compare_players(&mut self, game: &Game) {
        let differs = |side: &Side| {
            let (due, playing) = (self.due(game.number, *side), ids(game.line_up.of(*side)));
            !playing.is_empty() && due != playing
        };
        if Side::BOTH.iter().any(differs) {
            let detail = format!("by the line-ups, others play match {}", game.number);
            self.note(Kind::TieLineUpDiffers, Some(game), detail);
        }
    }

    /// Compares the score of the tie with the source's.
    fn compare(&mut self) -> TieAgreement {
        let score = self.state.score();
        match self.tie.score {
            None => TieAgreement::NoOfficial,
            Some(official) if official == score => TieAgreement::Exact,
            Some(official) => {
                let (home, away) = (official.home, official.away);
                let detail = format!("official {home}:{away}; laws {}:{}", score.home, score.away);
                self.note(Kind::TieScoreDiffers, None, detail);
                TieAgreement::Disagree
            }
        }
    }
}

/// When a command to the tie goes out.
#[derive(Debug, Clone, Copy)]
struct Moment {
    matches_before: usize,
    time: Option<Timestamp>,
}

impl Moment {
    const BEFORE_ALL: Moment = Moment { matches_before: 0, time: None };
}

/// The first and the last time of a match's script.
fn span(plan: Option<&MatchPlan>) -> (Option<Timestamp>, Option<Timestamp>) {
    let script = plan.map_or(&[][..], |plan| &plan.script);
    let mut times = script.iter().filter_map(|entry| entry.envelope.occurred_at);
    let first = times.next();
    (first, first.map(|first| times.fold(first, Ord::max)))
}

fn ids(players: &[Player]) -> Vec<PlayerId> {
    players.iter().map(entity::tie_player_id).collect()
}

/// Who of a team plays a match; nobody's position if it is a doubles, or no match of the format.
fn position(format: &TieFormat, number: u8, side: Side) -> Option<Position> {
    let at = usize::from(number).checked_sub(1)?;
    format.rubbers.get(at)?.position(side)
}

/// Who holds the positions of a team, in order; fewer if the source does not say of all.
///
/// The tie's list counts, where the matches can follow from it by substitutions. Where a match has a player who holds
/// another position of that list, the list is in another order, and who played each position first counts.
fn line_up(tie: &Tie, format: &TieFormat, side: Side) -> Vec<PlayerId> {
    let positions = 1..=format.positions;
    let listed = &tie.teams.of(side).line_up;
    let listed: Vec<Option<PlayerId>> = positions
        .clone()
        .map(|position| listed.get(usize::from(position) - 1)?.as_ref().map(entity::tie_player_id))
        .collect();
    let first_played = |position: u8| {
        let mut of_position = tie
            .games
            .iter()
            .filter(|game| self::position(format, game.number, side).is_some_and(|of| of.0 == position));
        of_position.find_map(|game| ids(game.line_up.of(side)).into_iter().next())
    };
    let played: Vec<Option<PlayerId>> = positions.map(first_played).collect();
    let holds_another = |(own, player): (&Option<PlayerId>, &Option<PlayerId>)| {
        player.is_some() && own != player && listed.contains(player)
    };
    let different = played.iter().flatten().collect::<BTreeSet<_>>().len() == played.iter().flatten().count();
    let (first, second) = if different && listed.iter().zip(&played).any(holds_another) {
        (&played, &listed)
    } else {
        (&listed, &played)
    };
    let both = first.iter().zip(second);
    both.filter_map(|(first, second)| first.clone().or_else(|| second.clone())).collect()
}

/// Who won a match and by how many games: by the laws, and where they know no winner by the source.
fn result(game: &Game, plan: Option<&MatchPlan>, formats: &Formats) -> Option<(Side, Both<u8>)> {
    if let Some(facts) = plan.map(|plan| &plan.facts)
        && let Some(winner) = facts.winner
    {
        return Some((winner, facts.score));
    }
    let format = plan.map_or(formats.of(game.discipline), |plan| &plan.create.format);
    let by_games = game.reported.as_ref().and_then(|reported| official::winner(format, reported));
    let games = game.reported.as_ref().map(|reported| official::games_won(format, &reported.games));
    Some((game.winner.or(by_games)?, games.unwrap_or_default()))
}

/// The cards shown in a match, without those that it began with. A pair's card is either player's (Regulation 3.5.2.6).
fn cards(game: &Game, plan: &MatchPlan) -> Both<Vec<MatchCards>> {
    let of_side = |side: Side| -> Vec<MatchCards> {
        let carried = plan.create.carried_cards.of(side).len();
        let shown: &[Card] = plan.facts.cards.of(side).get(carried..).unwrap_or_default();
        if shown.is_empty() {
            return Vec::new();
        }
        let players = ids(game.line_up.of(side));
        players.into_iter().map(|player| MatchCards { player, cards: shown.to_vec() }).collect()
    };
    Both::new(of_side(Side::Home), of_side(Side::Away))
}
