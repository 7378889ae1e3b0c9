//! Properties of team ties that hold for any sequence of commands.

use proptest::prelude::*;
use topspin_laws::tie::{
    MatchCards, PlayerId, Position, TieCommand, TieEvent, TieFacts, TieFormat, TieState, decide, evolve,
};
use topspin_laws::{Both, Card, Certainty, Side};

fn side() -> impl Strategy<Value = Side> {
    prop_oneof![Just(Side::Home), Just(Side::Away)]
}

/// Mostly a team's own players, sometimes anybody.
fn player(side: Side) -> impl Strategy<Value = PlayerId> {
    let own = if side == Side::Home { ["A", "B", "C", "D", "E"] } else { ["V", "W", "X", "Y", "Z"] };
    let name =
        prop_oneof![9 => (0..5_usize).prop_map(move |which| own[which]), 1 => Just("A"), 1 => Just("Z")];
    name.prop_map(|name| String::from(name).try_into().expect("an id"))
}

fn nomination() -> impl Strategy<Value = TieCommand> {
    side().prop_flat_map(|side| {
        prop_oneof![
            proptest::collection::vec(player(side), 3)
                .prop_map(move |players| TieCommand::NominateLineUp { side, players }),
            (0..7_u8, player(side), player(side)).prop_map(move |(number, one, two)| {
                TieCommand::NominatePair { side, number, pair: [one, two] }
            }),
            (0..5_u8, player(side)).prop_map(move |(position, player)| {
                TieCommand::Substitute { side, position: Position(position), player }
            }),
        ]
    })
}

fn result() -> impl Strategy<Value = TieCommand> {
    let cards = side().prop_flat_map(|side| (Just(side), proptest::option::weighted(0.3, player(side))));
    (1..6_u8, side(), 0..7_u8, 0..7_u8, cards).prop_map(|(number, winner, home, away, (side, shown))| {
        let mut cards = Both::<Vec<MatchCards>>::default();
        if let Some(player) = shown {
            cards.of_mut(side).push(MatchCards { player, cards: vec![Card::Yellow] });
        }
        TieCommand::RecordResult { number, winner, games: Both::new(home, away), cards }
    })
}

fn command() -> impl Strategy<Value = TieCommand> {
    let reason = || String::from("wrong").try_into().expect("fits");
    prop_oneof![
        8 => nomination(),
        8 => (1..6_u8).prop_map(|number| TieCommand::StartMatch { number }),
        12 => result(),
        1 => (1..6_u8).prop_map(move |number| TieCommand::RetractResult { number, reason: reason() }),
        1 => side().prop_map(|side| TieCommand::Concede { side, reason: None }),
        3 => Just(TieCommand::ConfirmResult {}),
        1 => Just(TieCommand::ReopenResult { reason: reason() }),
    ]
}

/// Line-ups of both teams, and then anything.
fn commands() -> impl Strategy<Value = Vec<TieCommand>> {
    let line_up = |side, names: [&str; 3]| TieCommand::NominateLineUp {
        side,
        players: names.map(|name| String::from(name).try_into().expect("an id")).to_vec(),
    };
    let first = [line_up(Side::Home, ["A", "B", "C"]), line_up(Side::Away, ["X", "Y", "Z"])];
    proptest::collection::vec(command(), 0..120)
        .prop_map(move |then| first.clone().into_iter().chain(then).collect())
}

fn assert_legal(facts: &TieFacts, to_win: u8) {
    let won = |side| facts.matches.iter().filter(|played| played.winner == Some(side)).count();
    for side in Side::BOTH {
        assert_eq!(usize::from(*facts.score.of(side)), won(side));
        assert!(*facts.score.of(side) < to_win || facts.winner.is_some(), "decided");
    }
    for played in &facts.matches {
        let both = played.players.home.iter().any(|player| played.players.away.contains(player));
        assert!(!both, "somebody plays match {} for both teams", played.number);
        if let Some(winner) = played.winner {
            assert!(*played.games.of(winner) <= 5 && *played.games.of(winner.other()) <= 4);
        }
    }
    if facts.winner.is_none() {
        assert_eq!(facts.certainty, Certainty::Provisional);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn any_commands_keep_a_tie_legal_and_replay_exactly(commands in commands()) {
        let format = TieFormat::bundesliga();
        let mut state = TieState::new(format.clone());
        let mut events: Vec<TieEvent> = Vec::new();
        let mut official: Option<TieFacts> = None;
        for command in &commands {
            let Ok(happened) = decide(&state, command) else { continue };
            for event in happened {
                state = evolve(state, &event);
                events.push(event);
            }
            let facts = state.facts();
            assert_legal(&facts, format.to_win);
            match command {
                TieCommand::ConfirmResult {} => official = Some(facts.clone()),
                TieCommand::ReopenResult { .. } => {
                    official = None;
                    prop_assert_eq!(facts.certainty, Certainty::Provisional);
                }
                _ => {}
            }
            if let Some(official) = &official {
                prop_assert_eq!(&facts, official, "an official result stands until it is reopened");
            }
            if let TieCommand::RecordResult { number, cards, .. } = command {
                let played = &facts.matches[usize::from(*number) - 1];
                for side in Side::BOTH {
                    let known = cards.of(side).iter().all(|shown| played.players.of(side).contains(&shown.player));
                    prop_assert!(known, "cards of somebody who does not play the match");
                }
            }
        }
        let replayed = events.iter().fold(TieState::new(format), evolve);
        prop_assert_eq!(replayed, state);
    }
}
