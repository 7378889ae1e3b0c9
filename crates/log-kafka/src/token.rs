//! The token that clients show (SASL OAUTHBEARER, RFC 7628), from a file that something else keeps fresh.
//!
//! librdkafka asks for tokens through whoever polls a client. Nobody polls a client for administration, an idle producer
//! or one that waits for an answer, so tokens are handed out instead: to a client when it is made, and to all that live
//! when the file has another one.

use std::ffi::{CStr, CString, c_char};
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, SystemTime};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rdkafka::admin::AdminClient;
use rdkafka::bindings::rd_kafka_oauthbearer_set_token;
use rdkafka::client::{Client, ClientContext};
use rdkafka::consumer::{BaseConsumer, Consumer as _, ConsumerContext};
use rdkafka::producer::{BaseProducer, Producer as _, ProducerContext};
use rdkafka::types::RDKafkaRespErr;
use serde_json::Value;

use crate::client::Detached;
use crate::limits::{MAX_TOKEN_BYTES, TOKEN_POLL};

/// There is no token to show. Whatever keeps the file fresh can change that.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// The file is not there, or not for us.
    #[error("the token file {file} cannot be read: {reason}")]
    Unreadable {
        /// The file.
        file: String,
        /// What the system says.
        reason: String,
    },
    /// The file holds something else.
    #[error("the file {file} does not hold a JSON Web Token: {problem}")]
    Malformed {
        /// The file.
        file: String,
        /// What is wrong; nothing of the content is in it.
        problem: &'static str,
    },
    /// The token is too old.
    #[error("the token in {file} expired {seconds} s ago, and nothing has renewed it")]
    Expired {
        /// The file.
        file: String,
        /// How long ago, in whole seconds.
        seconds: u64,
    },
}

/// A token with what it says about itself.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Token {
    value: CString,
    principal: CString,
    /// Milliseconds since 1970, exclusive.
    expires_at: i64,
}

/// A client that can be given a token.
pub(crate) trait Bearer: Send + Sync {
    fn take(&self, token: &Token) -> Result<(), String>;
}

impl<C: ConsumerContext> Bearer for BaseConsumer<C> {
    fn take(&self, token: &Token) -> Result<(), String> {
        give(self.client(), token)
    }
}

impl<C: ProducerContext> Bearer for BaseProducer<C> {
    fn take(&self, token: &Token) -> Result<(), String> {
        give(self.client(), token)
    }
}

impl<C: ClientContext> Bearer for AdminClient<C> {
    fn take(&self, token: &Token) -> Result<(), String> {
        give(self.inner(), token)
    }
}

impl<T: Bearer + 'static> Bearer for Detached<T> {
    fn take(&self, token: &Token) -> Result<(), String> {
        (**self).take(token)
    }
}

/// The file, and all clients that show its token.
pub(crate) struct Tokens {
    file: PathBuf,
    bearers: Mutex<Bearers>,
}

#[derive(Default)]
struct Bearers {
    /// The last token that was handed out.
    last: Option<Token>,
    living: Vec<Weak<dyn Bearer>>,
}

impl Tokens {
    /// Looks after the file until the last owner is gone.
    pub(crate) fn watch(file: &Path) -> std::io::Result<Arc<Self>> {
        let tokens = Arc::new(Self { file: file.to_owned(), bearers: Mutex::default() });
        let watched = Arc::downgrade(&tokens);
        std::thread::Builder::new().name("kafka-token".to_owned()).spawn(move || {
            while let Some(tokens) = watched.upgrade() {
                tokens.renew();
                drop(tokens);
                std::thread::sleep(TOKEN_POLL);
            }
        })?;
        Ok(tokens)
    }

    /// Gives a client the token of now, and every later one.
    pub(crate) fn enrol<T: Bearer + 'static>(&self, client: &Arc<T>) -> Result<(), TokenError> {
        let mut bearers = self.lock();
        let token = self.current(&bearers)?;
        hand(client.as_ref(), &token);
        let weak: Weak<T> = Arc::downgrade(client);
        bearers.living.retain(|bearer| bearer.strong_count() > 0);
        bearers.living.push(weak);
        Ok(())
    }

    /// Why no client can show a token now.
    pub(crate) fn complaint(&self) -> Option<TokenError> {
        self.current(&self.lock()).err()
    }

    /// The token of the file; the last one if it is still good and the file is not.
    fn current(&self, bearers: &Bearers) -> Result<Token, TokenError> {
        let now = now();
        let good = |token: &&Token| token.expires_at > now;
        read(&self.file, now).or_else(|error| bearers.last.as_ref().filter(good).cloned().ok_or(error))
    }

    /// Hands out what the file has, if that is another token than before.
    fn renew(&self) {
        let mut bearers = self.lock();
        // What is wrong with the file is told to whoever needs its token.
        let Ok(token) = self.current(&bearers) else { return };
        if bearers.last.as_ref() == Some(&token) {
            return;
        }
        bearers.living.retain(|bearer| bearer.strong_count() > 0);
        for bearer in bearers.living.iter().filter_map(Weak::upgrade) {
            hand(bearer.as_ref(), &token);
        }
        bearers.last = Some(token);
    }

    fn lock(&self) -> MutexGuard<'_, Bearers> {
        self.bearers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn hand(bearer: &dyn Bearer, token: &Token) {
    // It can only have expired since it was read; then the cluster refuses it, and that is told.
    if let Err(reason) = bearer.take(token) {
        tracing::warn!(reason, "a client does not take its token");
    }
}

#[expect(
    unsafe_code,
    reason = "rdkafka sets tokens while it polls a client, which it never does for administration"
)]
fn give<C: ClientContext>(client: &Client<C>, token: &Token) -> Result<(), String> {
    let mut reason = [0_u8; 256];
    // SAFETY: the client lives while it is borrowed, and librdkafka takes this call from any thread. The strings end with a
    // NUL and are copied; there are no extensions; `reason` is as long as is said.
    let code = unsafe {
        rd_kafka_oauthbearer_set_token(
            client.native_ptr(),
            token.value.as_ptr(),
            token.expires_at,
            token.principal.as_ptr(),
            std::ptr::null_mut(),
            0,
            reason.as_mut_ptr().cast::<c_char>(),
            reason.len(),
        )
    };
    if code == RDKafkaRespErr::RD_KAFKA_RESP_ERR_NO_ERROR {
        return Ok(());
    }
    let text = CStr::from_bytes_until_nul(&reason).map(CStr::to_string_lossy).unwrap_or_default();
    Err(text.into_owned())
}

/// Milliseconds since 1970.
fn now() -> i64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or(Duration::ZERO);
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

fn read(file: &Path, now: i64) -> Result<Token, TokenError> {
    let name = || file.display().to_string();
    let mut bytes = Vec::new();
    let opened = File::open(file).and_then(|open| open.take(MAX_TOKEN_BYTES + 1).read_to_end(&mut bytes));
    opened.map_err(|error| TokenError::Unreadable { file: name(), reason: error.to_string() })?;
    let token = parse(&bytes).map_err(|problem| TokenError::Malformed { file: name(), problem })?;
    match now.saturating_sub(token.expires_at) {
        ..0 => Ok(token),
        millis => {
            let seconds = Duration::from_millis(millis.cast_unsigned()).as_secs();
            Err(TokenError::Expired { file: name(), seconds })
        }
    }
}

/// Reads a JSON Web Token (RFC 7519) in its compact form, without checking its signature: that is the cluster's part.
fn parse(bytes: &[u8]) -> Result<Token, &'static str> {
    if bytes.len() as u64 > MAX_TOKEN_BYTES {
        return Err("it is too large");
    }
    let text = std::str::from_utf8(bytes).map_err(|_| "it is not text")?.trim();
    let parts: Vec<_> = text.split('.').collect();
    let [_, claims, _] = parts.as_slice() else { return Err("it does not have three parts") };
    let claims = URL_SAFE_NO_PAD.decode(claims).map_err(|_| "its claims are not base64url")?;
    let claims: Value = serde_json::from_slice(&claims).map_err(|_| "its claims are not JSON")?;
    let expires =
        claims.get("exp").and_then(Value::as_f64).ok_or("it has no `exp` to say when it expires")?;
    let principal = claims.get("sub").and_then(Value::as_str).ok_or("it has no `sub` to say whose it is")?;
    let string = |text: &str| CString::new(text).map_err(|_| "it contains a NUL");
    Ok(Token {
        value: string(text)?,
        principal: string(principal)?,
        // A cast of a number that is too large ends at the last one there is.
        expires_at: (expires * 1000.0) as i64,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(claims: &str) -> String {
        format!("{}.{}.", URL_SAFE_NO_PAD.encode(r#"{"alg":"none"}"#), URL_SAFE_NO_PAD.encode(claims))
    }

    fn in_file(content: &str) -> tempfile::TempPath {
        let file = tempfile::NamedTempFile::new().expect("a file").into_temp_path();
        std::fs::write(&file, content).expect("written");
        file
    }

    #[test]
    fn a_token_says_whose_it_is_and_until_when() {
        let text = token(r#"{"sub":"hall-3","exp":1700000000.5,"iat":1}"#);
        let read = parse(format!("{text}\n").as_bytes()).expect("a token");
        assert_eq!(read.principal.to_str(), Ok("hall-3"));
        assert_eq!((read.value.to_str(), read.expires_at), (Ok(text.as_str()), 1_700_000_000_500));
    }

    #[test]
    fn what_is_no_token_is_told_without_its_content() {
        let secret = "hunter2-hunter2";
        for content in [
            secret.to_owned(),
            format!("{secret}.{secret}.{secret}"),
            format!("a.{}.{secret}", URL_SAFE_NO_PAD.encode(secret)),
            token(&format!(r#"{{"sub":"{secret}"}}"#)),
            token(&format!(r#"{{"exp":9999999999,"name":"{secret}"}}"#)),
            secret.repeat(10_000),
        ] {
            let file = in_file(&content);
            let error = read(&file, 0).err().expect("no token");
            assert!(matches!(error, TokenError::Malformed { .. }), "{error:?}");
            assert!(!format!("{error} {error:?}").contains(secret), "{error:?}");
        }
    }

    #[test]
    fn an_old_token_is_good_until_its_last_millisecond() {
        let file = in_file(&token(r#"{"sub":"s","exp":100}"#));
        assert!(read(&file, 99_999).is_ok());
        let expired = |now| read(&file, now).err();
        let at = |seconds| Some(TokenError::Expired { file: file.display().to_string(), seconds });
        assert_eq!((expired(100_000), expired(103_999)), (at(0), at(3)));
    }

    #[test]
    fn a_file_that_is_away_for_a_moment_does_not_take_a_good_token_away() {
        let file = in_file(&token(r#"{"sub":"s","exp":9999999999}"#));
        let tokens = Tokens { file: file.to_path_buf(), bearers: Mutex::default() };
        tokens.renew();
        std::fs::remove_file(&file).expect("removed");
        assert_eq!(tokens.complaint(), None);
        tokens.lock().last = None;
        assert!(matches!(tokens.complaint(), Some(TokenError::Unreadable { .. })));
    }
}
