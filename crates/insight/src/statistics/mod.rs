//! The statistics of a match: a pure function of its chronicle.

mod course;
mod lengths;
mod period;
mod recorded;
mod time_out;

pub(crate) use course::Course;
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
    let scores = chronicle.scores();
    let (mut whole, mut games) = (Period::default(), Vec::<Period>::new());
    games.resize_with(scores.len(), Period::default);
    for line in chronicle.lines() {
        whole.course.take(line);
        if let Some(game) = games.get_mut(usize::from(line.after.game).wrapping_sub(1)) {
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
        whole: whole.finish(&scores, recorded),
        games: games.into_iter().zip(&scores).map(|(game, score)| game.finish(&[*score], recorded)).collect(),
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
