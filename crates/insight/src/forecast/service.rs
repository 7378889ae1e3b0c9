//! Who serves to whom, and who begins each game (Laws 2.13.3 to 2.13.6).

use serde::{Deserialize, Serialize};
use topspin_laws::{Discipline, Place, Seat, Side};

/// Server and receiver of one rally, of opposite sides. In singles both places are [`Place::First`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Service {
    /// Who serves.
    pub server: Seat,
    /// Who receives.
    pub receiver: Seat,
}

/// Server and receiver as a table sees them: 2 sides, 2 servers, 2 receivers.
pub(super) const SERVICES: usize = 8;

const PLACES: [Place; 2] = [Place::First, Place::Second];

impl Service {
    /// A service of `server` to `receiver`.
    pub const fn new(server: Seat, receiver: Seat) -> Self {
        Service { server, receiver }
    }

    /// A service in singles.
    pub const fn singles(server: Side) -> Self {
        Service::new(Seat::first(server), Seat::first(server.other()))
    }

    /// Every service there can be: 2 in singles, 8 in doubles.
    pub(super) fn all(discipline: Discipline) -> impl Iterator<Item = Service> {
        let places = match discipline {
            Discipline::Singles => &PLACES[..1],
            Discipline::Doubles => &PLACES[..],
        };
        let seats = move |side| places.iter().map(move |&place| Seat { side, place });
        Side::BOTH.into_iter().flat_map(move |side| {
            seats(side)
                .flat_map(move |server| seats(side.other()).map(move |other| Service::new(server, other)))
        })
    }

    /// Below [`SERVICES`].
    pub(super) fn index(self) -> usize {
        let second = |seat: Seat| usize::from(seat.place == Place::Second);
        4 * usize::from(self.server.side == Side::Away) + 2 * second(self.server) + second(self.receiver)
    }

    /// The next turn: the receiver serves; in doubles the partner of the server receives (Law 2.13.5).
    pub(super) fn rotated(self, discipline: Discipline) -> Self {
        match discipline {
            Discipline::Singles => Service::new(self.receiver, self.server),
            Discipline::Doubles => Service::new(self.receiver, self.server.partner()),
        }
    }

    /// The service of so many turns before.
    pub(super) fn before(self, turns: u32, discipline: Discipline) -> Self {
        // Four turns bring everybody back to where they were, so three forwards are one backwards.
        (0..3 * (turns % 4)).fold(self, |service, _| service.rotated(discipline))
    }

    /// The receiving pair changes its order (Law 2.13.6).
    pub(super) const fn receivers_changed(self) -> Self {
        Service::new(self.server, self.receiver.partner())
    }
}

/// Which of the two cyclic orders of four players a game is served in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    /// Home's players serve to their own number, away's to the other: H1, A1, H2, A2.
    Straight,
    /// Home's players serve to the other number, away's to their own: H1, A2, H2, A1.
    Crossed,
}

impl Order {
    pub const fn turned(self) -> Self {
        match self {
            Order::Straight => Order::Crossed,
            Order::Crossed => Order::Straight,
        }
    }
}

/// How a game begins, up to which of a pair serves first.
///
/// Singles is the case of doubles in which nobody's partner ever plays: home begins straight, away crossed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Start {
    pub side: Side,
    pub order: Order,
}

impl Start {
    /// How many there are.
    pub const COUNT: usize = 4;

    /// Every start there can be: 2 in singles, 4 in doubles.
    pub fn all(discipline: Discipline) -> impl Iterator<Item = Start> {
        const ALL: [Start; Start::COUNT] = [
            Start { side: Side::Home, order: Order::Straight },
            Start { side: Side::Home, order: Order::Crossed },
            Start { side: Side::Away, order: Order::Straight },
            Start { side: Side::Away, order: Order::Crossed },
        ];
        ALL.into_iter().filter(move |start| start.services(discipline).next().is_some())
    }

    /// The start of a game that begins with this service.
    pub fn of(service: Service) -> Self {
        let same_place = service.server.place == service.receiver.place;
        let order = match (service.server.side, same_place) {
            (Side::Home, true) | (Side::Away, false) => Order::Straight,
            (Side::Home, false) | (Side::Away, true) => Order::Crossed,
        };
        Start { side: service.server.side, order }
    }

    /// Below [`Start::COUNT`].
    pub fn index(self) -> usize {
        2 * usize::from(self.side == Side::Away) + usize::from(self.order == Order::Crossed)
    }

    /// The next game: the other side serves first (Law 2.13.6), and everybody receives from the player whom he
    /// served to, which turns the order round (Law 2.13.4).
    pub fn next(self) -> Self {
        Start { side: self.side.other(), order: self.order.turned() }
    }

    /// The services that such a game can begin with: the serving pair chooses its server (Law 2.13.4).
    pub fn services(self, discipline: Discipline) -> impl Iterator<Item = Service> {
        Service::all(discipline).filter(move |service| Start::of(*service) == self)
    }
}
