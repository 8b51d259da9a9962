//! Carries out what the state machine of `crate::delivery` decides: one socket, one timer, two stores.

use std::cell::RefCell;

use futures::channel::{mpsc, oneshot};
use futures::future::{Either, select};
use futures::{SinkExt, StreamExt};
use gloo_net::websocket::futures::WebSocket;
use gloo_net::websocket::{Message, WebSocketError};
use gloo_timers::callback::Timeout;
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::message::{ConversationId, MessageId};
use shared::protocol::{SUBPROTOCOL_JSON, ServerFrame};
use uuid::Uuid;

use super::page::{now_ms, random, random_bytes};
use super::{session, store};
use crate::delivery::{Action, Client, Kept, Outgoing};
use crate::state::Ui;

/// A socket that could not be opened, or broke.
const BROKEN: u16 = 1006;

struct Driver {
    client: Client,
    ui: Ui,
    /// Counts sockets, so that what an abandoned one still says is not heard.
    generation: u32,
    frames: Option<mpsc::UnboundedSender<String>>,
    /// Dropping it ends the reader, and with it the socket.
    open: Option<oneshot::Sender<()>>,
    timer: Option<Timeout>,
}

thread_local! {
    static DRIVER: RefCell<Option<Driver>> = const { RefCell::new(None) };
}

/// Lets the client decide, then does what it decided.
fn with<T: Default>(act: impl FnOnce(&mut Client) -> T) -> T {
    let Some((answer, actions, ui)) = DRIVER.with_borrow_mut(|driver| {
        let driver = driver.as_mut()?;
        let answer = act(&mut driver.client);
        Some((answer, driver.client.take_actions(), driver.ui))
    }) else {
        return T::default();
    };
    for action in actions {
        perform(action, ui);
    }
    arm_timer();
    answer
}

fn perform(action: Action, ui: Ui) {
    match action {
        Action::Connect { check_session } => {
            let generation = next_generation();
            spawn_local(run_socket(generation, check_session));
        }
        Action::Disconnect => {
            next_generation();
        }
        Action::Send(frame) => {
            if let Ok(text) = serde_json::to_string(&frame) {
                DRIVER.with_borrow(|driver| {
                    let _ = driver.as_ref().and_then(|d| d.frames.as_ref()).map(|f| f.unbounded_send(text));
                });
            }
        }
        Action::Keep(outgoing) => store::keep(&outgoing),
        Action::Forget(id) => store::forget(id),
        Action::StoreKept => DRIVER.with_borrow(|driver| {
            if let Some(driver) = driver {
                store::put_kept(driver.client.kept());
            }
        }),
        Action::Changed(id) => {
            let run = DRIVER.with_borrow(|driver| driver.as_ref()?.client.run(id).cloned());
            if let Some(run) = run {
                ui.runs.update(|runs| {
                    runs.insert(id, run);
                });
            }
        }
        Action::LinkChanged => {
            let link = DRIVER.with_borrow(|driver| driver.as_ref().map(|d| d.client.link()));
            if let Some(link) = link {
                ui.link.set(link);
            }
        }
    }
}

/// Abandons the present socket, if there is one.
fn next_generation() -> u32 {
    DRIVER.with_borrow_mut(|driver| {
        driver.as_mut().map_or(0, |d| {
            d.generation += 1;
            d.frames = None;
            d.open = None;
            d.generation
        })
    })
}

fn is_current(generation: u32) -> bool {
    DRIVER.with_borrow(|driver| driver.as_ref().is_some_and(|d| d.generation == generation))
}

fn arm_timer() {
    DRIVER.with_borrow_mut(|driver| {
        if let Some(driver) = driver {
            driver.timer = driver.client.wake_at_ms().map(|at| {
                let wait = at.saturating_sub(now_ms()).clamp(10, 60_000);
                Timeout::new(wait as u32, wake)
            });
        }
    });
}

fn wake() {
    with(|client| client.wake(now_ms(), random()));
}

async fn run_socket(generation: u32, check_session: bool) {
    let ready = session::ensure(check_session).await.is_ok();
    if !is_current(generation) {
        return;
    }
    let code = if ready { serve_socket(generation).await } else { Some(BROKEN) };
    if let Some(code) = code.filter(|_| is_current(generation)) {
        next_generation();
        with(|client| client.closed(code, now_ms(), random()));
    }
}

/// One socket from opening to closing; `None` if it was abandoned.
async fn serve_socket(generation: u32) -> Option<u16> {
    let Ok(socket) = WebSocket::open_with_protocol("/ws", SUBPROTOCOL_JSON) else { return Some(BROKEN) };
    let (mut sink, mut stream) = socket.split();
    let (frames, mut to_send) = mpsc::unbounded::<String>();
    let (open, mut abandoned) = oneshot::channel::<()>();
    DRIVER.with_borrow_mut(|driver| {
        if let Some(driver) = driver {
            driver.frames = Some(frames);
            driver.open = Some(open);
        }
    });
    spawn_local(async move {
        while let Some(text) = to_send.next().await {
            if sink.send(Message::Text(text)).await.is_err() {
                break;
            }
        }
    });
    with(|client| client.opened(now_ms()));
    let mut code = BROKEN;
    loop {
        let next = match select(stream.next(), &mut abandoned).await {
            Either::Left((next, _)) => next,
            Either::Right(_) => return None,
        };
        match next {
            Some(Ok(Message::Text(text))) if is_current(generation) => {
                // A frame of a type that a newer server knows is none of our business.
                if let Ok(frame) = ServerFrame::read(&text) {
                    with(|client| client.heard(frame, now_ms()));
                }
            }
            Some(Err(WebSocketError::ConnectionClose(event))) => code = event.code,
            Some(_) => {}
            None => return Some(code),
        }
    }
}

/// Takes up what an earlier page left, and listens for the network.
pub(super) fn start(ui: Ui) {
    let kept = store::kept().unwrap_or_else(|| Kept {
        client: uuid::Builder::from_random_bytes(random_bytes()).into_uuid(),
        ..Kept::default()
    });
    let outbox = store::outbox();
    let unsent: Vec<Uuid> = outbox.iter().map(|o| o.id).collect();
    let client = Client::new(kept, outbox);
    DRIVER.set(Some(Driver { client, ui, generation: 0, frames: None, open: None, timer: None }));
    for id in &unsent {
        perform(Action::Changed(*id), ui);
    }
    if !unsent.is_empty() {
        warm_up();
    }
    let _ = window_event_listener_untyped("online", |_| with(|client| client.online(now_ms())));
    let _ = window_event_listener_untyped("offline", |_| with(Client::offline));
    // A laptop that slept finds out at once that its socket is dead.
    let _ = window_event_listener_untyped("visibilitychange", |_| wake());
}

/// Opens the channel before it is needed.
pub(crate) fn warm_up() {
    with(|client| client.want(now_ms()));
}

/// Tries again now.
pub(crate) fn reconnect() {
    with(|client| {
        client.want(now_ms());
        client.online(now_ms());
    });
}

/// Follows a conversation.
pub(crate) fn follow(conversation: ConversationId) {
    with(|client| client.follow(conversation, now_ms()));
}

/// Puts a message into the outbox.
pub(super) fn submit(outgoing: Outgoing) {
    with(|client| client.submit(outgoing, now_ms()));
}

/// A message of the outbox.
pub(super) fn waiting(id: MessageId) -> Option<Outgoing> {
    DRIVER.with_borrow(|driver| driver.as_ref()?.client.waiting(id).cloned())
}

/// Ends a message; `false` if the channel cannot do it now.
pub(super) fn cancel(id: MessageId) -> bool {
    with(|client| client.cancel(id))
}

/// The server's clock, as well as it is known.
pub(super) fn server_now_ms() -> u64 {
    DRIVER.with_borrow(|driver| driver.as_ref().map_or_else(now_ms, |d| d.client.server_now_ms(now_ms())))
}
