//! Accounts: a guest who registers keeps its history, and comes back to it with an e-mail address and a password.
//!
//! Passwords are hashed with argon2id, a few at a time, because each takes memory on purpose. Whether an address has an
//! account is not told by how long a wrong sign-in takes, and guessing is slowed down by address.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};

use argon2::password_hash::{PasswordHash, SaltString};
use argon2::{Argon2, PasswordHasher, PasswordVerifier};
use shared::problem::{Code, FieldError, Problem};
use tokio::sync::Semaphore;

use crate::store::{Account, Registered, Store, UserId};
use crate::world::World;

/// What a registered user may do.
pub const REGISTERED: &str = "registered";

/// Longest address (RFC 5321, with its angle brackets taken off).
const NAME_MAX_CHARS: usize = 254;
/// Shortest and longest password, in characters (NIST SP 800-63B: at least 8, and 64 or more are taken).
const PASSWORD_MIN_CHARS: usize = 8;
const PASSWORD_MAX_CHARS: usize = 200;
/// Passwords hashed at once: each takes 19 MiB and some 30 ms of a core.
const HASHING_MAX: usize = 2;
/// Requests that may wait for that; more are told to come again.
const WAITING_MAX: usize = 50;
/// Wrong passwords for one address within [`FORGIVEN_AFTER_MS`] before it has to wait.
const WRONG_MAX: u32 = 10;
/// When wrong passwords are forgotten: a quarter of an hour, in milliseconds.
const FORGIVEN_AFTER_MS: u64 = 15 * 60_000;
/// Addresses whose wrong passwords are counted; beyond it the oldest are forgotten.
const COUNTED_MAX: usize = 10_000;

/// The hash of no password that is taken: what a sign-in to no account is checked against.
static NOBODY: LazyLock<String> = LazyLock::new(|| hash("", &[0; 16]).unwrap_or_default());

/// What is said about what is no address.
const NO_ADDRESS: &str = "must be an e-mail address, for example ada@example.com";

/// An address and a password, as they were sent.
#[derive(Clone)]
pub struct Credentials {
    name: String,
    password: String,
}

impl Credentials {
    /// Checks what can be checked without the store.
    pub fn new(email: Option<&str>, password: Option<&str>) -> Result<Self, Problem> {
        let name = email.unwrap_or_default().trim().to_lowercase();
        let password = password.unwrap_or_default().to_owned();
        let mut fields = Vec::new();
        let mut wrong = |name: &str, message: String| fields.push(FieldError { name: name.into(), message });
        if !is_address(&name) {
            wrong("email", NO_ADDRESS.into());
        }
        match password.chars().count() {
            PASSWORD_MIN_CHARS..=PASSWORD_MAX_CHARS if password.to_lowercase() == name => {
                wrong("password", "must not be the e-mail address".into());
            }
            PASSWORD_MIN_CHARS..=PASSWORD_MAX_CHARS => {}
            _ => wrong("password", format!("must have {PASSWORD_MIN_CHARS} to {PASSWORD_MAX_CHARS} characters")),
        }
        if fields.is_empty() { Ok(Self { name, password }) } else { Err(Problem::invalid(fields)) }
    }
}

/// Whether mail could be sent there: a part before one `@`, a domain with a dot or `localhost` after it, no spaces. More
/// only its mail server knows.
fn is_address(name: &str) -> bool {
    let Some((local, domain)) = name.split_once('@') else { return false };
    let plain = |part: &str| !part.is_empty() && !part.chars().any(|c| c.is_whitespace() || c.is_control() || c == '@');
    let dotted = domain.split('.').count() >= 2 && domain.split('.').all(|label| !label.is_empty());
    name.chars().count() <= NAME_MAX_CHARS && plain(local) && plain(domain) && (dotted || domain == "localhost")
}

/// The accounts.
pub struct Accounts {
    store: Arc<dyn Store>,
    world: World,
    hashing: Semaphore,
    waiting: Semaphore,
    wrong: Mutex<HashMap<String, Wrong>>,
}

#[derive(Clone, Copy)]
struct Wrong {
    count: u32,
    since_ms: u64,
}

impl Accounts {
    /// The accounts of `store`.
    pub fn open(store: Arc<dyn Store>, world: World) -> Arc<Self> {
        Arc::new(Self {
            store,
            world,
            hashing: Semaphore::new(HASHING_MAX),
            waiting: Semaphore::new(WAITING_MAX),
            wrong: Mutex::default(),
        })
    }

    /// Makes an account for `user`, whose history becomes its history; for a new user if there is none. `conflict` if
    /// the address has an account or the user has one.
    pub async fn register(&self, credentials: Credentials, user: Option<UserId>) -> Result<UserId, Problem> {
        let Credentials { name, password } = credentials;
        let salt = salt(&self.world);
        let password = self.slowly(move || hash(&password, &salt)).await?.ok_or_else(unhashable)?;
        let user = user.unwrap_or_else(|| self.world.new_id());
        let account = Account { name, user, password };
        match self.store.register(account, REGISTERED.into(), self.world.unix_ms()).await? {
            Registered::Yes => Ok(user),
            Registered::NameTaken => Err(Problem::new(
                Code::Conflict,
                "There is an account with this e-mail address. Sign in with POST /api/v1/login, or use another address.",
            )),
            Registered::UserHasOne => {
                Err(Problem::new(Code::Conflict, "You are signed in to an account already. Sign out first."))
            }
        }
    }

    /// The user of the account with this e-mail address, for `asking`, who may ask for a few that have none: whether an
    /// address has an account is nobody else's business.
    ///
    /// # Errors
    /// `invalid` if it has none, `rate_limited` after several.
    pub async fn find(&self, asking: UserId, email: &str) -> Result<UserId, Problem> {
        let name = email.trim().to_lowercase();
        if !is_address(&name) {
            return Err(Problem::invalid_field("email", NO_ADDRESS));
        }
        // No address looks like an id.
        let key = asking.to_string();
        self.hold_back(&key, "You asked for several e-mail addresses that have no account.")?;
        let account = self.store.account(name).await?;
        let Some(Account { user, .. }) = account else {
            let text = "is not the address of an account; they register first, with POST /api/v1/accounts";
            return Err(Problem::invalid_field("email", text));
        };
        self.wrong().remove(&key);
        Ok(user)
    }

    /// The user of an account; `unauthenticated` if the password is not its password or there is no such account.
    pub async fn sign_in(&self, credentials: Credentials) -> Result<UserId, Problem> {
        let Credentials { name, password } = credentials;
        self.hold_back(&name, "Too many wrong passwords for this e-mail address.")?;
        let account = self.store.account(name.clone()).await?;
        let (user, stored) = account.map_or((None, None), |a| (Some(a.user), Some(a.password)));
        let right = self.slowly(move || matches(&password, stored.as_deref().unwrap_or(&NOBODY))).await?;
        let Some(user) = user.filter(|_| right) else {
            return Err(Problem::new(
                Code::Unauthenticated,
                "The e-mail address and the password do not belong together. Check both and try again.",
            ));
        };
        self.wrong().remove(&name);
        Ok(user)
    }

    fn wrong(&self) -> MutexGuard<'_, HashMap<String, Wrong>> {
        self.wrong.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts an attempt before it is made, so that many at once are counted too; a right one takes its count back.
    fn hold_back(&self, name: &str, why: &str) -> Result<(), Problem> {
        let now_ms = self.world.unix_ms();
        let mut all = self.wrong();
        if all.len() >= COUNTED_MAX && !all.contains_key(name) {
            all.retain(|_, wrong| wrong.since_ms + FORGIVEN_AFTER_MS > now_ms);
            if all.len() >= COUNTED_MAX
                && let Some(oldest) = all.iter().min_by_key(|(_, wrong)| wrong.since_ms).map(|(name, _)| name.clone())
            {
                all.remove(&oldest);
            }
        }
        let wrong = all.entry(name.to_owned()).or_insert(Wrong { count: 0, since_ms: now_ms });
        if wrong.since_ms + FORGIVEN_AFTER_MS <= now_ms {
            *wrong = Wrong { count: 0, since_ms: now_ms };
        }
        if wrong.count >= WRONG_MAX {
            let wait_ms = wrong.since_ms + FORGIVEN_AFTER_MS - now_ms;
            let text = format!("{why} Wait a few minutes, then try again.");
            return Err(Problem::new(Code::RateLimited, text).retry_after(wait_ms));
        }
        wrong.count += 1;
        Ok(())
    }

    /// Runs something that takes long on purpose beside the others' requests, not before them.
    async fn slowly<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Problem> {
        let full =
            || Problem::new(Code::Busy, "Many are signing in at once. Try again in a moment.").retry_after(2_000);
        let _place = self.waiting.try_acquire().map_err(|_| full())?;
        let _turn = self.hashing.acquire().await.map_err(|_| full())?;
        tokio::task::spawn_blocking(work).await.map_err(|_| unhashable())
    }
}

fn unhashable() -> Problem {
    Problem::new(Code::Internal, "The password could not be checked. Try again.")
}

fn salt(world: &World) -> [u8; 16] {
    world.random()
}

/// The argon2id hash of a password with the parameters of the OWASP cheat sheet (19 MiB, 2 passes), in PHC form.
fn hash(password: &str, salt: &[u8]) -> Option<String> {
    let salt = SaltString::encode_b64(salt).ok()?;
    Some(Argon2::default().hash_password(password.as_bytes(), &salt).ok()?.to_string())
}

fn matches(password: &str, stored: &str) -> bool {
    PasswordHash::new(stored).is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_and_passwords_are_held_to_their_form() {
        let good = "correct horse";
        for address in ["ada@example.com", " Ada@Example.COM ", "a+b@x.co.uk", "ä@straße.de", "root@localhost"] {
            assert!(Credentials::new(Some(address), Some(good)).is_ok(), "{address}");
        }
        for address in ["", "ada", "@example.com", "ada@", "a b@example.com", "a@b@c.de", "ada@example", "ada@.com"] {
            let problem = Credentials::new(Some(address), Some(good)).map(|_| ()).unwrap_err();
            assert_eq!(problem.fields[0].name, "email", "{address}");
        }
        for password in ["", "short12", &"x".repeat(PASSWORD_MAX_CHARS + 1), "ADA@example.com"] {
            let problem = Credentials::new(Some("ada@example.com"), Some(password)).map(|_| ()).unwrap_err();
            assert_eq!(problem.fields[0].name, "password", "{password}");
        }
        assert_eq!(Credentials::new(None, None).map(|_| ()).unwrap_err().fields.len(), 2);
    }

    #[test]
    fn a_hash_is_argon2id_with_a_salt_of_its_own() {
        let one = hash("correct horse", &[1; 16]).unwrap();
        assert!(one.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{one}");
        assert_ne!(one, hash("correct horse", &[2; 16]).unwrap());
        assert!(matches("correct horse", &one) && !matches("correct  horse", &one) && !matches("", &one));
        assert!(!matches("", "") && !matches("correct horse", "not a hash"));
    }
}
