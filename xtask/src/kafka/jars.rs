//! Java and the broker's jars. They come from Maven Central, or the mirror that `~/.m2/settings.xml` names, through Maven
//! itself; what came is checked against `xtask/kafka.txt`.

use std::env;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};
use sha2::{Digest as _, Sha256};

use crate::workspace::Workspace;
use crate::{install, shell};

/// Every jar of the broker by coordinates and hash.
const PINNED: &str = "xtask/kafka.txt";
const PLUGIN: &str = "org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies";
const OLDEST_JAVA: u32 = 17;
const PACKAGES: [&str; 2] = ["openjdk-17-jre-headless", "maven"];

struct Jar {
    group: String,
    artifact: String,
    version: String,
    sha256: String,
}

impl Jar {
    fn file(&self) -> String {
        format!("{}-{}.jar", self.artifact, self.version)
    }
}

/// The `java` to run; the error says what to install.
pub fn java() -> Result<PathBuf> {
    let at_home = env::var_os("JAVA_HOME").map(|home| PathBuf::from(home).join("bin/java"));
    let found = || at_home.clone().filter(|path| path.is_file()).or_else(|| shell::find("java"));
    let advice =
        format!("install Java {OLDEST_JAVA} or newer (Debian: `sudo apt-get install {}`)", PACKAGES[0]);
    let java = match found() {
        Some(java) => java,
        None if install::can_apt_install()? => {
            install::apt_install(&PACKAGES)?;
            found().context("Java was installed but is not on the PATH")?
        }
        None => bail!("no Java, so nothing was tested on Kafka: {advice}"),
    };
    let version = shell::capture_stderr(Command::new(&java).arg("-version"))?;
    match major(&version) {
        Some(version) if version >= OLDEST_JAVA => Ok(java),
        Some(version) => bail!("Java {version} is too old for Kafka: {advice}"),
        None => bail!("`java -version` says nothing that looks like a version: {advice}"),
    }
}

/// The class path of the broker; what is missing is downloaded into the user's cache.
pub fn class_path(workspace: &Workspace) -> Result<String> {
    let pinned = fs::read_to_string(workspace.root.join(PINNED)).context(PINNED)?;
    let jars = read(&pinned)?;
    let folder = cache()?.join(digest_of(pinned.as_bytes()));
    let complete = folder.join("complete");
    if !complete.is_file() {
        fs::create_dir_all(&folder)?;
        let wrong = |jar: &Jar| check(&folder.join(jar.file()), &jar.sha256).is_err();
        if jars.iter().any(wrong) {
            download(&jars, &folder)?;
        }
        for jar in &jars {
            check(&folder.join(jar.file()), &jar.sha256)?;
        }
        fs::write(&complete, "")?;
    }
    let paths = jars.iter().map(|jar| folder.join(jar.file()).display().to_string());
    Ok(paths.collect::<Vec<_>>().join(if cfg!(windows) { ";" } else { ":" }))
}

fn read(pinned: &str) -> Result<Vec<Jar>> {
    let lines = pinned.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    let jar = |line: &str| {
        let (coordinates, sha256) = line.split_once(' ')?;
        let mut parts = coordinates.split(':').map(str::to_owned);
        let jar = Jar {
            group: parts.next()?,
            artifact: parts.next()?,
            version: parts.next()?,
            sha256: sha256.into(),
        };
        parts.next().is_none().then_some(jar)
    };
    lines.map(|line| jar(line).with_context(|| format!("{PINNED}: `{line}`"))).collect()
}

/// Whether a file is the pinned one; another is removed.
pub fn check(file: &Path, sha256: &str) -> Result<()> {
    let bytes = fs::read(file).with_context(|| file.display().to_string())?;
    if digest_of(&bytes) == sha256 {
        return Ok(());
    }
    fs::remove_file(file)?;
    bail!("{} is not what is pinned; it was removed", file.display())
}

/// The `mvn` to run; the error says what to install.
pub fn maven() -> Result<PathBuf> {
    match shell::find("mvn") {
        Some(maven) => Ok(maven),
        None if install::can_apt_install()? => {
            install::apt_install(&PACKAGES)?;
            shell::find("mvn").context("Maven was installed but is not on the PATH")
        }
        None => bail!("no Maven to download with: install it (Debian: `sudo apt-get install maven`)"),
    }
}

/// Maven resolves mirrors and proxies as its user has set them up, downloads in parallel and shows what it does.
fn download(jars: &[Jar], folder: &Path) -> Result<()> {
    let maven = maven()?;
    println!("downloading Apache Kafka ({} jars) into {}", jars.len(), folder.display());
    fs::write(folder.join("pom.xml"), project(jars))?;
    let mut command = Command::new(maven);
    command.current_dir(folder).args(["--batch-mode", PLUGIN]);
    command.arg(format!("-DoutputDirectory={}", folder.display()));
    shell::run(&mut command).context("Kafka could not be downloaded, so nothing was tested on it")
}

/// A project that depends on exactly the pinned jars.
fn project(jars: &[Jar]) -> String {
    let mut pom = String::from(
        "<project xmlns=\"http://maven.apache.org/POM/4.0.0\"><modelVersion>4.0.0</modelVersion>\
         <groupId>topspin</groupId><artifactId>kafka</artifactId><version>1</version><packaging>pom</packaging>\n\
         <dependencies>\n",
    );
    for Jar { group, artifact, version, .. } in jars {
        let exclusions =
            "<exclusions><exclusion><groupId>*</groupId><artifactId>*</artifactId></exclusion></exclusions>";
        writeln!(
            pom,
            "<dependency><groupId>{group}</groupId><artifactId>{artifact}</artifactId>\
             <version>{version}</version>{exclusions}</dependency>"
        )
        .expect("a string takes everything");
    }
    pom.push_str("</dependencies></project>\n");
    pom
}

/// Where downloads are kept.
pub fn cache() -> Result<PathBuf> {
    let given = env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
    let home = || env::var_os("HOME").map(|home| PathBuf::from(home).join(".cache"));
    Ok(given.or_else(home).context("neither HOME nor XDG_CACHE_HOME is set")?.join("topspin/kafka"))
}

fn digest_of(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").expect("a string takes everything");
        text
    })
}

/// The major version in what `java -version` says.
fn major(version: &str) -> Option<u32> {
    let quoted = version.split('"').nth(1)?;
    quoted.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_of_java_is_read() {
        assert_eq!(major("openjdk version \"17.0.15\" 2025-04-15"), Some(17));
        assert_eq!(major("openjdk version \"21\" 2023-09-19"), Some(21));
        assert_eq!(major("java version \"1.8.0_392\""), Some(1));
        assert_eq!(major("bash: java: not found"), None);
    }

    #[test]
    fn a_line_without_a_hash_is_refused() {
        assert!(read("a:b:1 00ff\n# comment\n").is_ok_and(|jars| jars[0].file() == "b-1.jar"));
        assert!(read("a:b:1\n").is_err() && read("a:b:1:jar 00\n").is_err());
    }

    #[test]
    fn a_jar_that_is_not_the_pinned_one_is_removed() {
        let folder = env::temp_dir().join(format!("topspin-jars-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let jar = &read("a:b:1 00ff").unwrap()[0];
        fs::write(folder.join("b-1.jar"), "other").unwrap();
        assert!(check(&folder.join(jar.file()), &jar.sha256).is_err());
        assert!(!folder.join("b-1.jar").exists());
        fs::remove_dir_all(&folder).unwrap();
    }
}
