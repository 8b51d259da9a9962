//! Who is connected: every event of a user goes to each of the user's connections.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use shared::message::ConversationId;
use shared::problem::{Code, Problem};
use shared::protocol::Progress;

use super::outbox::{Closing, Outbox};
use crate::store::{LogEvent, TokenHash, UserId};

/// Most connections; 0 for no limit.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// In all.
    pub total: usize,
    /// Of one user.
    pub per_user: usize,
    /// From one address.
    pub per_address: usize,
}

/// The connections of this process.
pub struct Hub {
    limits: Limits,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    users: HashMap<UserId, Vec<Connection>>,
    addresses: HashMap<IpAddr, usize>,
    total: usize,
    next: u64,
    draining: bool,
}

struct Connection {
    key: u64,
    session: TokenHash,
    outbox: Arc<Outbox>,
}

/// A connection from its first moment on, counted until it is dropped.
pub struct Visit {
    hub: Arc<Hub>,
    address: IpAddr,
}

/// A visit of a user who is known, with a place among the connections until it is dropped.
pub struct Place {
    visit: Visit,
    user: UserId,
    key: u64,
}

impl Hub {
    /// An empty hub.
    pub fn new(limits: Limits) -> Arc<Self> {
        Arc::new(Self { limits, state: Mutex::default() })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts a connection whose user may not be known yet.
    pub fn visit(self: &Arc<Self>, address: IpAddr) -> Result<Visit, Problem> {
        let mut state = self.state();
        let from_address = state.addresses.get(&address).copied().unwrap_or(0);
        below(self.limits.total, state.total, "The server has")?;
        below(self.limits.per_address, from_address, "Your address has")?;
        state.total += 1;
        *state.addresses.entry(address).or_default() += 1;
        Ok(Visit { hub: self.clone(), address })
    }

    /// How many connections there are.
    pub fn connections(&self) -> usize {
        self.state().total
    }

    /// How many users they belong to.
    pub fn users(&self) -> usize {
        self.state().users.len()
    }

    /// Gives a committed event to the user's connections. Events must come in the order of their offsets.
    pub fn event(&self, user: UserId, event: &Arc<LogEvent>, frame: impl FnOnce() -> Bytes) {
        let state = self.state();
        if let Some(connections) = state.users.get(&user) {
            let frame = frame();
            for connection in connections {
                connection.outbox.event(event, &frame);
            }
        }
    }

    /// Gives live progress to the user's connections.
    pub fn progress(&self, user: UserId, conversation: ConversationId, progress: impl FnOnce() -> Progress) {
        let state = self.state();
        if let Some(connections) = state.users.get(&user) {
            let progress = Arc::new(progress());
            for connection in connections {
                connection.outbox.progress(conversation, &progress);
            }
        }
    }

    /// Closes the connections of a session that has ended.
    pub fn end_session(&self, user: UserId, session: TokenHash) {
        for connection in self.state().users.get(&user).into_iter().flatten() {
            if connection.session == session {
                connection.outbox.close(Closing::SessionEnded);
            }
        }
    }

    /// Closes all connections of a user; answers how many.
    pub fn end_user(&self, user: UserId) -> usize {
        let state = self.state();
        let connections = state.users.get(&user).map_or(&[][..], Vec::as_slice);
        for connection in connections {
            connection.outbox.close(Closing::SessionEnded);
        }
        connections.len()
    }

    /// Asks every connection to come back later, each after a time of its own, and those that still come.
    pub fn drain(&self, mut retry_after_ms: impl FnMut() -> u64) {
        let mut state = self.state();
        state.draining = true;
        for connection in state.users.values().flatten() {
            connection.outbox.close(Closing::Drain(retry_after_ms()));
        }
    }
}

/// Refuses one more than `limit`; 0 for no limit.
fn below(limit: usize, count: usize, whose: &str) -> Result<(), Problem> {
    if limit == 0 || count < limit {
        return Ok(());
    }
    let text = format!("{whose} as many open connections as are allowed. Close one and connect again.");
    Err(Problem::new(Code::Busy, text).retry_after(30_000))
}

impl Visit {
    /// Lets the connection in: from now on its outbox gets what happens to the user.
    pub fn enter(self, user: UserId, session: TokenHash, outbox: Arc<Outbox>) -> Result<Place, Problem> {
        let mut state = self.hub.state();
        let of_user = state.users.get(&user).map_or(0, Vec::len);
        below(self.hub.limits.per_user, of_user, "You have")?;
        if state.draining {
            outbox.close(Closing::Drain(1_000));
        }
        let key = state.next;
        state.next += 1;
        state.users.entry(user).or_default().push(Connection { key, session, outbox });
        drop(state);
        Ok(Place { visit: self, user, key })
    }
}

impl Drop for Visit {
    fn drop(&mut self) {
        let mut state = self.hub.state();
        state.total -= 1;
        if let Some(count) = state.addresses.get_mut(&self.address) {
            *count -= 1;
            if *count == 0 {
                state.addresses.remove(&self.address);
            }
        }
    }
}

impl Place {
    /// Ties the connection to another session of the same user.
    pub fn renew(&self, session: TokenHash) {
        let mut state = self.visit.hub.state();
        let mine = state.users.get_mut(&self.user).into_iter().flatten().find(|c| c.key == self.key);
        if let Some(connection) = mine {
            connection.session = session;
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut state = self.visit.hub.state();
        if let Some(connections) = state.users.get_mut(&self.user) {
            connections.retain(|connection| connection.key != self.key);
            if connections.is_empty() {
                state.users.remove(&self.user);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv4Addr;
    use uuid::Uuid;

    fn hub(total: usize, per_user: usize, per_address: usize) -> Arc<Hub> {
        Hub::new(Limits { total, per_user, per_address })
    }

    fn enter(hub: &Arc<Hub>, user: u128, address: u8) -> Result<Place, Problem> {
        let address = IpAddr::V4(Ipv4Addr::new(127, 0, 0, address));
        hub.visit(address)?.enter(Uuid::from_u128(user), [0; 32], Outbox::new(None))
    }

    #[test]
    fn each_limit_refuses_and_a_place_comes_back() {
        for (hub, second) in [(hub(1, 0, 0), (2, 2)), (hub(0, 1, 0), (1, 2)), (hub(0, 0, 1), (2, 1))] {
            let place = enter(&hub, 1, 1).unwrap();
            assert_eq!(enter(&hub, second.0, second.1).err().map(|p| p.code), Some(Code::Busy));
            drop(place);
            assert_eq!(hub.connections(), 0);
            let _place = enter(&hub, second.0, second.1).unwrap();
            assert_eq!(hub.connections(), 1);
        }
    }

    #[tokio::test]
    async fn a_drain_reaches_everyone_also_those_who_come_late() {
        let hub = hub(0, 0, 0);
        let (early, late) = (Outbox::new(None), Outbox::new(None));
        let address = IpAddr::V4(Ipv4Addr::LOCALHOST);
        let enter = |outbox: &Arc<Outbox>| hub.visit(address)?.enter(Uuid::from_u128(1), [1; 32], outbox.clone());
        let _a = enter(&early).unwrap();
        hub.drain(|| 700);
        let _b = enter(&late).unwrap();
        assert_eq!(early.take().await.closing, Some(Closing::Drain(700)));
        assert!(matches!(late.take().await.closing, Some(Closing::Drain(_))));
    }
}
