//! The life of a server: put together, made ready, served, drained.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::serve::ListenerExt;
use shared::catalog::Catalog;
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, mpsc};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing_subscriber::EnvFilter;

use crate::accounts::Accounts;
use crate::agents::Supervisor;
use crate::channel::Timing;
use crate::command::say;
use crate::config::Config;
use crate::flow::Flows;
use crate::inbox::Inbox;
use crate::llm::model::Parts;
use crate::llm::{Budget, Model, OpenAi};
use crate::observe::Metrics;
use crate::pipeline::{self, Pipeline, Trials, Work};
use crate::resilience::{self, Breakers};
use crate::secret::Secret;
use crate::services::{App, Services};
use crate::sessions::Sessions;
use crate::state::Hub;
use crate::state::cache::Cache;
use crate::store::{SqliteStore, Store, Unfinished};
use crate::world::{World, hex};
use crate::{catalog, http};

/// How long a drain waits for running messages and open requests; what is left is picked up by the next start.
const DRAIN_PATIENCE: Duration = Duration::from_secs(8);
/// Usage logs read at a time: each takes a thread and about 5 MB.
const UPLOADS_MAX: usize = 4;
/// Reconnects after a drain are spread over this time.
const RECONNECT_SPREAD_MS: u64 = 3_000;

/// Logs to standard error, as `RUST_LOG` says.
pub fn log() {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    let _ = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).try_init();
}

/// A server that listens.
pub struct Running {
    /// Where.
    pub address: SocketAddr,
    /// Its services.
    pub app: App,
    stop: CancellationToken,
    ended: tokio::task::JoinHandle<Result<(), String>>,
}

impl Running {
    /// Drains the server and waits for its end.
    pub async fn stop(self) -> Result<(), String> {
        self.stop.cancel();
        self.ended.await.map_err(|error| error.to_string())?
    }
}

/// Serves until the process is told to end.
pub async fn serve(mut config: Config, world: World) -> Result<(), String> {
    for key in &config.unused {
        tracing::warn!("{key} is set and not used by this version");
    }
    let made = config.admin_token.is_none().then(|| hex(&world.random::<32>()));
    config.admin_token = config.admin_token.or(made.as_deref().map(Secret::of));
    let end = told_to_end()?;
    let running = start(config, world, Timing::default()).await?;
    let ready = format!("Exemplar is ready: http://{}", running.address);
    // In one piece: whoever waits for the address may read no further.
    say(&match made {
        Some(token) => {
            format!("{ready}\nThe operator's token of this run (EXEMPLAR_ADMIN_TOKEN sets a lasting one): {token}")
        }
        None => ready,
    });
    let stop = running.stop.clone();
    tokio::spawn(async move {
        end.await;
        tracing::info!("draining");
        stop.cancel();
    });
    running.ended.await.map_err(|error| error.to_string())?
}

/// Hears the signals that end the process from this call on, so that one that comes while the server starts drains it too.
fn told_to_end() -> Result<impl Future<Output = ()>, String> {
    use tokio::signal::unix::{SignalKind, signal};
    let heard = |kind| signal(kind).map_err(|error| format!("the signals of this system cannot be heard: {error}"));
    let (mut terminate, mut interrupt) = (heard(SignalKind::terminate())?, heard(SignalKind::interrupt())?);
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

/// Puts a server together, picks up what an earlier one left, and listens.
pub async fn start(config: Config, world: World, timing: Timing) -> Result<Running, String> {
    start_with(config, world, timing, None).await
}

/// The same with other work in the pipeline's place, where it is given.
pub async fn start_with(
    config: Config,
    world: World,
    timing: Timing,
    work: Option<Arc<dyn Work>>,
) -> Result<Running, String> {
    let listener = TcpListener::bind(config.addr).await.map_err(|error| {
        format!(
            "cannot listen on {}: {error}. Is another server running? --addr or EXEMPLAR_ADDR chooses another.",
            config.addr
        )
    })?;
    let address = listener.local_addr().map_err(|error| error.to_string())?;
    let own = config.catalog_overrides.clone();
    let catalog = tokio::task::spawn_blocking(move || catalog::load_with(own.as_deref()));
    let (facts_in, facts) = mpsc::unbounded_channel();
    let failed = |error| format!("database {}: {error}", config.database.display());
    let store = SqliteStore::open(&config.database, config.durability, facts_in).await.map_err(failed)?;
    let store: Arc<dyn Store> = Arc::new(store);
    // All at once: reading a hundred thousand unfinished messages takes about as long as reading the prices.
    let sessions = Sessions::open(store.clone(), world.clone(), config.session_idle, config.max_sessions);
    let (catalog, unfinished, held, sessions) =
        tokio::join!(catalog, store.unfinished(Unfinished::Free), store.held(), sessions);
    let (unfinished, held) = (unfinished.map_err(failed)?, held.map_err(failed)?);
    let sessions = sessions.map_err(failed)?;
    let catalog = catalog.map_err(|error| format!("the price catalog cannot be read: {error}"))?;
    let catalog = Arc::new(catalog.map_err(|error| format!("catalog_overrides: {error}"))?);
    let hub = Hub::new(config.connections);
    let metrics = Metrics::new();
    let breakers = Breakers::new(config.breakers, world.clone());
    let llm = language_model(&config, &breakers, &catalog, &metrics, &world)?;
    let cache = Cache::in_process(config.cache_ttl, &breakers, metrics.clone());
    let flows = Flows::new(store.clone(), world.clone(), cache.clone());
    let working = |metrics: &Arc<Metrics>| pipeline::Services {
        store: store.clone(),
        catalog: catalog.clone(),
        flows: flows.clone(),
        cache: cache.clone(),
        supervisor: Supervisor::new(catalog.clone(), &breakers),
        model: llm.clone(),
        metrics: metrics.clone(),
        world: world.clone(),
    };
    // What is only tried is not counted.
    let trials = Trials::new(working(&Metrics::new()), config.inbox.deadline);
    let work = work.unwrap_or_else(|| Arc::new(Pipeline::new(working(&metrics))));
    let inbox = Inbox::new(config.inbox, store.clone(), work, hub.clone(), metrics.clone(), world.clone());
    tokio::spawn(inbox.clone().follow(facts));
    if !unfinished.is_empty() {
        tracing::info!(recovered = unfinished.len(), "picked up messages that were not finished");
    }
    inbox.recover(unfinished, held);
    let accounts = Accounts::open(store.clone(), world.clone());
    let app = Arc::new(Services {
        config,
        timing,
        world,
        store,
        sessions,
        accounts,
        flows,
        trials,
        inbox,
        hub,
        metrics,
        breakers,
        llm,
        catalog,
        uploads: Arc::new(Semaphore::new(UPLOADS_MAX)),
        connections: TaskTracker::new(),
        began: Instant::now(),
    });
    let stop = CancellationToken::new();
    let ended = tokio::spawn(run(app.clone(), listener, stop.clone()));
    Ok(Running { address, app, stop, ended })
}

/// The part of a message's deadline that one call of a language model may take, all its tries included: two calls and
/// the rest of the work fit in.
const CALL_SHARE: f64 = 0.4;

/// The language model that is configured, if one is. Whether it answers is found out meanwhile.
fn language_model(
    config: &Config,
    breakers: &Breakers,
    catalog: &Arc<Catalog>,
    metrics: &Arc<Metrics>,
    world: &World,
) -> Result<Option<Arc<Model>>, String> {
    let Some(endpoint) = config.llm.clone() else { return Ok(None) };
    let adapter = OpenAi::new(endpoint, world.clone())?;
    let model = Model::new(Parts {
        llm: adapter.clone(),
        breaker: breakers.named(resilience::LLM),
        budget: Budget::new(config.llm_limits),
        patience: config.inbox.deadline.mul_f64(CALL_SHARE),
        catalog: catalog.clone(),
        metrics: metrics.clone(),
        world: world.clone(),
    });
    let probed = model.clone();
    tokio::spawn(async move {
        let found = adapter.probe().await;
        // A call that was made meanwhile knows better.
        if probed.standing().status == "unknown" {
            probed.found(found.as_ref().err());
        }
    });
    Ok(Some(model))
}

async fn run(app: App, listener: TcpListener, stop: CancellationToken) -> Result<(), String> {
    let sweeper = tokio::spawn(sweep(app.clone()));
    let listener = listener.tap_io(|stream| {
        // Small frames must not wait for each other.
        let _ = stream.set_nodelay(true);
    });
    let service = http::router(&app).into_make_service_with_connect_info::<SocketAddr>();
    let closing = stop.clone();
    let serving = tokio::spawn(async move {
        axum::serve(listener, service).with_graceful_shutdown(async move { closing.cancelled().await }).await
    });
    stop.cancelled().await;
    // Sockets first: axum does not wait for them, and their clients should come back soon. Then the messages.
    app.hub.drain(|| app.world.below(RECONNECT_SPREAD_MS));
    app.inbox.drain(DRAIN_PATIENCE).await;
    app.connections.close();
    let _ = tokio::time::timeout(DRAIN_PATIENCE, app.connections.wait()).await;
    let served = tokio::time::timeout(DRAIN_PATIENCE, serving).await;
    sweeper.abort();
    let _ = app.sessions.save().await;
    app.store.close().await.map_err(|error| error.to_string())?;
    match served {
        Ok(Ok(Err(error))) => Err(format!("serving failed: {error}")),
        _ => Ok(()),
    }
}

async fn sweep(app: App) {
    let mut tick = tokio::time::interval(app.config.cleanup_interval);
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tick.tick().await;
        app.inbox.sweep();
        if let Err(error) = app.sessions.sweep().await {
            tracing::error!(%error, "the sweep failed; the next one tries again");
        }
    }
}
