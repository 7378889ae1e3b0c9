//! Cards and penalty points (Regulation 3.5.2).

use crate::board::Board;
use crate::rejection::Rejection;
use crate::{Card, CardTo, Format, Side, Standing, Status, standing};

impl Board {
    /// Penalty points that a card brings the opponent, if it may be shown now.
    ///
    /// A warning first (3.5.2.2), then penalties in the steps of the format (3.5.2.3), then the referee (3.5.2.4).
    /// An adviser is warned, then sent away (3.5.2.7). The referee may disqualify at any time (3.5.2.8). Cards shown
    /// to either player of a pair count for the pair (3.5.2.6).
    pub(crate) fn penalty_of(
        &self,
        format: &Format,
        side: Side,
        to: CardTo,
        card: Card,
    ) -> Result<u8, Rejection> {
        let shown = match to {
            CardTo::Bench => self.bench_cards.of(side),
            CardTo::Player | CardTo::SecondPlayer => self.cards.of(side),
        };
        let warned = shown.contains(&Card::Yellow);
        let next = match (to, card) {
            (CardTo::Bench, Card::Red)
            | (CardTo::Bench | CardTo::Player | CardTo::SecondPlayer, Card::YellowRed)
                if !warned =>
            {
                "yellow"
            }
            (CardTo::Bench, Card::Yellow | Card::YellowRed) if warned => "red: the adviser was warned",
            (CardTo::Player | CardTo::SecondPlayer, Card::Yellow) if warned => {
                "yellow and red: the player was warned"
            }
            (CardTo::Player | CardTo::SecondPlayer, Card::YellowRed) => {
                let step = shown.iter().filter(|card| **card == Card::YellowRed).count();
                let points = format.cards.penalty_points.get(step).copied();
                return points.ok_or(Rejection::WrongCard { next: "red, by the referee" });
            }
            (CardTo::Bench | CardTo::Player | CardTo::SecondPlayer, Card::Yellow | Card::Red)
            | (CardTo::Bench, Card::YellowRed) => return Ok(0),
        };
        Err(Rejection::WrongCard { next })
    }

    pub(crate) fn show_card(
        &mut self,
        format: &Format,
        (side, to, card): (Side, CardTo, Card),
        penalty_points: u8,
    ) -> Result<(), Rejection> {
        if self.status.is_over() {
            return Err(Rejection::MatchOver);
        }
        self.penalty_of(format, side, to, card)?;
        match to {
            CardTo::Bench => self.bench_cards.of_mut(side).push(card),
            CardTo::Player | CardTo::SecondPlayer => self.cards.of_mut(side).push(card),
        }
        if card == Card::Red && to != CardTo::Bench {
            return self.disqualify(side);
        }
        self.award(format, side.other(), penalty_points);
        Ok(())
    }

    /// Awards penalty points: in a game at once, between games at the start of the next one. What exceeds the
    /// points needed to win the game is void.
    pub(crate) fn award(&mut self, format: &Format, to: Side, points: u8) {
        let playing = self.status == Status::InPlay
            || (self.status == Status::Suspended && self.suspended_from == Status::InPlay);
        if !playing {
            let pending = self.pending.of_mut(to);
            *pending = pending.saturating_add(points);
            return;
        }
        for _ in 0..points {
            let open = self
                .current()
                .is_some_and(|game| standing(format, self.games.len(), game.score) == Standing::Open);
            if open {
                self.add_point(format, to);
            }
        }
        if self.games.last().is_some_and(|game| game.winner.is_some()) {
            self.pause = None;
        }
    }
}
