//! The words of the pages for what the laws know.

use topspin_laws::{Break, Card, Certainty, Notice, Side, Status, SuspensionReason};

use topspin_scoring::MatchResource;

/// Where a match stands, in a word or two.
pub const fn status(status: Status) -> &'static str {
    match status {
        Status::Scheduled => "Scheduled",
        Status::Called => "Called",
        Status::WarmUp => "Warm-up",
        Status::InPlay => "In play",
        Status::Interval => "Interval",
        Status::Suspended => "Suspended",
        Status::Finished => "Finished",
        Status::Retired => "Retired",
        Status::Walkover => "Walkover",
        Status::Disqualified => "Disqualified",
        Status::Abandoned => "Abandoned",
        Status::Postponed => "Postponed",
        Status::Cancelled => "Cancelled",
    }
}

/// How sure a result is.
pub const fn certainty(certainty: Certainty) -> &'static str {
    match certainty {
        Certainty::Provisional => "provisional",
        Certainty::Unofficial => "unofficial",
        Certainty::Official => "official",
        Certainty::Protested => "under protest",
    }
}

/// A card.
pub const fn card(card: Card) -> &'static str {
    match card {
        Card::Yellow => "yellow card",
        Card::YellowRed => "yellow and red card",
        Card::Red => "red card",
    }
}

/// Why play is suspended.
pub const fn suspension(reason: SuspensionReason) -> &'static str {
    match reason {
        SuspensionReason::Injury => "injury",
        SuspensionReason::Bleeding => "bleeding",
        SuspensionReason::Equipment => "equipment",
        SuspensionReason::Conditions => "playing conditions",
        SuspensionReason::Referee => "the referee is at the table",
        SuspensionReason::Other => "another reason",
    }
}

/// Why what the source reports is not what was scored.
pub fn reason(code: &str) -> String {
    match code {
        "official_illegal" => "no possible score under the laws".to_owned(),
        "official_disagrees" => "not what the recorded points come to".to_owned(),
        "no_points" => "its points were not recorded".to_owned(),
        other => other.replace('_', " "),
    }
}

/// The day of a time, UTC: `9 Sep 2023`.
pub fn day(time: &str) -> String {
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let part = |range| time.get(range).and_then(|digits: &str| digits.parse::<usize>().ok());
    let month = part(5..7).and_then(|month| MONTHS.get(month.checked_sub(1)?));
    match (time.get(0..4), month, part(8..10)) {
        (Some(year), Some(month), Some(day)) => format!("{day} {month} {year}"),
        _ => time.to_owned(),
    }
}

/// What a side is called: its players, or its own name where none is known.
pub fn side(resource: &MatchResource, side: Side) -> String {
    let entry = resource.sides.of(side);
    let players: Vec<&str> =
        entry.players.iter().map(|player| &*player.name).filter(|name| !name.is_empty()).collect();
    if players.is_empty() { entry.name.clone() } else { players.join(" / ") }
}

/// What goes on, beyond the status: a break, or what the next point can decide.
pub fn remark(resource: &MatchResource) -> Option<String> {
    let facts = &resource.state;
    if let Some(pause) = facts.pause {
        return Some(match pause {
            Break::TimeOut { side: whose } => format!("Time-out, {}", side(resource, whose)),
            Break::Towel {} => "Towel break".to_owned(),
            Break::Suspension { reason, .. } => format!("Suspended: {}", suspension(reason)),
            Break::Review { side: whose } => format!("Video review, asked by {}", side(resource, whose)),
        });
    }
    let point = |what: &str, whose: Side| Some(format!("{what}, {}", side(resource, whose)));
    facts.notices.iter().find_map(|notice| match notice {
        Notice::MatchPointHome => point("Match point", Side::Home),
        Notice::MatchPointAway => point("Match point", Side::Away),
        Notice::GamePointHome => point("Game point", Side::Home),
        Notice::GamePointAway => point("Game point", Side::Away),
        Notice::Deuce => Some("Deuce".to_owned()),
        Notice::EndsChanged => Some("Ends changed".to_owned()),
        Notice::Towel | Notice::StartGame | Notice::Choose => None,
    })
}
