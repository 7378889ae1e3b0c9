//! Strokes in words.

use topspin_event::{
    Hand, LengthTally, ReceivePattern, ServePattern, Spin, StrokeClass, StrokePhase, ThirdBallPattern, Zone,
};

/// A service: what is recorded of it.
pub fn serve(one: &ServePattern) -> String {
    let words = [one.class.map(class), one.spin.map(spin)].into_iter().flatten();
    placed(&words.collect::<Vec<_>>().join(", "), one.zone)
}

/// A return of a service.
pub fn receive(one: &ReceivePattern) -> String {
    placed(one.class.map_or("", class), one.zone)
}

/// The service before a third ball.
pub fn served(one: &ThirdBallPattern) -> String {
    placed(one.serve_spin.map_or("", spin), one.serve_zone)
}

/// A third ball.
pub fn third_ball(one: &ThirdBallPattern) -> String {
    let words = [one.hand.map(hand), one.class.map(class)].into_iter().flatten();
    placed(&words.collect::<Vec<_>>().join(" "), one.zone)
}

fn placed(stroke: &str, zone: Option<Zone>) -> String {
    match (stroke, zone) {
        ("", None) => "not recorded".to_owned(),
        ("", Some(zone)) => format!("to {}", self::zone(zone)),
        (stroke, None) => stroke.to_owned(),
        (stroke, Some(zone)) => format!("{stroke} to {}", self::zone(zone)),
    }
}

/// The numbers of strokes of a length.
pub fn length(one: &LengthTally) -> String {
    one.to.map_or_else(|| format!("{}+", one.from), |to| format!("{}–{to}", one.from))
}

/// Which strokes of rallies.
pub const fn phase(phase: StrokePhase) -> &'static str {
    match phase {
        StrokePhase::Serve => "Service",
        StrokePhase::Receive => "Receive",
        StrokePhase::ThirdBall => "Third ball",
        StrokePhase::Later => "Later strokes",
    }
}

/// A zone, as the receiving player sees it.
pub const fn zone(zone: Zone) -> &'static str {
    match zone.number() {
        1 => "short forehand",
        2 => "short middle",
        3 => "short backhand",
        4 => "half-long forehand",
        5 => "half-long middle",
        6 => "half-long backhand",
        7 => "long forehand",
        8 => "long middle",
        _ => "long backhand",
    }
}

const fn hand(hand: Hand) -> &'static str {
    match hand {
        Hand::Forehand => "forehand",
        Hand::Backhand => "backhand",
    }
}

const fn spin(spin: Spin) -> &'static str {
    match spin {
        Spin::Topspin => "topspin",
        Spin::Backspin => "backspin",
        Spin::None => "no spin",
        Spin::SideTopspin => "side topspin",
        Spin::SideBackspin => "side backspin",
    }
}

/// A kind of stroke.
pub const fn class(class: StrokeClass) -> &'static str {
    match class {
        StrokeClass::Drive => "drive",
        StrokeClass::CounterDrive => "counter-drive",
        StrokeClass::Smash => "smash",
        StrokeClass::Flick => "flick",
        StrokeClass::FastDrive => "fast drive",
        StrokeClass::PushBlock => "push block",
        StrokeClass::Flip => "flip",
        StrokeClass::Arc => "arc",
        StrokeClass::Knock => "knock",
        StrokeClass::Push => "push",
        StrokeClass::DropShort => "drop shot",
        StrokeClass::Chop => "chop",
        StrokeClass::Block => "block",
        StrokeClass::Lob => "lob",
        StrokeClass::TraditionalService => "ordinary service",
        StrokeClass::HookService => "hook service",
        StrokeClass::ReverseService => "reverse service",
        StrokeClass::SquatService => "squat service",
    }
}
