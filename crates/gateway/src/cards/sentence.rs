//! What a card says, in a language.

use jiff::tz::TimeZone;
use topspin_event::{CardSubject, ComparisonCard, CourseCard, RecordCard, Tally, Timestamp};
use topspin_laws::{Both, Side};

use super::words::{Variables, Words};

/// What sentences are made with, beside the cards.
pub struct Speaker<'a> {
    /// The language.
    pub words: &'static Words,
    /// Whose calendar says which day it was.
    pub zone: &'a TimeZone,
    /// What the sides are called.
    pub sides: &'a Both<String>,
    /// What a scope is called, other than everything.
    pub name_of: &'a dyn Fn(&str) -> String,
}

impl Speaker<'_> {
    /// The sentence of a card.
    pub fn sentence(&self, subject: &CardSubject) -> String {
        match subject {
            CardSubject::Record(record) => self.record(record),
            CardSubject::Comparison(compared) => self.comparison(compared),
            CardSubject::Course(course) => self.course(course),
        }
    }

    fn record(&self, card: &RecordCard) -> String {
        let (kind, rest) = card.scope.split_once(':').unwrap_or((&card.scope, ""));
        let kind = match kind {
            "category" => "competition",
            // Whose it is was said.
            "player" if card.entry.side.is_some() => "own",
            kind => kind,
        };
        let name = if rest.is_empty() { String::new() } else { (self.name_of)(&card.scope) };
        let season = card.window.strip_prefix("season:").and_then(|year| year.parse::<i64>().ok());
        let (window, since) = match (card.since.and_then(|since| since.at), season) {
            (Some(at), _) => ("since", self.date(at)),
            (None, Some(year)) => ("season", self.season(year)),
            (None, None) if card.window == "24_months" => ("months", String::new()),
            (None, None) => ("ever", String::new()),
        };
        let entry = &card.entry;
        let variables = Variables::default()
            .number("value", entry.value)
            .number("minutes", (entry.value + 30_000) / 60_000)
            .text("text", self.tenths((entry.value + 50) / 100))
            .number("game", entry.game)
            .text("side", self.side(entry.side))
            .text("scope", kind)
            .text("name", name)
            .text("window", window)
            .text("since", since);
        self.words.say(&key("record", &card.metric), &variables)
    }

    fn comparison(&self, card: &ComparisonCard) -> String {
        let place = match card.aspect.as_str() {
            // These say by themselves where.
            "first_game" | "middle_games" | "deciding_game" => "said",
            _ if card.game > 0 => "game",
            _ => "match",
        };
        let variables = Variables::default()
            .text("side", self.side(Some(card.side)))
            .number("won", card.tonight.won)
            .number("of", card.tonight.of)
            .text("aspect", card.aspect.clone())
            .text("where", place)
            .number("game", card.game)
            .number("rate", percent(card.history));
        self.words.say("comparison", &variables)
    }

    fn course(&self, card: &CourseCard) -> String {
        let variables = Variables::default()
            .text("side", self.side(card.side))
            .number("value", card.value)
            .number("beside", card.beside)
            .number("other", i64::from(card.beside) + i64::from(card.value))
            .number("game", card.game);
        self.words.say(&key("course", &card.kind), &variables)
    }

    fn side(&self, side: Option<Side>) -> String {
        if let Some(side) = side {
            return self.sides.of(side).clone();
        }
        let (first, second) = (self.sides.home.clone(), self.sides.away.clone());
        self.words.say("and", &Variables::default().text("first", first).text("second", second))
    }

    /// The day of an instant.
    pub fn date(&self, at: Timestamp) -> String {
        let Ok(instant) = jiff::Timestamp::from_millisecond(at.as_millis()) else { return at.to_string() };
        let day = instant.to_zoned(self.zone.clone());
        let day = Variables::default()
            .number("day", day.day())
            .number("month", day.month())
            .number("year", day.year());
        self.words.say("date", &day)
    }

    fn season(&self, year: i64) -> String {
        let next = format!("{:02}", (year + 1).rem_euclid(100));
        self.words.say("season", &Variables::default().number("year", year).text("next", next))
    }

    fn tenths(&self, tenths: i64) -> String {
        let parts = Variables::default().number("whole", tenths / 10).number("tenth", tenths % 10);
        self.words.say("decimal", &parts)
    }
}

/// The name of the message of a kind of cards.
fn key(of: &str, kind: &str) -> String {
    format!("{of}-{}", kind.replace('_', "-"))
}

/// In whole percent, half of one rounded up.
fn percent(tally: Tally) -> i64 {
    let of = i64::from(tally.of.max(1));
    (200 * i64::from(tally.won) + of) / (2 * of)
}

#[cfg(test)]
#[path = "sentence_tests.rs"]
mod tests;
