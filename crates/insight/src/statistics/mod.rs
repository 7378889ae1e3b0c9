//! The statistics of a match: a pure function of its chronicle.

mod course;
mod lengths;
mod period;
mod recorded;
mod time_out;

use topspin_event::MatchStatistics;
use topspin_laws::Side;

use crate::chronicle::Chronicle;
use crate::limits::MOMENTUM_RALLIES;
use crate::rally::Rally;
use period::Period;
use recorded::Recorded;

/// The statistics of a match as its events tell it; `None` before the first.
pub fn statistics(chronicle: &Chronicle) -> Option<MatchStatistics> {
    let meta = chronicle.meta()?;
    let (epoch, seq) = chronicle.head()?;
    let recorded = Recorded::by(chronicle.rallies());
    let (mut whole, mut games) = (Period::default(), Vec::<Period>::new());
    for line in chronicle.lines() {
        let number = usize::from(line.after.game);
        if games.len() < number {
            games.resize_with(number, Period::default);
        }
        whole.course.take(line);
        if let Some(game) = games.get_mut(number.wrapping_sub(1)) {
            game.course.take(line);
            game.lets(line);
        }
        whole.lets(line);
    }
    for rally in chronicle.rallies() {
        whole.rally(rally);
        if let Some(game) = games.get_mut(usize::from(rally.game).wrapping_sub(1)) {
            game.rally(rally);
        }
    }
    Some(MatchStatistics {
        match_id: meta.id,
        epoch,
        seq,
        whole: whole.finish(recorded),
        games: games.into_iter().map(|game| game.finish(recorded)).collect(),
        time_outs: time_out::effects(chronicle),
        momentum: momentum(chronicle.rallies()),
    })
}

/// Who has the last rallies: the newest weighs [`MOMENTUM_RALLIES`], the one before it one less, and so on; all of them
/// won by home are 100, all by away -100.
pub fn momentum(rallies: &[Rally]) -> i32 {
    let most = MOMENTUM_RALLIES;
    let latest = rallies.iter().rev().zip((1..=most).rev());
    let signed = latest.map(|(rally, weight)| match rally.winner {
        Side::Home => weight,
        Side::Away => -weight,
    });
    let all: i32 = (1..=most).sum();
    100 * signed.sum::<i32>() / all
}
