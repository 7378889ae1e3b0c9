//! How every client of librdkafka is made, and what it tells us beside answers.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rdkafka::client::ClientContext;
use rdkafka::config::{ClientConfig, RDKafkaLogLevel};
use rdkafka::consumer::{BaseConsumer, ConsumerContext};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use topspin_log::limits::REVOKE_TIMEOUT;

use crate::fault::Fault;
use crate::limits::{
    DELIVERY_TIMEOUT, FETCH_AHEAD_KIB, FETCH_AHEAD_RECORDS, FETCH_BACKOFF, FETCH_BYTES, FETCH_WAIT,
    HEARTBEAT, MAX_WIRE_BYTES, SESSION_TIMEOUT, TRANSACTION_TIMEOUT,
};
use crate::token::{Bearer, Tokens};
use crate::{Settings, SettingsError, TokenError};

/// What OpenSSL calls the other side's refusal.
const TLS_ALERT: &str = "SSL alert number";
const TLS_ADVICE: &str = "check ssl.keystore.location or ssl.certificate.location, and who has signed it";

/// Whether the cluster has refused our credentials. librdkafka goes on trying then, so every other error is a time-out.
#[derive(Default)]
pub(crate) struct Health {
    complaints: Mutex<Complaints>,
    /// Where tokens come from, if clients show one.
    tokens: Option<Arc<Tokens>>,
}

#[derive(Debug, Default)]
struct Complaints {
    refused: Option<String>,
    /// The last error of any connection.
    last: Option<String>,
}

impl Health {
    pub(crate) fn new(tokens: Option<Arc<Tokens>>) -> Self {
        Self { complaints: Mutex::default(), tokens }
    }

    /// Gives a client its token, now and later, if clients show one.
    pub(crate) fn enrol<T: Bearer + 'static>(&self, client: &Arc<T>) -> Result<(), TokenError> {
        self.tokens.as_ref().map_or(Ok(()), |tokens| tokens.enrol(client))
    }

    fn lock(&self) -> MutexGuard<'_, Complaints> {
        self.complaints.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn refused(&self) -> Option<String> {
        self.lock().refused.clone()
    }

    /// What the last connection that failed said.
    pub(crate) fn last(&self) -> Option<String> {
        self.lock().last.clone()
    }

    /// The cluster has answered, so whatever was refused is not any more.
    pub(crate) fn answered(&self) {
        *self.lock() = Complaints::default();
    }

    pub(crate) fn note(&self, error: &KafkaError, reason: &str) {
        tracing::debug!(target: "librdkafka", %error, reason);
        let refused = match Fault::of(error) {
            Fault::NotAuthorized(advice) | Fault::Unauthenticated(advice) => {
                Some(format!("{reason}; {advice}"))
            }
            // A broker that wants another certificate says so when TLS is up already, as a failure of the transport.
            _ if reason.contains(TLS_ALERT) => Some(format!("{reason}; {TLS_ADVICE}")),
            _ => None,
        };
        let mut complaints = self.lock();
        if refused.is_some() {
            complaints.refused = refused;
        } else if error.rdkafka_error_code() == Some(RDKafkaErrorCode::BrokerTransportFailure) {
            complaints.last = Some(reason.to_owned());
        }
    }

    /// What an error means, beside what is known of the credentials.
    pub(crate) fn judge(&self, error: &KafkaError) -> Fault {
        self.explain(Fault::of(error))
    }

    /// What an error means if the cluster had refused us before.
    pub(crate) fn explain(&self, fault: Fault) -> Fault {
        match (fault, self.refused(), &self.tokens) {
            // A token is refused when it is too old, and the next one is not.
            (Fault::Unavailable(reason) | Fault::Unauthenticated(reason), refused, Some(tokens)) => {
                let complaint = tokens.complaint().map(|error| error.to_string());
                Fault::Unavailable(complaint.or(refused).unwrap_or(reason))
            }
            (Fault::Unavailable(_), Some(reason), None) | (Fault::Unauthenticated(reason), _, None) => {
                Fault::NotAuthorized(reason)
            }
            (fault, _, _) => fault,
        }
    }
}

/// Passes on what librdkafka logs.
pub(crate) fn relay(level: RDKafkaLogLevel, facility: &str, message: &str) {
    match level {
        RDKafkaLogLevel::Emerg
        | RDKafkaLogLevel::Alert
        | RDKafkaLogLevel::Critical
        | RDKafkaLogLevel::Error
        | RDKafkaLogLevel::Warning => tracing::warn!(target: "librdkafka", facility, message),
        RDKafkaLogLevel::Notice | RDKafkaLogLevel::Info | RDKafkaLogLevel::Debug => {
            tracing::debug!(target: "librdkafka", facility, message);
        }
    }
}

/// The ears of a client that neither writes nor is a member.
pub(crate) struct Listener(pub(crate) Arc<Health>);

impl ClientContext for Listener {
    fn log(&self, level: RDKafkaLogLevel, facility: &str, message: &str) {
        relay(level, facility, message);
    }

    fn error(&self, error: KafkaError, reason: &str) {
        self.0.note(&error, reason);
    }
}

impl ConsumerContext for Listener {}

pub(crate) type Consumer = BaseConsumer<Listener>;

/// What a consumer sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sight {
    /// Up to the last stable offset, without what was aborted.
    Committed,
    /// Up to the high watermark; for bounds only, never for records.
    Everything,
}

fn millis(duration: Duration) -> String {
    duration.as_millis().to_string()
}

/// What all clients share, and what the operator has chosen, which cannot name what the contract needs.
pub(crate) fn base(settings: &Settings) -> ClientConfig {
    let mut config = ClientConfig::new();
    config.set("bootstrap.servers", &settings.bootstrap);
    config.set("client.id", "topspin");
    config.set("allow.auto.create.topics", "false");
    config.set("reconnect.backoff.max.ms", "1000");
    config.set("socket.keepalive.enable", "true");
    // A client is told some settings of the other kind, which is no reason to warn.
    config.set("log_level", "4");
    if settings.token_file.is_some() {
        config.set("sasl.mechanism", "OAUTHBEARER");
    }
    config.set_log_level(RDKafkaLogLevel::Warning);
    for (name, value) in &settings.client {
        config.set(name, value);
    }
    config
}

/// Sets what is only a good choice, unless the operator has chosen by one of its names.
fn suggest<const N: usize>(config: &mut ClientConfig, names: [&str; N], value: impl Into<String>) {
    if names.iter().all(|name| config.get(name).is_none()) {
        config.set(names[0], value);
    }
}

pub(crate) fn consumer(settings: &Settings, sight: Sight) -> ClientConfig {
    let mut config = base(settings);
    config.set(
        "isolation.level",
        match sight {
            Sight::Committed => "read_committed",
            Sight::Everything => "read_uncommitted",
        },
    );
    config.set("enable.auto.commit", "false");
    config.set("enable.auto.offset.store", "false");
    // Where a position does not exist any more, the reader is told instead of being moved.
    config.set("auto.offset.reset", "error");
    config
}

pub(crate) fn reader(settings: &Settings) -> ClientConfig {
    let mut config = consumer(settings, Sight::Committed);
    // librdkafka reads only in a group's name; nothing is ever committed or joined in this one.
    config.set("group.id", format!("{}topspin-reader", settings.prefix));
    config.set("enable.partition.eof", "true");
    config.set("check.crcs", "true");
    suggest(&mut config, ["queued.max.messages.kbytes"], FETCH_AHEAD_KIB.to_string());
    suggest(&mut config, ["queued.min.messages"], FETCH_AHEAD_RECORDS.to_string());
    let fetch_bytes = ["fetch.message.max.bytes", "max.partition.fetch.bytes"];
    suggest(&mut config, fetch_bytes, FETCH_BYTES.to_string());
    suggest(&mut config, ["fetch.queue.backoff.ms"], millis(FETCH_BACKOFF));
    suggest(&mut config, ["fetch.wait.max.ms"], millis(FETCH_WAIT));
    config
}

pub(crate) fn member(settings: &Settings, group: &str, member: &str) -> ClientConfig {
    let mut config = base(settings);
    suggest(&mut config, ["session.timeout.ms"], millis(SESSION_TIMEOUT));
    suggest(&mut config, ["heartbeat.interval.ms"], millis(HEARTBEAT));
    suggest(&mut config, ["max.poll.interval.ms"], millis(REVOKE_TIMEOUT));
    config.set("isolation.level", "read_committed");
    config.set("enable.auto.commit", "false");
    config.set("enable.auto.offset.store", "false");
    config.set("auto.offset.reset", "latest");
    config.set("group.id", group);
    config.set("group.instance.id", member);
    config.set("group.protocol", "classic");
    config.set("partition.assignment.strategy", "cooperative-sticky");
    config
}

pub(crate) fn producer(settings: &Settings, transactional_id: &str) -> ClientConfig {
    let mut config = base(settings);
    // The caller has batched already: waiting for more only adds to every answer.
    suggest(&mut config, ["linger.ms", "queue.buffering.max.ms"], "0");
    config.set("transactional.id", transactional_id);
    config.set("enable.idempotence", "true");
    config.set("acks", "all");
    config.set("message.max.bytes", MAX_WIRE_BYTES.to_string());
    config.set("message.timeout.ms", millis(DELIVERY_TIMEOUT));
    config.set("transaction.timeout.ms", millis(TRANSACTION_TIMEOUT));
    config
}

/// What librdkafka finds wrong with a configuration; it may quote the value, which may be a secret.
pub(crate) fn refusal(error: &KafkaError) -> SettingsError {
    match error {
        KafkaError::ClientConfig(_, reason, name, value) => {
            let reason =
                if value.is_empty() { reason.clone() } else { reason.replace(value.as_str(), "…") };
            SettingsError::Client { name: name.clone(), reason }
        }
        other => SettingsError::Client { name: "(several)".to_owned(), reason: other.to_string() },
    }
}

/// A client that is closed on a thread of its own: closing waits for the network.
pub(crate) struct Detached<T: Send + 'static>(Option<T>);

impl<T: Send + 'static> Detached<T> {
    pub(crate) fn new(client: T) -> Self {
        Self(Some(client))
    }
}

impl<T: Send + 'static> std::ops::Deref for Detached<T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.0.as_ref().expect("only Drop takes it")
    }
}

impl<T: Send + 'static> Drop for Detached<T> {
    fn drop(&mut self) {
        let client = self.0.take();
        // If no thread can be had, the closure is dropped here, and the client with it.
        let _ = std::thread::Builder::new().name("kafka-close".to_owned()).spawn(move || drop(client));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refused_value_is_not_quoted() {
        let mut settings = Settings::new("127.0.0.1:1");
        settings.client.insert("session.timeout.ms".to_owned(), "hunter2".to_owned());
        let error = base(&settings).create_native_config().map(|_| ()).expect_err("refused");
        let told = refusal(&error).to_string();
        assert!(told.contains("session.timeout.ms") && !told.contains("hunter2"), "{told}");
    }

    #[test]
    fn the_contract_s_settings_are_valid() {
        let settings = Settings::new("127.0.0.1:1");
        for config in [
            reader(&settings),
            member(&settings, "g", "m"),
            producer(&settings, "p"),
            consumer(&settings, Sight::Everything),
        ] {
            assert!(config.create_native_config().is_ok());
        }
    }

    #[test]
    fn what_the_operator_has_chosen_stays_or_is_refused() {
        let clients: [fn(&Settings) -> ClientConfig; 4] = [
            reader,
            |settings| member(settings, "g", "m"),
            |settings| producer(settings, "p"),
            |settings| consumer(settings, Sight::Everything),
        ];
        let plain = Settings::new("127.0.0.1:1");
        for client in clients {
            for (name, value) in client(&plain).config_map() {
                let mut settings = plain.clone();
                settings.client.insert((*name).to_owned(), "7".to_owned());
                let kept = client(&settings).get(name) == Some("7");
                assert!(kept || settings.check().is_err(), "{name} stays {value}");
            }
        }
    }
}
