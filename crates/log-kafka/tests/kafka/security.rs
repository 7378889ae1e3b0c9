//! TLS with passwords, tokens and client certificates, and what a principal may not do.

mod token;

use std::time::{Duration, Instant};

use topspin_log::conformance::fixtures::{
    bounded, commit_each, create_keeping, first, group, member, producer, t, topic, values,
};
use topspin_log::{
    BeginProducerError, CreateTopicError, GroupError, Log, ReadError, TopicSpec, TransactionalId,
};
use topspin_log_kafka::{ConnectError, KafkaLog, Settings};

use crate::cluster::{self, variable};

/// Well below every time-out: a refusal is not waited out.
const QUICKLY: Duration = Duration::from_secs(5);

fn over(address: &str, client: &[(&str, &str)]) -> Settings {
    let mut settings = Settings { bootstrap: variable(address), ..cluster::settings() };
    settings.client.insert("ssl.ca.location".to_owned(), variable("TOPSPIN_KAFKA_AUTHORITY"));
    settings.client.extend(client.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    settings
}

fn with_password(user: &str, password: &str) -> Settings {
    over(
        "TOPSPIN_KAFKA_SASL",
        &[
            ("security.protocol", "sasl_ssl"),
            ("sasl.mechanism", "SCRAM-SHA-256"),
            ("sasl.username", user),
            ("sasl.password", password),
        ],
    )
}

async fn writes_and_reads(settings: Settings) {
    let log = KafkaLog::connect(settings).await.expect("connected");
    create_keeping(&log, 1).await;
    commit_each(&mut producer(&log, "p").await, ["x".to_owned()]).await;
    assert_eq!(values(&first(&log, &t(0), 1).await), ["x"]);
    let mut member = log.join(&group("g"), &[topic("t")], &member("a")).await.expect("joined");
    member.next_event().await.expect("assigned");
}

#[tokio::test]
async fn the_right_password_opens_everything() {
    bounded(writes_and_reads(with_password("topspin", "topspin-secret"))).await;
}

#[tokio::test]
async fn a_wrong_password_is_told_at_once_and_not_repeated() {
    let begun = Instant::now();
    let error = KafkaLog::connect(with_password("topspin", "guessed-wrong")).await.err().expect("refused");
    assert!(matches!(&error, ConnectError::NotAuthorized { .. }) && !error.is_retryable(), "{error:?}");
    assert!(begun.elapsed() < QUICKLY, "after {:?}", begun.elapsed());
    assert!(!error.to_string().contains("guessed-wrong"), "{error}");
}

#[tokio::test]
async fn a_broker_that_nobody_vouches_for_is_not_trusted() {
    let mut settings = with_password("topspin", "topspin-secret");
    settings.client.remove("ssl.ca.location");
    let error = KafkaLog::connect(settings).await.err().expect("refused");
    assert!(
        matches!(&error, ConnectError::NotAuthorized { reason } if reason.contains("ssl.ca.location")),
        "{error}"
    );
}

#[tokio::test]
async fn a_client_certificate_opens_everything() {
    let store = variable("TOPSPIN_KAFKA_CLIENT_STORE");
    bounded(writes_and_reads(over(
        "TOPSPIN_KAFKA_MUTUAL",
        &[
            ("security.protocol", "ssl"),
            ("ssl.keystore.location", &store),
            ("ssl.keystore.password", "loopback"),
        ],
    )))
    .await;
}

#[tokio::test]
async fn without_its_certificate_a_client_stays_outside() {
    let outside = over("TOPSPIN_KAFKA_MUTUAL", &[("security.protocol", "ssl")]);
    let error = KafkaLog::connect(outside).await.err().expect("refused");
    assert!(matches!(error, ConnectError::NotAuthorized { .. }), "{error:?}");
}

#[tokio::test]
async fn a_principal_without_rights_is_told_which_it_lacks() {
    bounded(async {
        let own = KafkaLog::connect(with_password("topspin", "topspin-secret")).await.expect("connected");
        create_keeping(&own, 1).await;
        let settings = with_password("stranger", "stranger-secret");
        let log = KafkaLog::connect(settings).await.expect("the password is right");
        let begun = Instant::now();
        let created = log.create_topic(&TopicSpec::new(topic("u"), 1)).await;
        assert!(matches!(created, Err(CreateTopicError::NotAuthorized { .. })), "{created:?}");
        let seen = log.topic(&topic("t")).await;
        assert!(matches!(seen, Err(ReadError::NotAuthorized { .. })), "{seen:?}");
        let joined = log.join(&group("g"), &[topic("t")], &member("a")).await.err();
        assert!(matches!(joined, Some(GroupError::NotAuthorized { .. })), "{joined:?}");
        let begun_producer = log.begin_producer(&TransactionalId::new("p").expect("valid")).await.err();
        assert!(
            matches!(begun_producer, Some(BeginProducerError::NotAuthorized { .. })),
            "{begun_producer:?}"
        );
        assert!(begun.elapsed() < QUICKLY, "after {:?}", begun.elapsed());
    })
    .await;
}
