//! Which topics of a log are copied.

use anyhow::bail;
use topspin_bridge::positions_topic;
use topspin_log::{Log, Topic};
use topspin_runtime::Derived;

use crate::installation;

/// What is copied of a log.
pub struct Choice {
    pub topics: Vec<Topic>,
    /// How many topics of views are not.
    pub left_out: usize,
}

/// Everything but what views make, and what means nothing on another log.
pub async fn all(log: &dyn Log) -> anyhow::Result<Choice> {
    let topics = log.topics().await?.into_iter().map(|spec| spec.topic);
    let (derived, own): (Vec<_>, Vec<_>) = topics.partition(|topic| Derived::of(topic).is_some());
    let topics = own.into_iter().filter(|topic| why_not(topic).is_none()).collect();
    Ok(Choice { topics, left_out: derived.len() })
}

/// Those that somebody has named.
///
/// # Errors
/// Where one of them means nothing on another log.
pub fn named(topics: &[Topic]) -> anyhow::Result<Choice> {
    for topic in topics {
        if let Some(reason) = why_not(topic) {
            bail!("{topic} is not copied: {reason}. Leave it out of --topics");
        }
    }
    Ok(Choice { topics: topics.to_vec(), left_out: 0 })
}

/// Why a topic means nothing on another log.
fn why_not(topic: &Topic) -> Option<&'static str> {
    if [positions_topic(), installation::topic()].contains(topic) {
        return Some("it says what this log is, and the copy is another");
    }
    if [topspin_scoring::requests(), topspin_scoring::replies()].contains(topic) {
        return Some(
            "it is between the processes of this log, and holds positions that mean something else on a copy",
        );
    }
    if topic.as_str() == topspin_insight::CLOCK {
        return Some("it is the clock of the views of this log, and those of a copy have their own");
    }
    match Derived::of(topic)? {
        Derived::Output => None,
        Derived::State => Some(
            "it is what a view goes on from, and holds positions of this log that mean something else on a copy; \
             `topspin serve --views` makes it anew there",
        ),
    }
}

#[cfg(test)]
mod tests {
    use topspin_log::TopicSpec;
    use topspin_log::memory::MemoryLog;

    use super::*;

    fn topics(names: &[&str]) -> Vec<Topic> {
        names.iter().map(|name| Topic::new(*name).expect("a valid name")).collect()
    }

    #[tokio::test]
    async fn what_views_make_is_left_out_and_counted() {
        let log = MemoryLog::new();
        let own = topics(&["match-events", "venue.gold"]);
        let derived =
            topics(&["totals.active", "totals.dead-letters", "totals.g1", "totals.g1.matches.changelog"]);
        let others = topics(&["clock", "installation", "replies", "requests", "topspin-bridge"]);
        for topic in own.iter().chain(&derived).chain(&others) {
            log.create_topic(&TopicSpec::new(topic.clone(), 1)).await.expect("created");
        }
        let Choice { topics, left_out } = all(&log).await.expect("readable");
        assert_eq!((topics, left_out), (own, derived.len()));
    }

    #[test]
    fn what_holds_positions_is_refused_by_name_and_what_views_say_is_not() {
        for name in
            ["totals.g1.matches.changelog", "totals.g2.lines", "totals.active", "replies", "installation"]
        {
            let refused = named(&topics(&["match-events", name])).err().expect("refused").to_string();
            assert!(refused.starts_with(&format!("{name} is not copied: ")), "{refused}");
        }
        let wanted = topics(&["matches", "totals.g1", "totals.dead-letters"]);
        assert_eq!(named(&wanted).expect("can be copied").topics, wanted);
    }
}
