//! Who serves and who receives (Law 2.13).

use crate::Seat;

/// Server and receiver, and how many points of the turn are played.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Service {
    pub server: Seat,
    pub receiver: Seat,
    /// Points played in this turn of service.
    served: u16,
}

/// Singles or doubles decides who takes over at a change of service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rotation {
    Singles,
    Doubles,
}

impl Service {
    pub const fn new(server: Seat, receiver: Seat) -> Self {
        Service { server, receiver, served: 0 }
    }

    /// The next turn: the receiver serves; in doubles the partner of the server receives (Law 2.13.5).
    pub const fn rotated(self, rotation: Rotation) -> Self {
        let receiver = match rotation {
            Rotation::Singles => self.server,
            Rotation::Doubles => self.server.partner(),
        };
        Service::new(self.receiver, receiver)
    }

    /// The turn before: undoes [`Service::rotated`].
    const fn rotated_back(self, rotation: Rotation) -> Self {
        let server = match rotation {
            Rotation::Singles => self.receiver,
            Rotation::Doubles => self.receiver.partner(),
        };
        Service::new(server, self.server)
    }

    /// Who served and received `turns` turns before.
    pub fn before(self, turns: u32, rotation: Rotation) -> Self {
        // Four turns bring everybody back to where they were.
        (0..turns % 4)
            .fold(Service::new(self.server, self.receiver), |service, _| service.rotated_back(rotation))
    }

    /// The same players with `served` points of their turn played.
    pub const fn having_served(self, served: u16) -> Self {
        Service { served, ..self }
    }

    /// The service after one more point: the turn ends after `turn` points (Law 2.13.3).
    pub const fn after_point(self, turn: u16, rotation: Rotation) -> Self {
        let served = self.served + 1;
        if served >= turn { self.rotated(rotation) } else { Service { served, ..self } }
    }

    /// The receiving pair changes its order (Law 2.13.6); the turn goes on.
    pub const fn receivers_changed(self) -> Self {
        Service { receiver: self.receiver.partner(), ..self }
    }

    /// The turn of this order of service in which `server` serves; this turn where nobody of the order does.
    pub fn turn_of(self, server: Seat, rotation: Rotation) -> Self {
        let mut turn = Service::new(self.server, self.receiver);
        for _ in 0..4 {
            if turn.server == server {
                break;
            }
            turn = turn.rotated(rotation);
        }
        turn
    }

    /// Other players at the same point of the turn (Law 2.14.1).
    pub const fn corrected(self, server: Seat, receiver: Seat) -> Self {
        Service { server, receiver, ..self }
    }

    /// In doubles, who serves to `player` in the order of this service (Law 2.13.4).
    pub fn server_to(self, player: Seat) -> Seat {
        let mut turn = self;
        for _ in 0..3 {
            if turn.receiver == player {
                break;
            }
            turn = turn.rotated(Rotation::Doubles);
        }
        turn.server
    }
}

/// Renames players as a correction does: `from` becomes `to`, partners follow, so that the established order of a
/// game keeps its shape.
pub(crate) fn relabelled(player: Seat, from: Service, to: Service) -> Seat {
    if player == from.server {
        to.server
    } else if player == from.receiver {
        to.receiver
    } else if player == from.server.partner() {
        to.server.partner()
    } else {
        to.receiver.partner()
    }
}
