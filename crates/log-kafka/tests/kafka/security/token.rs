//! Tokens from a file (SASL OAUTHBEARER), which the brokers take without a signature.

use std::fs;
use std::time::{Duration, Instant, SystemTime};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use tempfile::TempPath;
use topspin_log::conformance::fixtures::{
    bounded, commit_each, create_keeping, first, group, member, next, producer, reader, record, t, topic,
    values,
};
use topspin_log::{GroupEvent, Log, Offset, ReadError, Start, TopicSpec};
use topspin_log_kafka::{ConnectError, KafkaLog, Settings, TokenError};

use super::{QUICKLY, over, writes_and_reads};

const UNSIGNED: &str = r#"{"alg":"none"}"#;
/// Who may do everything.
const PRINCIPAL: &str = "topspin";
/// After the end of a token, until which brokers may take it.
const GRACE: Duration = Duration::from_secs(2);

/// A token file.
struct Pass(TempPath);

impl Pass {
    fn new(token: &str) -> Self {
        let pass = Self(tempfile::NamedTempFile::new().expect("a file").into_temp_path());
        pass.write(token);
        pass
    }

    /// Puts another token there, whole, as whoever keeps tokens fresh does.
    fn write(&self, token: &str) {
        let beside = self.0.with_extension("next");
        fs::write(&beside, token).expect("written");
        fs::rename(&beside, &self.0).expect("renamed");
    }

    fn settings(&self) -> Settings {
        let token_file = Some(self.0.to_path_buf());
        Settings { token_file, ..over("TOPSPIN_KAFKA_SASL", &[("security.protocol", "sasl_ssl")]) }
    }
}

fn token(header: &str, until: SystemTime) -> String {
    let seconds = until.duration_since(SystemTime::UNIX_EPOCH).expect("after 1970").as_secs_f64();
    let claims = format!(r#"{{"sub":"{PRINCIPAL}","exp":{seconds}}}"#);
    format!("{}.{}.", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims))
}

fn in_secs(seconds: u64) -> SystemTime {
    SystemTime::now() + Duration::from_secs(seconds)
}

#[tokio::test]
async fn the_right_token_opens_everything() {
    let pass = Pass::new(&token(UNSIGNED, in_secs(600)));
    bounded(writes_and_reads(pass.settings())).await;
}

#[tokio::test]
async fn an_expired_token_is_told_at_once_and_not_shown() {
    let begun = Instant::now();
    let old = token(UNSIGNED, SystemTime::now() - Duration::from_secs(90));
    let pass = Pass::new(&old);
    let error = KafkaLog::connect(pass.settings()).await.err().expect("refused");
    assert!(
        matches!(&error, ConnectError::Token(TokenError::Expired { seconds: 90.., .. }))
            && error.is_retryable(),
        "{error:?}"
    );
    assert!(error.to_string().contains(&*pass.0.to_string_lossy()) && !error.to_string().contains(&old));
    fs::remove_file(&pass.0).expect("removed");
    let error = KafkaLog::connect(pass.settings()).await.err().expect("refused");
    assert!(matches!(error, ConnectError::Token(TokenError::Unreadable { .. })), "{error:?}");
    assert!(begun.elapsed() < QUICKLY, "after {:?}", begun.elapsed());
}

#[tokio::test]
async fn a_token_that_the_cluster_does_not_take_is_told_and_not_shown() {
    let begun = Instant::now();
    let forged = token(r#"{"alg":"HS256"}"#, in_secs(600));
    let pass = Pass::new(&forged);
    let error = KafkaLog::connect(pass.settings()).await.err().expect("refused");
    assert!(matches!(&error, ConnectError::NotAuthorized { .. }) && !error.is_retryable(), "{error:?}");
    assert!(!format!("{error:?}").contains(&forged), "{error:?}");
    assert!(begun.elapsed() < QUICKLY, "after {:?}", begun.elapsed());
}

#[tokio::test]
async fn whoever_runs_goes_on_with_the_next_token() {
    bounded(async {
        let until = in_secs(5);
        let pass = Pass::new(&token(UNSIGNED, until));
        let log = KafkaLog::connect(pass.settings()).await.expect("connected");
        create_keeping(&log, 1).await;
        let (mut busy, mut idle) = (producer(&log, "busy").await, producer(&log, "idle").await);
        let mut tail = reader(&log, &t(0), Start::Beginning).await;
        let mut joined = log.join(&group("g"), &[topic("t")], &member("a")).await.expect("joined");
        assert!(matches!(joined.next_event().await, Ok(GroupEvent::Assigned(one)) if one.len() == 1));
        pass.write(&token(UNSIGNED, in_secs(600)));

        let mut written = Vec::new();
        while SystemTime::now() < until + GRACE {
            written.push(written.len().to_string());
            commit_each(&mut busy, written.last().cloned()).await;
            assert_eq!(next(tail.as_mut(), 1).await.len(), 1);
        }
        // Who has done nothing since shows the new one too: its connection has ended with the first.
        let mut transaction = idle.begin();
        transaction.append(t(0), record("late")).expect("within limits");
        transaction.commit_positions(&joined.metadata(), [(t(0), Offset::ZERO)]).expect("within limits");
        transaction.commit().await.expect("committed");
        assert_eq!(values(&next(tail.as_mut(), 1).await), ["late"]);
        log.create_topic(&TopicSpec::new(topic("u"), 1)).await.expect("created");
        assert_eq!(log.committed_position(&group("g"), &t(0)).await, Ok(Some(Offset::ZERO)));
    })
    .await;
}

#[tokio::test]
async fn without_a_next_token_the_cluster_is_unavailable_until_there_is_one() {
    bounded(async {
        let pass = Pass::new(&token(UNSIGNED, in_secs(4)));
        let log = KafkaLog::connect(pass.settings()).await.expect("connected");
        create_keeping(&log, 1).await;
        let mut producer = producer(&log, "p").await;
        commit_each(&mut producer, ["before".to_owned()]).await;
        // Shortly before its end the brokers do not take it again for a connection that is open.
        loop {
            if let Err(error) = log.end_offset(&t(0)).await {
                assert!(matches!(error, ReadError::Unavailable { .. }), "{error:?}");
                if error.to_string().contains("nothing has renewed it") {
                    break;
                }
            }
        }
        pass.write(&token(UNSIGNED, in_secs(600)));
        while let Err(error) = log.end_offset(&t(0)).await {
            assert!(error.is_retryable(), "{error:?}");
        }
        commit_each(&mut producer, ["after".to_owned()]).await;
        assert_eq!(values(&first(&log, &t(0), 2).await), ["before", "after"]);
    })
    .await;
}
