//! How the server is set up: `exemplar.toml`, overridden by environment variables, overridden by flags. One table
//! ([`SETTINGS`]) holds every setting; the flags, the checks and `--print-config` follow it.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use figment::providers::{Format, Serialized, Toml};
use figment::value::Value;
use figment::{Figment, Metadata, Profile, Provider};

use crate::llm::Endpoint;
use crate::secret::{Key, Secret};
use crate::state::Limits;
use crate::store::{Durability, migrations};
use crate::{inbox, llm, resilience};

/// The file that is read from the working directory, if it is there.
pub const FILE: &str = "exemplar.toml";

/// What a setting accepts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// `127.0.0.1:3000`.
    Address,
    /// A database.
    Database,
    /// Any text.
    Text,
    /// A whole number between the two.
    Whole(u64, u64),
    /// One of these words.
    Word(&'static [&'static str]),
}

/// One line of the table.
pub struct Setting {
    /// The name in the file and, with hyphens, of the flag.
    pub key: &'static str,
    /// The environment variable.
    pub variable: &'static str,
    /// The value where none is given; `None` for unset.
    default: Option<&'static str>,
    kind: Kind,
    /// Whether its value must not be shown.
    secret: bool,
    /// What it means.
    pub help: &'static str,
}

const fn setting(
    key: &'static str,
    variable: &'static str,
    default: Option<&'static str>,
    kind: Kind,
    help: &'static str,
) -> Setting {
    Setting { key, variable, default, kind, secret: false, help }
}

const fn secret(key: &'static str, variable: &'static str, help: &'static str) -> Setting {
    Setting { key, variable, default: None, kind: Kind::Text, secret: true, help }
}

const DAY_S: u64 = 86_400;

/// Every setting.
pub const SETTINGS: &[Setting] = &[
    setting("addr", "EXEMPLAR_ADDR", Some("127.0.0.1:3000"), Kind::Address, "listen address; port 0 picks a free one"),
    setting(
        "database_url",
        "DATABASE_URL",
        Some("sqlite://data/exemplar.db"),
        Kind::Database,
        "where messages are kept",
    ),
    setting(
        "durability",
        "EXEMPLAR_DURABILITY",
        Some("full"),
        Kind::Word(&["full", "process"]),
        "full: flush the disk before every acceptance; process: survive a kill, not a power cut",
    ),
    setting(
        "processing_timeout_s",
        "EXEMPLAR_PROCESSING_TIMEOUT_S",
        Some("45"),
        Kind::Whole(1, DAY_S),
        "deadline of one message, in seconds",
    ),
    setting(
        "session_timeout_min",
        "EXEMPLAR_SESSION_TIMEOUT_MIN",
        Some("30"),
        Kind::Whole(1, 525_600),
        "idle minutes after which a session ends",
    ),
    setting(
        "cleanup_interval_s",
        "EXEMPLAR_CLEANUP_INTERVAL_S",
        Some("60"),
        Kind::Whole(1, DAY_S),
        "seconds between sweeps of ended sessions",
    ),
    setting("max_sessions", "EXEMPLAR_MAX_SESSIONS", Some("10000"), Kind::Whole(1, 100_000_000), "sessions at a time"),
    setting(
        "max_connections",
        "EXEMPLAR_MAX_CONNECTIONS",
        Some("20000"),
        Kind::Whole(0, 100_000_000),
        "open channels at a time; 0: no limit",
    ),
    setting(
        "max_connections_per_user",
        "EXEMPLAR_MAX_CONNECTIONS_PER_USER",
        Some("32"),
        Kind::Whole(0, 100_000_000),
        "of one user; 0: no limit",
    ),
    setting(
        "max_connections_per_address",
        "EXEMPLAR_MAX_CONNECTIONS_PER_ADDRESS",
        Some("0"),
        Kind::Whole(0, 100_000_000),
        "from one address; 0: no limit",
    ),
    setting(
        "queue_limit",
        "EXEMPLAR_QUEUE_LIMIT",
        Some("10000"),
        Kind::Whole(1, 10_000_000),
        "accepted but unfinished messages",
    ),
    setting(
        "rate_limit_per_min",
        "EXEMPLAR_RATE_LIMIT_PER_MIN",
        Some("100"),
        Kind::Whole(0, 10_000_000),
        "messages a minute of one user; 0: no limit",
    ),
    setting(
        "breaker_failures",
        "EXEMPLAR_BREAKER_FAILURES",
        Some("5"),
        Kind::Whole(1, 1_000_000),
        "failures that open a circuit breaker",
    ),
    setting(
        "breaker_recovery_s",
        "EXEMPLAR_BREAKER_RECOVERY_S",
        Some("30"),
        Kind::Whole(1, DAY_S),
        "seconds until an open breaker is tried again",
    ),
    setting(
        "cache_ttl_s",
        "EXEMPLAR_CACHE_TTL_S",
        Some("3600"),
        Kind::Whole(0, 31_536_000),
        "seconds that cached answers live",
    ),
    secret("admin_token", "EXEMPLAR_ADMIN_TOKEN", "bearer token of the operator; random for each start if unset"),
    secret("redis_url", "REDIS_URL", "shared cache and fan-out of many nodes"),
    setting("llm_api_endpoint", "LLM_API_ENDPOINT", None, Kind::Text, "an OpenAI-compatible chat endpoint"),
    secret("llm_api_key", "LLM_API_KEY", "its key"),
    setting("llm_model", "LLM_MODEL", None, Kind::Text, "its model"),
    setting(
        "llm_requests_per_min",
        "EXEMPLAR_LLM_REQUESTS_PER_MIN",
        Some("0"),
        Kind::Whole(0, 1_000_000),
        "requests a minute to it, retries included; above it the built-in engine answers; 0: no limit",
    ),
    setting(
        "llm_tokens_per_day",
        "EXEMPLAR_LLM_TOKENS_PER_DAY",
        Some("0"),
        Kind::Whole(0, 1_000_000_000_000),
        "tokens a day (UTC) to and from it; above it the built-in engine answers; 0: no limit",
    ),
    setting(
        "catalog_overrides",
        "EXEMPLAR_CATALOG_OVERRIDES",
        None,
        Kind::Text,
        "TOML file with private prices and scores, which whoever can open the page can see",
    ),
    setting("site_root", "LEPTOS_SITE_ROOT", Some("target/site"), Kind::Text, "folder of the page's files"),
];

/// The part of a message's deadline for which a language model may be silent before it is asked once more.
const SILENCE_SHARE: f64 = 1.0 / 6.0;

/// Variables that begin with `EXEMPLAR_` and belong to the build scripts and the tests.
const NOT_OURS: &[&str] = &["EXEMPLAR_CACHE", "EXEMPLAR_BIN", "EXEMPLAR_FAILPOINT"];

/// The settings, checked.
#[derive(Clone, Debug)]
pub struct Config {
    /// Listen address.
    pub addr: SocketAddr,
    /// The `SQLite` file.
    pub database: PathBuf,
    /// What an acceptance is safe from.
    pub durability: Durability,
    /// The inbox's.
    pub inbox: inbox::Settings,
    /// The connections'.
    pub connections: Limits,
    /// Idle time after which a session ends.
    pub session_idle: Duration,
    /// Time between sweeps.
    pub cleanup_interval: Duration,
    /// Sessions at a time.
    pub max_sessions: usize,
    /// The operator's token.
    pub admin_token: Option<Secret>,
    /// The file with private prices and scores.
    pub catalog_overrides: Option<PathBuf>,
    /// The language model; `None` for the built-in engine.
    pub llm: Option<Endpoint>,
    /// What may be asked of it.
    pub llm_limits: llm::Limits,
    /// The circuit breakers'.
    pub breakers: resilience::Settings,
    /// How long the cache keeps something.
    pub cache_ttl: Duration,
    /// Folder of the page's files.
    pub site_root: PathBuf,
    shown: Vec<(String, String, String)>,
    /// Settings that this version takes and does not use.
    pub unused: Vec<&'static str>,
}

/// The environment or the flags: text by key.
struct Texts {
    name: &'static str,
    values: BTreeMap<&'static str, String>,
}

impl Provider for Texts {
    fn metadata(&self) -> Metadata {
        Metadata::named(self.name)
    }

    fn data(&self) -> Result<figment::value::Map<Profile, figment::value::Dict>, figment::Error> {
        let dict = self.values.iter().map(|(key, text)| ((*key).to_string(), Value::from(text.clone()))).collect();
        Ok(figment::value::Map::from([(Profile::Default, dict)]))
    }
}

impl Config {
    /// Reads file, environment and flags. The error is one line that names the setting, where it was set, and what
    /// would be right.
    pub fn load(
        file: &Path,
        environment: impl IntoIterator<Item = (String, String)>,
        flags: BTreeMap<&'static str, String>,
    ) -> Result<Self, String> {
        let mut variables = BTreeMap::new();
        for (name, value) in environment {
            if let Some(setting) = SETTINGS.iter().find(|s| s.variable == name) {
                if !value.is_empty() {
                    variables.insert(setting.key, value);
                }
            } else if name.starts_with("EXEMPLAR_") && !NOT_OURS.contains(&name.as_str()) {
                return Err(unknown(&format!("the environment variable {name}"), &name, |s| s.variable));
            }
        }
        let defaults: BTreeMap<_, _> = SETTINGS.iter().filter_map(|s| Some((s.key, s.default?))).collect();
        let mut figment = Figment::from(Serialized::defaults(defaults));
        if file.is_file() {
            figment = figment.merge(Toml::file_exact(file));
        }
        let figment = figment
            .merge(Texts { name: "environment", values: variables })
            .merge(Texts { name: "flag", values: flags });
        let all: BTreeMap<String, Value> = match figment.extract() {
            Ok(all) => all,
            Err(error) => return Err(format!("{}: {error}", file.display()).replace('\n', " ")),
        };
        if let Some(key) = all.keys().find(|key| !SETTINGS.iter().any(|s| s.key == **key)) {
            return Err(unknown(&format!("\"{key}\" in {}", file.display()), key, |s| s.key));
        }
        let sources = all.keys().map(|key| (key.clone(), source(&figment, key))).collect();
        Checked { texts: all.into_iter().map(|(key, value)| (key, text(&value))).collect(), sources }.config()
    }

    /// Every setting with its value and where it came from, secrets hidden.
    pub fn print(&self) -> String {
        let width = SETTINGS.iter().map(|s| s.key.len()).max().unwrap_or(0);
        let lines = self.shown.iter().map(|(key, value, source)| format!("{key:width$} = {value}  # {source}"));
        lines.collect::<Vec<_>>().join("\n")
    }
}

fn unknown(what: &str, name: &str, of: fn(&Setting) -> &'static str) -> String {
    let near = SETTINGS.iter().map(of).min_by_key(|known| distance(known, name)).unwrap_or_default();
    format!("{what} is not a setting; did you mean {near}? `exemplar serve --help` lists them all.")
}

/// How many letters differ (Levenshtein), to find what was meant.
fn distance(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.chars().count()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut corner = row[0];
        row[0] = i + 1;
        for (j, y) in b.chars().enumerate() {
            let substituted = corner + usize::from(x != y);
            corner = row[j + 1];
            row[j + 1] = substituted.min(row[j] + 1).min(corner + 1);
        }
    }
    row.last().copied().unwrap_or(0)
}

fn text(value: &Value) -> String {
    match value {
        Value::String(_, text) => text.clone(),
        Value::Num(_, number) => number
            .to_i128()
            .map_or_else(|| number.to_f64().map(|n| n.to_string()).unwrap_or_default(), |whole| whole.to_string()),
        Value::Bool(_, yes) => yes.to_string(),
        other => format!("{other:?}"),
    }
}

fn source(figment: &Figment, key: &str) -> String {
    let name = figment.find_metadata(key).map_or("default", |metadata| metadata.name.as_ref());
    match name {
        "environment" => {
            let variable = SETTINGS.iter().find(|s| s.key == key).map_or("", |s| s.variable);
            format!("environment {variable}")
        }
        "flag" => format!("flag --{}", key.replace('_', "-")),
        name if name.contains("TOML") => FILE.into(),
        _ => "default".into(),
    }
}

/// An address without what stands between `//` and `@`.
fn without_password(text: &str) -> String {
    match (text.split_once("//"), text.rsplit_once('@')) {
        (Some((scheme, _)), Some((_, rest))) => format!("{scheme}//(hidden)@{rest}"),
        _ => text.into(),
    }
}

/// The texts of all settings, to be turned into values.
struct Checked {
    texts: BTreeMap<String, String>,
    sources: BTreeMap<String, String>,
}

impl Checked {
    fn fail(&self, key: &str, message: &str) -> String {
        let setting = SETTINGS.iter().find(|s| s.key == key);
        let value = self.texts.get(key).cloned().unwrap_or_default();
        let shown = if setting.is_some_and(|s| s.secret) { "(hidden)".into() } else { without_password(&value) };
        let source = self.sources.get(key).map_or("default", String::as_str);
        let example = setting.and_then(|s| s.default).map(|d| format!(" Example: {d}")).unwrap_or_default();
        format!("{key} = {shown} ({source}) {message}.{example}")
    }

    fn text(&self, key: &str) -> String {
        self.texts.get(key).cloned().unwrap_or_default()
    }

    fn whole(&self, key: &str) -> Result<u64, String> {
        let Some(Kind::Whole(least, most)) = SETTINGS.iter().find(|s| s.key == key).map(|s| s.kind) else {
            return Err(self.fail(key, "is not a number"));
        };
        let number = self.text(key).trim().parse::<u64>().map_err(|_| self.fail(key, "must be a whole number"))?;
        if (least..=most).contains(&number) {
            Ok(number)
        } else {
            Err(self.fail(key, &format!("must be between {least} and {most}")))
        }
    }

    fn check(&self) -> Result<(), String> {
        for setting in SETTINGS.iter().filter(|s| self.texts.contains_key(s.key)) {
            let text = self.text(setting.key);
            let checked: Result<(), String> = match setting.kind {
                Kind::Address => {
                    text.parse::<SocketAddr>().map(drop).map_err(|_| "must be an IP address and a port".into())
                }
                Kind::Database => migrations::file_of(&text).map(drop),
                Kind::Text if text.trim().is_empty() => Err("must not be empty".into()),
                Kind::Text => Ok(()),
                Kind::Whole(..) => self.whole(setting.key).map(drop).map_err(|_| String::new()),
                Kind::Word(words) if words.contains(&text.as_str()) => Ok(()),
                Kind::Word(words) => Err(format!("must be one of: {}", words.join(", "))),
            };
            match checked {
                Err(message) if message.is_empty() => return self.whole(setting.key).map(drop),
                Err(message) => return Err(self.fail(setting.key, &message)),
                Ok(()) => {}
            }
        }
        if self.texts.contains_key("redis_url") {
            return Err(self.fail("redis_url", "cannot be used: this version keeps its cache in the process. Unset it"));
        }
        Ok(())
    }

    fn shown(&self) -> Vec<(String, String, String)> {
        SETTINGS
            .iter()
            .map(|s| match self.texts.get(s.key) {
                None => (s.key.into(), "(unset)".into(), "default".into()),
                Some(_) if s.secret => (s.key.into(), "(hidden)".into(), self.sources[s.key].clone()),
                Some(text) => (s.key.into(), format!("{:?}", without_password(text)), self.sources[s.key].clone()),
            })
            .collect()
    }

    /// Where the language model is, if there is one.
    fn llm(&self) -> Result<Option<Endpoint>, String> {
        let Some(text) = self.texts.get("llm_api_endpoint") else { return Ok(None) };
        let base = Endpoint::base_of(text).map_err(|wrong| self.fail("llm_api_endpoint", &wrong))?;
        let key = self.texts.get("llm_api_key").map(|key| key.trim());
        if key.is_some_and(|key| !key.chars().all(|c| c.is_ascii_graphic())) {
            return Err(self.fail("llm_api_key", "must be ASCII letters, digits and signs, without spaces"));
        }
        let Some(model) = self.texts.get("llm_model") else {
            return Err(
                self.fail("llm_model", "is needed beside llm_api_endpoint: the id of a model that the server has")
            );
        };
        let deadline = Duration::from_secs(self.whole("processing_timeout_s")?);
        let silence = deadline.mul_f64(SILENCE_SHARE);
        Ok(Some(Endpoint { base, key: key.map(Key::of), model: model.trim().into(), silence }))
    }

    fn config(&self) -> Result<Config, String> {
        self.check()?;
        let size = |key: &str| self.whole(key).map(|n| usize::try_from(n).unwrap_or(usize::MAX));
        let llm = self.llm()?;
        let unused: &[&str] = if llm.is_some() { &[] } else { &["llm_api_key", "llm_model"] };
        Ok(Config {
            addr: self.text("addr").parse().map_err(|_| self.fail("addr", "must be an IP address and a port"))?,
            database: migrations::file_of(&self.text("database_url"))?,
            durability: if self.text("durability") == "full" { Durability::Full } else { Durability::Process },
            inbox: inbox::Settings {
                queue_limit: size("queue_limit")?,
                rate_per_min: u32::try_from(self.whole("rate_limit_per_min")?).unwrap_or(u32::MAX),
                deadline: Duration::from_secs(self.whole("processing_timeout_s")?),
            },
            connections: Limits {
                total: size("max_connections")?,
                per_user: size("max_connections_per_user")?,
                per_address: size("max_connections_per_address")?,
            },
            session_idle: Duration::from_secs(60 * self.whole("session_timeout_min")?),
            cleanup_interval: Duration::from_secs(self.whole("cleanup_interval_s")?),
            max_sessions: size("max_sessions")?,
            admin_token: self.texts.get("admin_token").map(|token| Secret::of(token)),
            catalog_overrides: self.texts.get("catalog_overrides").map(PathBuf::from),
            llm,
            llm_limits: llm::Limits {
                requests_per_min: self.whole("llm_requests_per_min")?,
                tokens_per_day: self.whole("llm_tokens_per_day")?,
            },
            breakers: resilience::Settings {
                failures: u32::try_from(self.whole("breaker_failures")?).unwrap_or(u32::MAX),
                recovery: Duration::from_secs(self.whole("breaker_recovery_s")?),
            },
            cache_ttl: Duration::from_secs(self.whole("cache_ttl_s")?),
            site_root: self.text("site_root").into(),
            shown: self.shown(),
            unused: unused.iter().copied().filter(|key| self.texts.contains_key(*key)).collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(file: &str, environment: &[(&str, &str)], flags: &[(&'static str, &str)]) -> Result<Config, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(FILE);
        std::fs::write(&path, file).unwrap();
        Config::load(
            &path,
            environment.iter().map(|(k, v)| ((*k).to_string(), (*v).to_string())),
            flags.iter().map(|(k, v)| (*k, (*v).to_string())).collect(),
        )
    }

    #[test]
    fn defaults_are_enough() {
        let config = Config::load(Path::new("/nowhere/exemplar.toml"), [], BTreeMap::new()).unwrap();
        assert_eq!(config.addr.to_string(), "127.0.0.1:3000");
        assert_eq!((config.durability, config.inbox.queue_limit), (Durability::Full, 10_000));
        assert_eq!(config.database, Path::new("data/exemplar.db"));
    }

    #[test]
    fn flags_win_over_the_environment_and_that_over_the_file() {
        let file = "queue_limit = 5\nmax_sessions = 6\nrate_limit_per_min = \"7\"";
        let environment = [("EXEMPLAR_MAX_SESSIONS", "60"), ("EXEMPLAR_RATE_LIMIT_PER_MIN", "70"), ("PATH", "x")];
        let config = load(file, &environment, &[("rate_limit_per_min", "700")]).unwrap();
        assert_eq!((config.inbox.queue_limit, config.max_sessions, config.inbox.rate_per_min), (5, 60, 700));
        let printed = config.print();
        for line in [
            "\"5\"  # exemplar.toml",
            "\"60\"  # environment EXEMPLAR_MAX_SESSIONS",
            "\"700\"  # flag --rate-limit-per-min",
            "\"full\"  # default",
        ] {
            assert!(printed.contains(line), "{line} in {printed}");
        }
    }

    #[test]
    fn secrets_are_hidden() {
        let config = load("", &[("LLM_API_KEY", "sk-very-secret")], &[("admin_token", "also-secret")]).unwrap();
        assert!(!config.print().contains("secret"), "{}", config.print());
        assert!(!format!("{config:?}").contains("secret"));
        assert_eq!(config.unused, ["llm_api_key"]);
    }

    #[test]
    fn a_mistake_is_one_clear_line() {
        for (file, environment, says) in [
            ("quue_limit = 5", ("A", ""), "queue_limit"),
            ("", ("EXEMPLAR_QUEUE_LIMITS", "5"), "did you mean EXEMPLAR_QUEUE_LIMIT"),
            ("queue_limit = \"many\"", ("A", ""), "queue_limit = many (exemplar.toml) must be a whole number"),
            ("", ("EXEMPLAR_QUEUE_LIMIT", "0"), "(environment EXEMPLAR_QUEUE_LIMIT) must be between 1 and"),
            ("", ("EXEMPLAR_QUEUE_LIMIT", "-1"), "whole number"),
            ("", ("EXEMPLAR_DURABILITY", "maybe"), "must be one of: full, process"),
            ("", ("EXEMPLAR_ADDR", "localhost"), "IP address and a port"),
            ("", ("DATABASE_URL", "postgres://u:secret@h/d"), "PostgreSQL is not built"),
            ("", ("DATABASE_URL", "mysql://h/d"), "must begin with sqlite://"),
            ("", ("REDIS_URL", "redis://:secret@h"), "redis_url = (hidden)"),
            ("", ("LLM_API_ENDPOINT", "http://127.0.0.1:11434"), "llm_model = "),
            ("llm_model = \"m\"", ("LLM_API_ENDPOINT", "api.openai.com"), "must be an http:// or https:// address"),
            ("", ("EXEMPLAR_BREAKER_FAILURES", "0"), "must be between 1 and"),
            ("[server]\naddr = 1", ("A", ""), "\"server\""),
            ("addr = ", ("A", ""), "exemplar.toml"),
        ] {
            let error = load(file, &[environment], &[]).unwrap_err();
            assert!(error.contains(says), "{error}");
            assert!(!error.contains('\n'), "{error}");
            assert!(!error.contains("secret"), "{error}");
        }
    }

    #[test]
    fn a_language_model_needs_an_address_and_a_name() {
        assert_eq!(load("", &[], &[]).unwrap().llm, None);
        let environment = [
            ("LLM_API_ENDPOINT", "http://127.0.0.1:11434"),
            ("LLM_MODEL", "llama3.1:8b"),
            ("LLM_API_KEY", "sk-very-secret"),
        ];
        let config = load("", &environment, &[]).unwrap();
        assert!(config.unused.is_empty());
        assert!(!format!("{config:?}").contains("secret"));
        let llm = config.llm.unwrap();
        assert_eq!((llm.shown().as_str(), llm.model.as_str()), ("http://127.0.0.1:11434/v1", "llama3.1:8b"));
    }

    #[test]
    fn an_empty_variable_is_unset() {
        assert!(load("", &[("REDIS_URL", ""), ("EXEMPLAR_ADDR", "")], &[]).is_ok());
    }

    #[test]
    fn distance_counts_letters() {
        assert_eq!((distance("kitten", "sitting"), distance("", "abc"), distance("a", "a")), (3, 3, 0));
    }
}
