//! The fault proxy: what networks do to connections, drawn from a seed.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt, ReadHalf, WriteHalf};
use tokio::net::TcpListener;
use tokio::time::Instant;

use crate::net::{Stream, Target};
use crate::rng::Rng;

/// How a connection ends before its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, clap::ValueEnum)]
pub enum Fault {
    /// Both ends are closed.
    Cut,
    /// Both ends get a reset.
    Reset,
    /// Nothing passes any more and nobody is told.
    HalfOpen,
    /// A chunk is delivered in part, then both ends are closed.
    Truncate,
    /// From the server to the client only 1 KB/s passes.
    SlowRead,
}

impl Fault {
    /// Every fault.
    pub const ALL: &[Self] = &[Self::Cut, Self::Reset, Self::HalfOpen, Self::Truncate, Self::SlowRead];
}

/// Bytes a second of a slow reader.
const SLOW_BYTES_PER_S: u64 = 1_024;
/// For how long a line that is to be cut in the middle of a chunk waits for one.
const TRUNCATE_WITHIN: Duration = Duration::from_secs(1);
/// Bytes passed on at once.
const CHUNK: usize = 16 * 1024;

/// What the way to the server is like.
#[derive(Clone, Debug, Default)]
pub struct Weather {
    /// Delay in each direction.
    pub latency: Duration,
    /// A random addition to it, up to this. Order is kept, as TCP keeps it.
    pub jitter: Duration,
    /// Bytes a second in each direction.
    pub bandwidth: Option<u64>,
    /// The faults from which each connection draws.
    pub faults: Vec<Fault>,
    /// The mean time until a connection's fault; it is exponentially distributed.
    pub fault_every: Duration,
}

/// Relays connections and harms them.
pub struct Proxy {
    weather: Weather,
    rng: Rng,
    connections: AtomicU64,
    faults: AtomicU64,
    calm: AtomicBool,
}

/// What is going to happen to one connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Fate {
    fault: Option<(Fault, Instant)>,
}

impl Proxy {
    /// A proxy with this weather. The n-th connection of the same seed has the same fate.
    pub fn new(weather: Weather, seed: u64) -> Arc<Self> {
        Arc::new(Self {
            weather,
            rng: Rng::new(seed),
            connections: AtomicU64::new(0),
            faults: AtomicU64::new(0),
            calm: AtomicBool::new(false),
        })
    }

    /// From now on nothing is harmed; latency and bandwidth stay.
    pub fn calm(&self) {
        self.calm.store(true, Relaxed);
    }

    /// How many connections were harmed.
    pub fn faults(&self) -> u64 {
        self.faults.load(Relaxed)
    }

    /// How many connections passed.
    pub fn connections(&self) -> u64 {
        self.connections.load(Relaxed)
    }

    fn fate(&self, rng: &mut Rng) -> Fate {
        let faults = &self.weather.faults;
        if faults.is_empty() || self.calm.load(Relaxed) {
            return Fate { fault: None };
        }
        let fault = faults[rng.below(faults.len() as u64) as usize];
        let after = rng.exponential(self.weather.fault_every.as_secs_f64());
        Fate { fault: Some((fault, Instant::now() + Duration::from_secs_f64(after))) }
    }

    /// Passes bytes between the two ends until one closes or the connection meets its fate.
    pub async fn relay(self: Arc<Self>, client: Stream, server: Stream) {
        let number = self.connections.fetch_add(1, Relaxed);
        let mut rng = self.rng.fork(number);
        let fate = self.fate(&mut rng);
        let (client_read, client_write) = tokio::io::split(client);
        let (server_read, server_write) = tokio::io::split(server);
        let mut up = Lane::new(&self, client_read, server_write, rng.fork(1));
        let mut down = Lane::new(&self, server_read, client_write, rng.fork(2));
        let (slow, truncated) = (down.rate.clone(), down.truncated.clone());
        let fault = {
            let (up, down) = (up.run(), down.run());
            tokio::pin!(up, down);
            let ended = tokio::select! {
                biased;
                _ = &mut up => None,
                _ = &mut down => None,
                fault = self.strike(fate) => Some(fault),
            };
            self.faults.fetch_add(u64::from(ended.is_some()), Relaxed);
            // The lanes go on where bytes are to follow: dropping one would lose those that it holds, and what comes
            // after a hole is nothing that TCP does.
            if ended == Some(Fault::SlowRead) {
                slow.store(SLOW_BYTES_PER_S, Relaxed);
                tokio::select! {
                    biased;
                    _ = &mut up => {}
                    _ = &mut down => {}
                    () = self.until_calm() => {}
                }
            } else if ended == Some(Fault::Truncate) {
                truncated.store(true, Relaxed);
                tokio::select! {
                    biased;
                    _ = &mut up => {}
                    _ = &mut down => {}
                    () = tokio::time::sleep(TRUNCATE_WITHIN) => {}
                }
            }
            ended
        };
        if fault == Some(Fault::HalfOpen) {
            self.until_calm().await;
        }
        let (client, server) = (up.read.unsplit(down.write), down.read.unsplit(up.write));
        if fault == Some(Fault::Reset) {
            client.abort();
            server.abort();
        }
    }

    /// Waits for the moment of the fault.
    async fn strike(&self, fate: Fate) -> Fault {
        let Some((fault, at)) = fate.fault else { return std::future::pending().await };
        tokio::time::sleep_until(at).await;
        if self.calm.load(Relaxed) { std::future::pending().await } else { fault }
    }

    /// A connection that is dead without knowing it stays so until the weather is calm, then it closes.
    async fn until_calm(&self) {
        while !self.calm.load(Relaxed) {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// Listens at `address` and relays to `target` until the task is dropped.
    pub async fn serve(self: Arc<Self>, listener: TcpListener, target: Target) -> io::Result<()> {
        loop {
            let (client, _) = listener.accept().await?;
            client.set_nodelay(true)?;
            let (proxy, target) = (self.clone(), target.clone());
            tokio::spawn(async move {
                match target.dial(None).await {
                    Ok(server) => proxy.relay(Box::new(client), server).await,
                    // Nobody is there: the client must see what it would see without us.
                    Err(_) => crate::net::Io::abort(Box::new(client)),
                }
            });
        }
    }
}

/// One direction of a connection.
struct Lane {
    read: ReadHalf<Stream>,
    write: WriteHalf<Stream>,
    latency: Duration,
    jitter: Duration,
    /// Bytes a second; 0 for no cap. It may change while bytes are on the way.
    rate: Arc<AtomicU64>,
    /// The next chunk is delivered in part and is the last.
    truncated: Arc<AtomicBool>,
    rng: Rng,
    /// When the last chunk arrives: later ones do not overtake it.
    arrives: Instant,
}

impl Lane {
    fn new(proxy: &Proxy, read: ReadHalf<Stream>, write: WriteHalf<Stream>, rng: Rng) -> Self {
        let Weather { latency, jitter, bandwidth, .. } = proxy.weather;
        let rate = Arc::new(AtomicU64::new(bandwidth.unwrap_or(0)));
        let truncated = Arc::default();
        Self { read, write, latency, jitter, rate, truncated, rng, arrives: Instant::now() }
    }

    /// Passes chunks on. With latency, chunks are on the way together, up to a window of 256.
    async fn run(&mut self) -> io::Result<()> {
        let (sender, mut receiver) = tokio::sync::mpsc::channel::<(Instant, Vec<u8>)>(256);
        let Self { read, write, latency, jitter, rate, truncated, rng, arrives } = self;
        let reading = async move {
            let mut buffer = vec![0; CHUNK];
            loop {
                let size = match rate.load(Relaxed) {
                    0 => CHUNK,
                    rate => CHUNK.min((rate / 4).max(1) as usize),
                };
                let read = read.read(&mut buffer[..size]).await?;
                if read == 0 {
                    return Ok::<_, io::Error>(());
                }
                let wait = *latency + jitter.mul_f64(rng.unit());
                *arrives = (*arrives).max(Instant::now() + wait);
                let rate = rate.load(Relaxed);
                if rate > 0 {
                    tokio::time::sleep(Duration::from_secs_f64(read as f64 / rate as f64)).await;
                }
                if sender.send((*arrives, buffer[..read].to_vec())).await.is_err() {
                    return Ok(());
                }
            }
        };
        let writing = async {
            while let Some((at, chunk)) = receiver.recv().await {
                if at > Instant::now() {
                    tokio::time::sleep_until(at).await;
                }
                let last = truncated.load(Relaxed);
                let part = if last { &chunk[..chunk.len() / 2] } else { &chunk[..] };
                write.write_all(part).await?;
                write.flush().await?;
                if last {
                    break;
                }
            }
            Ok::<_, io::Error>(())
        };
        tokio::pin!(reading, writing);
        tokio::select! {
            biased;
            // Nobody takes it any more: whoever sends must not believe that it arrives.
            written = &mut writing => written,
            // The reader takes its sender with it; what is on the way is still delivered.
            read = &mut reading => {
                let written = writing.await;
                read.and(written)
            }
        }
    }
}
