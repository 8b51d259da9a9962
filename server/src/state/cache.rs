//! What the store knows and is asked often: a copy with a time to live, never the truth. Whoever finds nothing here, or
//! whom it fails, asks the store. In the process by default; another shelf can stand in its place.

use std::any::Any;
use std::sync::Arc;
use std::time::Duration;

use uuid::Uuid;

use crate::observe::Metrics;
use crate::resilience::{self, Breaker, Breakers};

/// Memory that all entries together may take, by their own account.
const BYTES_MAX: u64 = 64 << 20;

/// What is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Where a conversation stands, with what is known from it.
    Conversation,
    /// The stages, transitions and templates of a business.
    Flow,
    /// The business that a user's conversations follow.
    Follows,
    /// The context besides: the figures of a usage log.
    Context,
    /// What a model read in a message.
    Extraction,
}

impl Kind {
    /// Every kind.
    pub const ALL: &[Self] = &[Self::Conversation, Self::Flow, Self::Follows, Self::Context, Self::Extraction];

    /// The label in `exemplar_cache_requests_total`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Conversation => "conversation",
            Self::Flow => "flow",
            Self::Follows => "follows",
            Self::Context => "context",
            Self::Extraction => "extraction",
        }
    }
}

/// What an entry is found by: its kind, whose it is, and its id there.
pub type Key = (Kind, Uuid, Uuid);

/// A thing that is kept, with about how many bytes it takes.
#[derive(Clone)]
pub struct Entry {
    value: Arc<dyn Any + Send + Sync>,
    bytes: u32,
}

/// The shelf failed; nothing is lost by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Failed;

/// Where entries are kept.
pub trait Shelf: Send + Sync + 'static {
    /// The entry of a key, if it is there and not too old.
    fn get(&self, key: &Key) -> Result<Option<Entry>, Failed>;
    /// Keeps an entry in the place of any other of its key.
    fn put(&self, key: Key, entry: Entry) -> Result<(), Failed>;
    /// Forgets the entry of a key.
    fn forget(&self, key: &Key) -> Result<(), Failed>;
    /// Forgets all entries of these kinds that `is_meant`.
    fn forget_all(&self, is_meant: Box<dyn Fn(&Key) -> bool + Send + Sync>) -> Result<(), Failed>;
}

/// The cache as the services use it: it never fails, it only knows less.
pub struct Cache {
    shelf: Box<dyn Shelf>,
    breaker: Arc<Breaker>,
    metrics: Arc<Metrics>,
}

impl Cache {
    /// A cache in the process that keeps an entry for `ttl`.
    pub fn in_process(ttl: Duration, breakers: &Breakers, metrics: Arc<Metrics>) -> Arc<Self> {
        Self::on(Box::new(InProcess::new(ttl)), breakers, metrics)
    }

    /// A cache on this shelf.
    pub fn on(shelf: Box<dyn Shelf>, breakers: &Breakers, metrics: Arc<Metrics>) -> Arc<Self> {
        Arc::new(Self { shelf, breaker: breakers.named(resilience::CACHE), metrics })
    }

    /// What is kept of this kind for `owner` under `id`.
    pub fn get<T: Any + Send + Sync>(&self, kind: Kind, owner: Uuid, id: Uuid) -> Option<Arc<T>> {
        let found = self.ask(|shelf| shelf.get(&(kind, owner, id)));
        let entry = found.as_ref().ok().and_then(Clone::clone);
        let value = entry.and_then(|entry| entry.value.downcast::<T>().ok());
        let result = match (&value, &found) {
            (Some(_), _) => "hit",
            (None, Ok(_)) => "miss",
            (None, Err(_)) => "error",
        };
        self.metrics.cache(kind.as_str(), result);
        value
    }

    /// Keeps `value`, which takes about `bytes`.
    pub fn put<T: Any + Send + Sync>(&self, kind: Kind, owner: Uuid, id: Uuid, value: Arc<T>, bytes: usize) {
        let entry = Entry { value, bytes: u32::try_from(bytes).unwrap_or(u32::MAX) };
        let _ = self.ask(|shelf| shelf.put((kind, owner, id), entry));
    }

    /// Forgets what has changed.
    pub fn forget(&self, kind: Kind, owner: Uuid, id: Uuid) {
        let forgotten = self.ask(|shelf| shelf.forget(&(kind, owner, id)));
        if forgotten.is_err() {
            tracing::warn!(kind = kind.as_str(), "the cache could not forget an entry; it ends with its time to live");
        }
    }

    /// Forgets all that `is_meant`.
    pub fn forget_all(&self, is_meant: impl Fn(&Key) -> bool + Send + Sync + 'static) {
        let _ = self.ask(|shelf| shelf.forget_all(Box::new(is_meant)));
    }

    fn ask<T>(&self, work: impl FnOnce(&dyn Shelf) -> Result<T, Failed>) -> Result<T, Failed> {
        let pass = self.breaker.enter().map_err(|_open| Failed)?;
        let done = work(&*self.shelf);
        if done.is_ok() {
            pass.well();
        } else {
            pass.failed();
        }
        done
    }
}

/// Entries in the memory of this process.
struct InProcess(moka::sync::Cache<Key, Entry>);

impl InProcess {
    fn new(ttl: Duration) -> Self {
        Self(
            moka::sync::Cache::builder()
                .weigher(|_: &Key, entry: &Entry| entry.bytes)
                .max_capacity(BYTES_MAX)
                .time_to_live(ttl)
                .support_invalidation_closures()
                .build(),
        )
    }
}

impl Shelf for InProcess {
    fn get(&self, key: &Key) -> Result<Option<Entry>, Failed> {
        Ok(self.0.get(key))
    }

    fn put(&self, key: Key, entry: Entry) -> Result<(), Failed> {
        self.0.insert(key, entry);
        Ok(())
    }

    fn forget(&self, key: &Key) -> Result<(), Failed> {
        self.0.invalidate(key);
        Ok(())
    }

    fn forget_all(&self, is_meant: Box<dyn Fn(&Key) -> bool + Send + Sync>) -> Result<(), Failed> {
        self.0.invalidate_entries_if(move |key, _| is_meant(key)).map(drop).map_err(|_| Failed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resilience::{Settings, State};
    use crate::world::{Held, World};
    use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

    const A: Uuid = Uuid::from_u128(0xa);
    const B: Uuid = Uuid::from_u128(0xb);

    fn breakers() -> Arc<Breakers> {
        Breakers::new(Settings { failures: 5, recovery: Duration::from_secs(30) }, World::of(Held::new(0, 1)))
    }

    #[test]
    fn what_was_put_is_found_by_its_owner_until_it_is_forgotten() {
        let metrics = Metrics::new();
        let cache = Cache::in_process(Duration::from_hours(1), &breakers(), metrics.clone());
        assert_eq!(cache.get::<u32>(Kind::Context, A, B), None);
        cache.put(Kind::Context, A, B, Arc::new(7u32), 4);
        assert_eq!(cache.get::<u32>(Kind::Context, A, B).as_deref(), Some(&7));
        assert_eq!(cache.get::<u32>(Kind::Context, B, B), None, "another's");
        assert_eq!(cache.get::<u32>(Kind::Flow, A, B), None, "another kind");
        assert_eq!(cache.get::<String>(Kind::Context, A, B), None, "another type");
        cache.forget(Kind::Context, A, B);
        assert_eq!(cache.get::<u32>(Kind::Context, A, B), None);
        cache.put(Kind::Flow, A, A, Arc::new(1u32), 4);
        cache.put(Kind::Flow, B, A, Arc::new(2u32), 4);
        cache.forget_all(|(kind, owner, _)| *kind == Kind::Flow && *owner == A);
        assert_eq!(cache.get::<u32>(Kind::Flow, A, A), None);
        assert_eq!(cache.get::<u32>(Kind::Flow, B, A).as_deref(), Some(&2));
        assert_eq!(metrics.counts().cache, (2, 8));
    }

    #[test]
    fn an_entry_ends_with_its_time_to_live() {
        let cache = Cache::in_process(Duration::from_nanos(1), &breakers(), Metrics::new());
        cache.put(Kind::Context, A, B, Arc::new(7u32), 4);
        std::hint::black_box(std::time::Instant::now());
        assert_eq!(cache.get::<u32>(Kind::Context, A, B), None);
    }

    /// A shelf that fails when it is told to.
    #[derive(Default)]
    struct Broken {
        fails: AtomicBool,
        asked: AtomicU32,
    }

    impl Shelf for Arc<Broken> {
        fn get(&self, _: &Key) -> Result<Option<Entry>, Failed> {
            self.asked.fetch_add(1, Ordering::SeqCst);
            if self.fails.load(Ordering::SeqCst) { Err(Failed) } else { Ok(None) }
        }
        fn put(&self, _: Key, _: Entry) -> Result<(), Failed> {
            Err(Failed)
        }
        fn forget(&self, _: &Key) -> Result<(), Failed> {
            Err(Failed)
        }
        fn forget_all(&self, _: Box<dyn Fn(&Key) -> bool + Send + Sync>) -> Result<(), Failed> {
            Err(Failed)
        }
    }

    #[test]
    fn a_shelf_that_fails_is_left_alone_and_nobody_notices() {
        let (shelf, breakers) = (Arc::new(Broken::default()), breakers());
        let cache = Cache::on(Box::new(shelf.clone()), &breakers, Metrics::new());
        shelf.fails.store(true, Ordering::SeqCst);
        for _ in 0..20 {
            assert_eq!(cache.get::<u32>(Kind::Context, A, B), None);
        }
        assert_eq!(shelf.asked.load(Ordering::SeqCst), 5, "after five failures it is not asked");
        assert_eq!(breakers.named(resilience::CACHE).state(), State::Open);
    }
}
