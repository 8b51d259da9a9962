//! Sessions: opaque random tokens, of which only the SHA-256 is kept. A session lives as long as it is used; using it
//! costs no write, because when it was last used is kept in memory and saved by the sweep.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use sha2::{Digest, Sha256};
use shared::limits::ID_WINDOW_DAYS;
use shared::problem::{Code, Problem};
use uuid::Uuid;

use crate::store::{Store, StoreError, StoredSession, Sweep, TokenHash, UserId};
use crate::world::{World, hex};

/// How long an ended session is remembered, so that its token is answered with `expired`, in milliseconds: one week.
const FORGET_AFTER_MS: u64 = 7 * 86_400_000;
/// Days an idempotency entry is kept beyond the window: a clock may be a day ahead.
const IDS_MARGIN_DAYS: u64 = 2;
/// Sessions saved by one write, so that a sweep of thousands doesn't hold up the messages.
const SAVE_BATCH: usize = 200;
/// Longest token that is looked at.
const TOKEN_MAX_BYTES: usize = 200;
/// What a session of a visitor who filled no form may do.
const GUEST: &str = "guest";

/// Whoever is behind a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Visitor {
    /// The user.
    pub user: UserId,
    /// The session's id, which is no secret.
    pub session: Uuid,
    /// What the user may do.
    pub tier: String,
    /// Which token it was.
    pub token_hash: TokenHash,
    /// When the session ends unless it is used again.
    pub expires_ms: u64,
}

/// The sessions.
pub struct Sessions {
    store: Arc<dyn Store>,
    world: World,
    idle_ms: u64,
    limit: usize,
    state: Mutex<State>,
}

struct State {
    live: HashMap<TokenHash, Live>,
    /// All that have not ended, also those not in `live` since the last start.
    count: u64,
    /// Times that sessions were ended: what was read from the store before the last one may have ended since.
    endings: u64,
}

struct Live {
    id: Uuid,
    user: UserId,
    tier: String,
    seen_ms: u64,
    saved_ms: u64,
}

fn hash(token: &str) -> TokenHash {
    Sha256::digest(token.as_bytes()).into()
}

fn expired() -> Problem {
    Problem::new(Code::Expired, "The session was not used for a while and has ended. Open a new one.")
}

impl Sessions {
    /// The sessions of `store`; at most `limit` may live, each ends after `idle` without use.
    pub async fn open(
        store: Arc<dyn Store>,
        world: World,
        idle: Duration,
        limit: usize,
    ) -> Result<Arc<Self>, StoreError> {
        let count = store.sessions().await?;
        let state = Mutex::new(State { live: HashMap::new(), count, endings: 0 });
        Ok(Arc::new(Self { store, world, idle_ms: idle.as_millis() as u64, limit, state }))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Opens a session for a new guest, or one more for a user of a tier. Answers the token, which is not kept.
    pub async fn start(&self, user: Option<(UserId, &str)>) -> Result<(String, Visitor), Problem> {
        {
            let mut state = self.state();
            if state.count >= self.limit as u64 {
                return Err(Problem::new(
                    Code::Busy,
                    "There are as many sessions as the server takes. Try again soon.",
                )
                .retry_after(30_000));
            }
            state.count += 1;
        }
        let token = format!("exs_{}", hex(&self.world.random::<32>()));
        let now_ms = self.world.unix_ms();
        let session = StoredSession {
            token_hash: hash(&token),
            id: self.world.new_id(),
            user: user.map_or_else(|| self.world.new_id(), |(user, _)| user),
            tier: user.map_or(GUEST, |(_, tier)| tier).into(),
            seen_ms: now_ms,
            ended: false,
        };
        if let Err(error) = self.store.start_session(session.clone()).await {
            let mut state = self.state();
            state.count = state.count.saturating_sub(1);
            return Err(error.into());
        }
        Ok((token, Self::keep(&mut self.state(), session, now_ms, self.idle_ms)))
    }

    fn keep(state: &mut State, session: StoredSession, now_ms: u64, idle_ms: u64) -> Visitor {
        let StoredSession { token_hash, id, user, tier, seen_ms, .. } = session;
        let live = Live { id, user, tier: tier.clone(), seen_ms: now_ms, saved_ms: seen_ms };
        state.live.insert(token_hash, live);
        Visitor { user, session: id, tier, token_hash, expires_ms: now_ms + idle_ms }
    }

    /// Whose token this is; `unauthenticated` if nobody's, `expired` if the session has ended. Counts as use.
    pub async fn find(&self, token: &str) -> Result<Visitor, Problem> {
        let unknown = || {
            Problem::new(
                Code::Unauthenticated,
                "The session token is not known. Open a session with POST /api/v1/sessions.",
            )
        };
        if token.is_empty() || token.len() > TOKEN_MAX_BYTES {
            return Err(unknown());
        }
        let token_hash = hash(token);
        if let Some(visitor) = self.touch(token_hash) {
            return visitor;
        }
        loop {
            let endings = self.state().endings;
            let session = self.store.session(token_hash).await?.ok_or_else(unknown)?;
            let now_ms = self.world.unix_ms();
            if session.ended || session.seen_ms + self.idle_ms < now_ms {
                return Err(expired());
            }
            let mut state = self.state();
            // Else it may have ended after it was read, and must not come back to life.
            if state.endings == endings {
                return Ok(Self::keep(&mut state, session, now_ms, self.idle_ms));
            }
        }
    }

    /// Notes that a session is in use; `None` if it is not in memory.
    pub fn touch(&self, token_hash: TokenHash) -> Option<Result<Visitor, Problem>> {
        let now_ms = self.world.unix_ms();
        let mut state = self.state();
        let live = state.live.get_mut(&token_hash)?;
        if live.seen_ms + self.idle_ms < now_ms {
            return Some(Err(expired()));
        }
        live.seen_ms = live.seen_ms.max(now_ms);
        Some(Ok(Visitor {
            user: live.user,
            session: live.id,
            tier: live.tier.clone(),
            token_hash,
            expires_ms: live.seen_ms + self.idle_ms,
        }))
    }

    /// The sessions of a user have another tier from now on; the store has it already.
    pub fn raise(&self, user: UserId, tier: &str) {
        for live in self.state().live.values_mut().filter(|live| live.user == user) {
            tier.clone_into(&mut live.tier);
        }
    }

    /// Ends a session.
    pub async fn end(&self, token_hash: TokenHash) -> Result<(), Problem> {
        self.store.end_session(token_hash, self.world.unix_ms()).await?;
        let mut state = self.state();
        state.endings += 1;
        if state.live.remove(&token_hash).is_some() {
            state.count = state.count.saturating_sub(1);
        }
        Ok(())
    }

    /// Ends all sessions of a user and frees their memory; answers how many.
    pub async fn end_of(&self, user: UserId) -> Result<u64, Problem> {
        let ended = self.store.end_sessions_of(user, self.world.unix_ms()).await?;
        let mut state = self.state();
        state.endings += 1;
        state.live.retain(|_, live| live.user != user);
        state.live.shrink_to_fit();
        state.count = state.count.saturating_sub(ended);
        Ok(ended)
    }

    /// Saves when sessions were last used, ends idle ones and frees their memory.
    pub async fn sweep(&self) -> Result<(), StoreError> {
        let now_ms = self.world.unix_ms();
        let idle_before_ms = now_ms.saturating_sub(self.idle_ms);
        self.save().await?;
        {
            let mut state = self.state();
            state.live.retain(|_, live| live.seen_ms >= idle_before_ms);
            state.live.shrink_to_fit();
        }
        let sweep = Sweep {
            now_ms,
            idle_before_ms,
            forget_before_ms: now_ms.saturating_sub(FORGET_AFTER_MS),
            ids_before_ms: now_ms.saturating_sub((ID_WINDOW_DAYS + IDS_MARGIN_DAYS) * 86_400_000),
        };
        loop {
            let swept = self.store.sweep(sweep).await?;
            let mut state = self.state();
            state.count = state.count.saturating_sub(swept.ended);
            if !swept.more {
                return Ok(());
            }
        }
    }

    /// Saves when sessions were last used, where that has changed.
    pub async fn save(&self) -> Result<(), StoreError> {
        let seen: Vec<_> = {
            let state = self.state();
            let changed = state.live.iter().filter(|(_, live)| live.seen_ms > live.saved_ms);
            changed.map(|(hash, live)| (*hash, live.seen_ms)).collect()
        };
        for batch in seen.chunks(SAVE_BATCH) {
            self.store.touch_sessions(batch.to_vec()).await?;
            let mut state = self.state();
            for (hash, seen_ms) in batch {
                if let Some(live) = state.live.get_mut(hash) {
                    live.saved_ms = *seen_ms;
                }
            }
        }
        Ok(())
    }

    /// The memory that the sessions hold, as their map counts it, in bytes.
    pub fn memory_bytes(&self) -> usize {
        let state = self.state();
        let tiers: usize = state.live.values().map(|live| live.tier.capacity()).sum();
        // One byte of bookkeeping a place, as the standard library's table has.
        state.live.capacity() * (size_of::<(TokenHash, Live)>() + 1) + tiers
    }

    /// How many sessions have not ended, and how many may live.
    pub fn count(&self) -> (u64, usize) {
        (self.state().count, self.limit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{Durability, SqliteStore};
    use crate::world::Held;

    const MINUTE: Duration = Duration::from_mins(1);

    async fn sessions(folder: &tempfile::TempDir, held: &Arc<Held>, limit: usize) -> Arc<Sessions> {
        let (facts, _) = tokio::sync::mpsc::unbounded_channel();
        let store = SqliteStore::open(&folder.path().join("s.db"), Durability::Process, facts).await.unwrap();
        Sessions::open(Arc::new(store), World::of(held.clone()), 30 * MINUTE, limit).await.unwrap()
    }

    fn place() -> (tempfile::TempDir, Arc<Held>) {
        (tempfile::tempdir().unwrap(), Held::new(1_795_305_600_000, 1))
    }

    async fn code(sessions: &Sessions, token: &str) -> Option<Code> {
        sessions.find(token).await.err().map(|problem| problem.code)
    }

    #[tokio::test]
    async fn a_token_finds_its_user_also_after_a_restart() {
        let (folder, held) = place();
        let first = sessions(&folder, &held, 10).await;
        let (token, visitor) = first.start(None).await.unwrap();
        assert_eq!(first.find(&token).await.unwrap(), visitor);
        first.store.close().await.unwrap();
        let second = sessions(&folder, &held, 10).await;
        assert_eq!(second.find(&token).await.unwrap(), visitor);
        for wrong in ["", "x", &token[1..], &"x".repeat(10_000)] {
            assert_eq!(code(&second, wrong).await, Some(Code::Unauthenticated));
        }
    }

    #[tokio::test]
    async fn use_keeps_a_session_and_idleness_ends_it() {
        let (folder, held) = place();
        let sessions = sessions(&folder, &held, 10).await;
        let (used, _) = sessions.start(None).await.unwrap();
        let (idle, _) = sessions.start(None).await.unwrap();
        for _ in 0..5 {
            held.advance(10 * MINUTE);
            assert_eq!(code(&sessions, &used).await, None);
            sessions.sweep().await.unwrap();
        }
        assert_eq!(code(&sessions, &idle).await, Some(Code::Expired));
        assert_eq!(sessions.count().0, 1);
        assert_eq!(sessions.state().live.len(), 1, "an ended session holds no memory");
        held.advance(31 * MINUTE);
        assert_eq!(code(&sessions, &used).await, Some(Code::Expired), "also before the sweep");
        held.advance(Duration::from_millis(FORGET_AFTER_MS) + 31 * MINUTE);
        sessions.sweep().await.unwrap();
        held.advance(Duration::from_millis(FORGET_AFTER_MS) + MINUTE);
        sessions.sweep().await.unwrap();
        assert_eq!(code(&sessions, &used).await, Some(Code::Unauthenticated), "forgotten after a while");
    }

    #[tokio::test]
    async fn all_sessions_of_a_user_end_at_once() {
        let (folder, held) = place();
        let sessions = sessions(&folder, &held, 10).await;
        let (first, visitor) = sessions.start(None).await.unwrap();
        let (second, _) = sessions.start(Some((visitor.user, GUEST))).await.unwrap();
        let (other, _) = sessions.start(None).await.unwrap();
        assert_eq!(sessions.end_of(visitor.user).await.unwrap(), 2);
        assert_eq!(sessions.end_of(visitor.user).await.unwrap(), 0);
        for (token, expected) in [(first, Some(Code::Expired)), (second, Some(Code::Expired)), (other, None)] {
            assert_eq!(code(&sessions, &token).await, expected);
        }
        assert_eq!((sessions.count().0, sessions.state().live.len()), (1, 1));
    }

    #[tokio::test]
    async fn a_thousand_sessions_give_their_memory_back() {
        let (folder, held) = place();
        let sessions = sessions(&folder, &held, 2_000).await;
        futures::future::join_all((0..1_000).map(|_| sessions.start(None))).await;
        let full = sessions.memory_bytes();
        assert!((100_000..1_000_000).contains(&full), "{full} bytes");
        assert_eq!(sessions.count().0, 1_000);
        held.advance(31 * MINUTE);
        let (kept, _) = sessions.start(None).await.unwrap();
        sessions.sweep().await.unwrap();
        assert_eq!((sessions.count().0, code(&sessions, &kept).await), (1, None));
        let left = sessions.memory_bytes();
        assert!(left * 20 <= full, "{left} of {full} bytes are still held");
    }

    #[tokio::test]
    async fn above_the_limit_a_new_one_is_refused() {
        let (folder, held) = place();
        let sessions = sessions(&folder, &held, 2).await;
        let (first, visitor) = sessions.start(None).await.unwrap();
        sessions.start(Some((visitor.user, GUEST))).await.unwrap();
        assert_eq!(sessions.start(None).await.unwrap_err().code, Code::Busy);
        sessions.end(visitor.token_hash).await.unwrap();
        assert_eq!(code(&sessions, &first).await, Some(Code::Expired));
        assert!(sessions.start(None).await.is_ok());
    }
}
