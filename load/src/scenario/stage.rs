//! What every scenario needs: users, clients, messages, waiting until all is quiet, and the history at the end.

use std::collections::BTreeMap;
use std::time::Duration;

use shared::message::{ConversationId, Priority, id_at};

use super::{Lab, RunError};
use crate::client::{Client, Outgoing, Settings};
use crate::history::{Act, ActKind, Counters, Evidence, History, Micros};
use crate::http::{HttpError, Session};
use crate::net::Target;
use crate::rng::Rng;

/// How long stray frames have to arrive after everything has ended.
const GRACE: Duration = Duration::from_millis(300);
/// Sessions opened at a time.
const SESSIONS_AT_ONCE: usize = 64;

/// The cast of a scenario.
pub struct Stage<'a> {
    lab: &'a Lab,
    /// The clients, in the order in which they joined.
    pub clients: Vec<Client>,
    /// Randomness of the scenario's own.
    pub rng: Rng,
    /// What was measured outside the frames.
    pub evidence: Evidence,
    acts: Vec<Act>,
    conversations: Vec<(String, ConversationId)>,
    before: Option<Counters>,
    audited: BTreeMap<ConversationId, Vec<shared::protocol::Event>>,
}

impl<'a> Stage<'a> {
    /// An empty stage.
    pub async fn new(lab: &'a Lab, salt: u64) -> Self {
        let before = if lab.exclusive { lab.probe.counters().await } else { None };
        Self {
            lab,
            clients: Vec::new(),
            rng: Rng::new(lab.seed).fork(salt),
            evidence: Evidence::default(),
            acts: Vec::new(),
            conversations: Vec::new(),
            before,
            audited: BTreeMap::new(),
        }
    }

    /// A new guest.
    pub async fn user(&self) -> Result<Session, HttpError> {
        self.lab.probe.http.session().await
    }

    /// New guests, many at a time.
    pub async fn users(&self, count: u32) -> Result<Vec<Session>, HttpError> {
        use futures::{StreamExt, TryStreamExt};
        let sessions = (0..count).map(|_| self.user());
        futures::stream::iter(sessions).buffered(SESSIONS_AT_ONCE).try_collect().await
    }

    /// A client of a user, with the lab's settings; answers its place.
    pub fn join(&mut self, session: &Session) -> usize {
        let settings = self.lab.settings(self.clients.len() as u64 + 1);
        self.join_as(session, settings, self.lab.target.clone())
    }

    /// A client with settings and a way of its own.
    pub fn join_as(&mut self, session: &Session, settings: Settings, target: Target) -> usize {
        let (clock, live) = (self.lab.clock, self.lab.live.clone());
        self.clients.push(Client::start(target, session.clone(), settings, clock, live));
        self.clients.len() - 1
    }

    /// Waits until every client is online.
    pub async fn ready(&self) -> Result<(), RunError> {
        for client in &self.clients {
            if !client.until(self.lab.patience(), |state| state.online).await {
                let why = client.state().dead.map_or("no welcome came".into(), |why| why.to_string());
                return Err(RunError::Client(why));
            }
        }
        Ok(())
    }

    /// A new conversation of a user, whose log is read at the end.
    ///
    /// Its id depends on the seed and on when the run began: a second run with the same seed against the same server
    /// must not claim the conversations of the first.
    pub fn conversation(&mut self, session: &Session) -> ConversationId {
        let begun = Rng::new(self.lab.clock.unix_ms_at_zero()).next_u64();
        let drawn = self.rng.uuid().as_u128() ^ u128::from(begun);
        let id = uuid::Builder::from_random_bytes(drawn.to_be_bytes()).into_uuid();
        self.conversations.push((session.token.clone(), id));
        id
    }

    /// A new message for a time, with an id that is made at that time, as a client's is. A server may keep ids in order:
    /// ids made all at once and sent over minutes would each come in the middle of it.
    pub fn message(&mut self, at: Micros, conversation: ConversationId) -> Outgoing {
        let id = id_at(self.lab.clock.unix_ms_at_zero() + at / 1_000, self.rng.id_bytes());
        let (content, priority) = (talk(&mut self.rng), self.lab.mix().draw(&mut self.rng));
        Outgoing { at, id, conversation, content: content.into(), priority, copies: 1 }
    }

    /// The same with a priority.
    pub fn urgent(&mut self, at: Micros, conversation: ConversationId, priority: Priority) -> Outgoing {
        Outgoing { priority, ..self.message(at, conversation) }
    }

    /// Now, in the time of the run.
    pub fn now(&self) -> Micros {
        self.lab.clock.now()
    }

    /// Notes what was done to the server.
    pub fn act(&mut self, kind: ActKind) {
        self.acts.push(Act { at: self.lab.clock.now(), kind });
    }

    /// Waits until every client has the ends of all its messages.
    pub async fn settle(&self, patience: Duration) -> bool {
        let deadline = tokio::time::Instant::now() + patience;
        let mut all = true;
        for client in &self.clients {
            let left = deadline.saturating_duration_since(tokio::time::Instant::now());
            all &= client.until(left, |state| state.idle).await;
        }
        all
    }

    /// Reads a log now, for a user who will not be able to at the end.
    pub async fn audit_now(&mut self, session: &Session, conversation: ConversationId) -> Result<(), HttpError> {
        let log = self.lab.probe.http.log(&session.token, conversation).await?;
        self.conversations.retain(|(_, id)| *id != conversation);
        self.audited.insert(conversation, log);
        Ok(())
    }

    /// Waits until all is quiet, reads the logs and the counters, and ends the clients.
    pub async fn end(mut self) -> Result<History, RunError> {
        let restless = !self.settle(self.lab.patience()).await;
        self.silence(self.lab.patience()).await;
        let quiet_at = Some(self.lab.clock.now());
        tokio::time::sleep(GRACE).await;
        self.evidence.counters = self.counters().await;
        let logs = self.audit().await?;
        let mut clients = Vec::new();
        for client in self.clients {
            clients.push(client.finish().await);
        }
        Ok(History {
            unix_ms_at_zero: self.lab.clock.unix_ms_at_zero(),
            clients,
            acts: self.acts,
            quiet_at,
            restless,
            logs: Some(logs),
            evidence: self.evidence,
        })
    }

    /// Waits until every client that still wants to be is online and nothing has come for a while.
    async fn silence(&self, patience: Duration) {
        let deadline = tokio::time::Instant::now() + patience;
        for client in &self.clients {
            let left = deadline.saturating_duration_since(tokio::time::Instant::now());
            client.until(left, |state| state.online).await;
        }
        while tokio::time::Instant::now() < deadline {
            let before = self.lab.live.bytes.get();
            tokio::time::sleep(GRACE).await;
            if self.lab.live.bytes.get() == before {
                return;
            }
        }
    }

    async fn counters(&self) -> Option<Counters> {
        let before = self.before?;
        // A process that died has begun to count anew.
        if self.acts.iter().any(|act| act.kind != ActKind::FaultsBegin && act.kind != ActKind::FaultsEnd) {
            return None;
        }
        let after = self.lab.probe.counters().await?;
        Some(Counters {
            completed: after.completed - before.completed,
            failed: after.failed - before.failed,
            cancelled: after.cancelled - before.cancelled,
            duplicates: after.duplicates - before.duplicates,
        })
    }

    async fn audit(&mut self) -> Result<BTreeMap<ConversationId, Vec<shared::protocol::Event>>, HttpError> {
        use futures::{StreamExt, TryStreamExt};
        let http = &self.lab.probe.http;
        let reads = std::mem::take(&mut self.conversations).into_iter().map(|(token, conversation)| async move {
            Ok::<_, HttpError>((conversation, http.log(&token, conversation).await?))
        });
        let read: Vec<_> = futures::stream::iter(reads).buffered(SESSIONS_AT_ONCE).try_collect().await?;
        let mut logs = std::mem::take(&mut self.audited);
        logs.extend(read);
        Ok(logs)
    }
}

/// A message as people write them to the analysis, with figures of its own.
pub fn talk(rng: &mut Rng) -> String {
    let model = ["GPT-4o", "gpt-4o-mini", "Claude Sonnet 4.5", "gemini-2.5-flash"][rng.below(4) as usize];
    let (requests, input, output) = (1_000 + rng.below(900_000), 100 + rng.below(8_000), 20 + rng.below(900));
    format!(
        "We send {requests} requests a day to {model}, with {input} input tokens and {output} output tokens each. \
         How can we spend less?"
    )
}
