//! TLS with passwords, with tokens and with client certificates, for a cluster that is asked to have them.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};

use super::node::Ports;
use crate::shell;

/// Of the key stores, which live as long as the cluster and hold nothing else.
const STORE_PASSWORD: &str = "loopback";

/// Keys for the loopback address.
pub struct Security {
    folder: PathBuf,
    keytool: PathBuf,
}

impl Security {
    /// Makes the keys: a broker's and a client's, each trusted by the other side.
    pub fn prepare(folder: PathBuf, java: &Path) -> Result<Self> {
        fs::create_dir_all(&folder)?;
        let beside = java.with_file_name("keytool");
        let keytool = Some(beside).filter(|path| path.is_file()).or_else(|| shell::find("keytool"));
        let keytool = keytool.context("no keytool beside java: install a whole Java runtime")?;
        let security = Self { folder, keytool };
        for who in ["broker", "client"] {
            security.keytool(&[
                "-genkeypair",
                "-alias",
                who,
                "-keyalg",
                "EC",
                "-groupname",
                "secp256r1",
                "-validity",
                "30",
                "-dname",
                &format!("CN={who}"),
                "-ext",
                "SAN=IP:127.0.0.1",
                "-keystore",
                &security.store(who),
            ])?;
            let certificate = security.certificate(who).display().to_string();
            security.keytool(&[
                "-exportcert",
                "-rfc",
                "-alias",
                who,
                "-file",
                &certificate,
                "-keystore",
                &security.store(who),
            ])?;
        }
        let client = security.certificate("client").display().to_string();
        security.keytool(&[
            "-importcert",
            "-noprompt",
            "-alias",
            "client",
            "-file",
            &client,
            "-keystore",
            &security.store("trust"),
        ])?;
        Ok(security)
    }

    fn keytool(&self, arguments: &[&str]) -> Result<()> {
        let mut command = Command::new(&self.keytool);
        command.args(arguments).args(["-storetype", "PKCS12", "-storepass", STORE_PASSWORD]);
        shell::capture(&mut command).map(|_| ())
    }

    fn store(&self, who: &str) -> String {
        self.folder.join(format!("{who}.p12")).display().to_string()
    }

    fn certificate(&self, who: &str) -> PathBuf {
        self.folder.join(format!("{who}.pem"))
    }

    /// What a client trusts.
    pub fn authority(folder: &Path) -> PathBuf {
        folder.join("broker.pem")
    }

    /// A client's certificate with its key; the password is `loopback`.
    pub fn client_store(folder: &Path) -> PathBuf {
        folder.join("client.p12")
    }

    /// The broker's key, as arguments of a program made with Quarkus.
    pub fn quarkus(&self) -> [String; 2] {
        [
            format!("-Dquarkus.http.ssl.certificate.key-store-file={}", self.store("broker")),
            format!("-Dquarkus.http.ssl.certificate.key-store-password={STORE_PASSWORD}"),
        ]
    }

    /// The accounts, as arguments of the storage's format: one may do everything, one nothing.
    pub fn accounts() -> [&'static str; 4] {
        [
            "--add-scram",
            "SCRAM-SHA-256=[name=topspin,password=topspin-secret]",
            "--add-scram",
            "SCRAM-SHA-256=[name=stranger,password=stranger-secret]",
        ]
    }

    /// The listeners beside the open one. They override what stands before them.
    pub fn properties(&self, ports: Ports) -> String {
        let Ports { host, plain, controller, sasl, mutual } = ports;
        let listeners = format!("PLAINTEXT://{host}:{plain},SASL_SSL://{host}:{sasl},SSL://{host}:{mutual}");
        let mut text = String::new();
        for (name, value) in [
            ("listeners", format!("{listeners},CONTROLLER://{host}:{controller}")),
            ("advertised.listeners", listeners),
            (
                "listener.security.protocol.map",
                "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SASL_SSL:SASL_SSL,SSL:SSL".to_owned(),
            ),
            ("sasl.enabled.mechanisms", "SCRAM-SHA-256,OAUTHBEARER".to_owned()),
            (
                "listener.name.sasl_ssl.scram-sha-256.sasl.jaas.config",
                "org.apache.kafka.common.security.scram.ScramLoginModule required;".to_owned(),
            ),
            // Kafka's own validator for tests: a token needs no signature, but has to be one that has not expired.
            (
                "listener.name.sasl_ssl.oauthbearer.sasl.jaas.config",
                "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required;".to_owned(),
            ),
            ("ssl.keystore.type", "PKCS12".to_owned()),
            ("ssl.keystore.location", self.store("broker")),
            ("ssl.keystore.password", STORE_PASSWORD.to_owned()),
            ("ssl.truststore.type", "PKCS12".to_owned()),
            ("ssl.truststore.location", self.store("trust")),
            ("ssl.truststore.password", STORE_PASSWORD.to_owned()),
            ("listener.name.ssl.ssl.client.auth", "required".to_owned()),
            ("authorizer.class.name", "org.apache.kafka.metadata.authorizer.StandardAuthorizer".to_owned()),
            ("super.users", "User:ANONYMOUS;User:topspin;User:CN=client".to_owned()),
        ] {
            writeln!(text, "{name}={value}").expect("a string takes everything");
        }
        text
    }
}
