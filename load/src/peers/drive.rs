//! The workloads W1 to W7, over any peer.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use futures::future::{join_all, try_join_all};
use tokio::time::Instant;

use super::figures::{Figures, Outcome, figures};
use super::line::{Seen, Task, dawdle, follow};
use super::{Parcel, Peer, Place, Workload};
use crate::monitor::{Sample, look_at_process};
use crate::process::Process;
use crate::rng::Rng;
use crate::scenario::Control;

/// How much each workload does.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    /// Connections of W1 to W4, each a user.
    pub lines: usize,
    /// Seconds of each timed workload.
    pub seconds: f64,
    /// Users of W6 and W7.
    pub burst_users: usize,
    /// Sockets of W5.
    pub idle: usize,
    /// Kills of W4.
    pub kills: u32,
    /// Seconds from one kill to the next, at least: whoever is still coming back is not killed again.
    pub kill_every: f64,
    /// How long the last ends may take.
    pub patience: Duration,
}

impl Default for Size {
    fn default() -> Self {
        Self {
            lines: 32,
            seconds: 10.0,
            burst_users: 50,
            idle: 500,
            kills: 2,
            kill_every: 10.0,
            patience: Duration::from_secs(30),
        }
    }
}

/// The body of every message: about 200 bytes that the analysis can read, so that nobody has it easier.
const BODY: &str = "We send 120000 requests a day to gpt-4o, with 1800 input tokens and 250 output tokens each. \
                    Half of them could wait until the night, and about 70 % of the prompt never changes. Cheaper?";
/// Messages of a round of W1: what a client of ours may have without their end on one connection, less a few.
const ROUND: usize = 90;
/// Messages that each line of W2 keeps on the way.
const WINDOW: usize = 16;
/// Conversations of a line in W1 and W2.
const CONVERSATIONS: usize = 8;
/// Messages of each line in W3.
const COPIED: usize = 50;
/// Messages a second of each line in W4, at most: nobody gets more than half of what it did in W2.
const KILLED_PER_S: f64 = 20.0;
/// The burst of W6.
const BURST: (usize, f64) = (50, 2.5);
/// One user in so many has a slow reader in W7, and sends so many times as much.
const SLOW_ONE_IN: usize = 20;
/// How much more that user sends.
const SLOW_TIMES: usize = 10;
/// How long the sockets of W5 are watched.
const WATCHED: Duration = Duration::from_secs(2);
/// Time for each connection of W6 and W7 before the burst begins.
const CONNECTING: Duration = Duration::from_millis(4);
/// Dials at a time in W5.
const DIALS: usize = 32;

/// A peer that runs.
struct Stand<'a> {
    peer: &'a dyn Peer,
    place: Place,
    size: Size,
    processes: Vec<Arc<Process>>,
    salt: AtomicU64,
}

/// Runs workloads against one peer, each on a fresh start with fresh data, and adds what they gave to `outcome`: whoever
/// stops waiting keeps what is done. One that cannot be run says why, and the others go on.
pub async fn drive(
    peer: &dyn Peer,
    place: &Place,
    size: Size,
    workloads: &[Workload],
    outcome: &mut Outcome,
    tell: impl Fn(&str),
) {
    let name = outcome.card.name.clone();
    let mut rate = None;
    for workload in workloads.iter().copied() {
        tell(&format!("{name}: {}", workload.name()));
        let figures = match peer.cannot(workload) {
            Some(why) => Err(why.to_string()),
            None => one(peer, place, size, workload, rate).await,
        };
        match &figures {
            Ok(figures) if workload == Workload::Pipeline => rate = Some(figures.done_per_s),
            Err(why) if peer.cannot(workload).is_none() => tell(&format!("{name}: {why}")),
            _ => {}
        }
        outcome.workloads.push((workload, figures));
    }
}

async fn one(
    peer: &dyn Peer,
    place: &Place,
    size: Size,
    workload: Workload,
    rate: Option<f64>,
) -> Result<Figures, String> {
    let folder = place.data.join(workload.name().replace(' ', "-").to_lowercase());
    // What an earlier run left is not fresh data.
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).map_err(|error| format!("{} cannot be made: {error}", folder.display()))?;
    let stand = Stand::start(peer, Place { data: folder, ..place.clone() }, size).await?;
    let figures = match workload {
        Workload::Accept => stand.rounds().await,
        Workload::Pipeline => stand.saturate().await,
        Workload::HalfLoad => match rate {
            Some(rate) => stand.steady(rate / 2.0).await,
            None => Err("half of what is not known, because W2 gave no figure".into()),
        },
        Workload::Duplicates => stand.duplicates().await,
        Workload::Kills => stand.kills(rate).await,
        Workload::Idle => stand.idle().await,
        Workload::Burst => stand.burst(false).await,
        Workload::SlowReader => stand.burst(true).await,
    };
    stand.stop().await;
    figures
}

impl<'a> Stand<'a> {
    async fn start(peer: &'a dyn Peer, place: Place, size: Size) -> Result<Self, String> {
        let mut processes = Vec::new();
        for start in peer.programs(&place) {
            let process = Process::start_with(start.program, &start.address, start.path).await?;
            processes.push(Arc::new(process));
        }
        peer.prepare(&place).await?;
        Ok(Self { peer, place, size, processes, salt: AtomicU64::new(1) })
    }

    async fn stop(self) {
        for process in self.processes.iter().rev() {
            let _ = process.kill().await;
        }
    }

    /// Resident memory in bytes and processor time in seconds of all programs.
    fn cost(&self) -> (f64, f64) {
        self.processes.iter().fold((0.0, 0.0), |(memory, cpu), process| {
            let mut sample = Sample::default();
            look_at_process(process.pid().load(Relaxed), &mut sample);
            (memory + sample.memory_bytes.unwrap_or(0.0), cpu + sample.cpu_s.unwrap_or(0.0))
        })
    }

    fn parcels(&self, count: usize, conversations: usize) -> Vec<Parcel> {
        let mut rng = Rng::new(self.salt.fetch_add(1, Relaxed)).fork(u64::from(self.place.port));
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default().as_millis();
        let rooms: Vec<_> = (0..conversations).map(|_| rng.uuid()).collect();
        let body: Arc<str> = BODY.into();
        let parcel = |n: usize| Parcel {
            id: shared::message::id_at(now as u64, rng.id_bytes()),
            conversation: rooms[n % conversations],
            body: body.clone(),
        };
        (0..count).map(parcel).collect()
    }

    /// Messages all meant for one moment.
    fn at_once(&self, start: Instant, count: usize, conversations: usize) -> Vec<(Instant, Parcel)> {
        self.parcels(count, conversations).into_iter().map(|parcel| (start, parcel)).collect()
    }

    fn task(&self, user: usize, plan: Vec<(Instant, Parcel)>) -> Task {
        let until = Instant::now() + Duration::from_hours(1);
        let (user, patience) = (format!("user-{user}"), self.size.patience);
        Task { user, plan, window: usize::MAX, until, copies: 1, cut_every: None, patience }
    }

    async fn follow(&self, tasks: Vec<Task>) -> Result<Vec<Seen>, String> {
        try_join_all(tasks.into_iter().map(|task| follow(self.peer, &self.place, task))).await
    }

    fn figures(&self, seen: &[Seen], start: Instant) -> Figures {
        figures(seen, start, self.peer.shows_order())
    }

    /// Runs tasks, and tells what they cost the server.
    async fn measured(&self, tasks: Vec<Task>, start: Instant) -> Result<Figures, String> {
        let before = self.cost();
        let seen = self.follow(tasks).await?;
        let after = self.cost();
        let mut figures = self.figures(&seen, start);
        figures.memory_bytes = Some(after.0 - before.0);
        figures.cpu_us = Some((after.1 - before.1) * 1e6 / figures.messages.max(1) as f64);
        Ok(figures)
    }

    /// W1: every line sends a round at once, again and again.
    async fn rounds(&self) -> Result<Figures, String> {
        let end = Instant::now() + Duration::from_secs_f64(self.size.seconds);
        let (mut all, mut accepted, mut accepting_s) = (Vec::new(), 0.0, 0.0);
        let begin = Instant::now();
        while accepted == 0.0 || Instant::now() < end {
            // Until then everybody is connected.
            let start = Instant::now() + Duration::from_millis(200);
            let tasks = (0..self.size.lines).map(|n| self.task(n, self.at_once(start, ROUND, CONVERSATIONS)));
            let seen = self.follow(tasks.collect()).await?;
            let round = self.figures(&seen, start);
            if round.accept.count == 0 {
                return Err("nothing was accepted".into());
            }
            accepted += round.accept.count as f64;
            accepting_s += round.accept.count as f64 / round.accepted_per_s;
            all.extend(seen);
        }
        Ok(Figures { accepted_per_s: accepted / accepting_s, ..self.figures(&all, begin) })
    }

    /// W2: as much as it takes, every line keeps its window full.
    async fn saturate(&self) -> Result<Figures, String> {
        let start = Instant::now();
        let until = start + Duration::from_secs_f64(self.size.seconds);
        let most = (self.size.seconds * 4_000.0) as usize;
        let tasks = (0..self.size.lines).map(|user| {
            let task = self.task(user, self.at_once(start, most, CONVERSATIONS));
            // All of them are meant for the start, but what is begun last is begun at the end.
            let patience = self.size.patience + Duration::from_secs_f64(self.size.seconds);
            Task { window: WINDOW, until, patience, ..task }
        });
        self.measured(tasks.collect(), start).await
    }

    async fn steady(&self, rate: f64) -> Result<Figures, String> {
        let start = Instant::now() + Duration::from_millis(200);
        let mut rng = Rng::new(9);
        let length = Duration::from_secs_f64(self.size.seconds);
        let tasks = (0..self.size.lines).map(|user| {
            let times = crate::pace::poisson(&mut rng, (rate / self.size.lines as f64).max(0.1), 0, length);
            let parcels = self.parcels(times.len(), CONVERSATIONS);
            self.task(user, times.into_iter().map(|us| start + Duration::from_micros(us)).zip(parcels).collect())
        });
        self.measured(tasks.collect(), start).await
    }

    async fn duplicates(&self) -> Result<Figures, String> {
        let start = Instant::now();
        let tasks = (0..self.size.lines).map(|user| Task {
            copies: 3,
            cut_every: Some(Duration::from_millis(400)),
            window: 10,
            ..self.task(user, self.at_once(start, COPIED, 2))
        });
        self.measured(tasks.collect(), start).await
    }

    async fn kills(&self, full: Option<f64>) -> Result<Figures, String> {
        let half = full.map_or(KILLED_PER_S, |full| full / 2.0 / self.size.lines as f64);
        let per_line = KILLED_PER_S.min(half).max(1.0);
        let start = Instant::now();
        let seconds = self.size.seconds.max(self.size.kill_every * f64::from(self.size.kills + 1));
        let length = Duration::from_secs_f64(seconds);
        let tasks = (0..self.size.lines).map(|user| {
            let count = (seconds * per_line).ceil() as usize;
            let plan = self.parcels(count, 2).into_iter().enumerate();
            let plan = plan.map(|(n, parcel)| (start + length.mul_f64(n as f64 / count as f64), parcel)).collect();
            Task { cut_every: Some(Duration::from_secs(5)), ..self.task(user, plan) }
        });
        let killing = async {
            for _ in 0..self.size.kills {
                tokio::time::sleep(length / (self.size.kills + 1)).await;
                for process in &self.processes {
                    process.kill().await?;
                }
                for process in &self.processes {
                    process.revive().await?;
                }
            }
            Ok::<_, String>(())
        };
        let (seen, killed) = tokio::join!(self.follow(tasks.collect()), killing);
        killed?;
        Ok(self.figures(&seen?, start))
    }

    async fn idle(&self) -> Result<Figures, String> {
        use futures::{StreamExt, TryStreamExt};
        let before = self.cost();
        let users: Vec<_> = (0..self.size.idle).map(|n| format!("idle-{n}")).collect();
        let dials = users.iter().map(|user| self.peer.line(&self.place, user, false));
        let lines: Vec<_> = futures::stream::iter(dials).buffer_unordered(DIALS).try_collect().await?;
        tokio::time::sleep(WATCHED / 2).await;
        let open = self.cost();
        tokio::time::sleep(WATCHED).await;
        let after = self.cost();
        let count = lines.len() as f64;
        Ok(Figures {
            messages: lines.len() as u64,
            memory_bytes: Some((after.0 - before.0) / count),
            cpu_us: Some((after.1 - open.1) * 1e6 / count / WATCHED.as_secs_f64()),
            ..Figures::default()
        })
    }

    /// W6, and W7 with slow readers; the figures of W7 are everybody else's.
    async fn burst(&self, slow: bool) -> Result<Figures, String> {
        // Until then everybody is connected.
        let start = Instant::now() + Duration::from_millis(500) + CONNECTING * self.size.burst_users as u32;
        let patience = self.size.patience.max(Duration::from_millis(200) * self.size.burst_users as u32);
        let (mut tasks, mut heavy, mut dawdlers) = (Vec::new(), Vec::new(), Vec::new());
        for user in 0..self.size.burst_users {
            let laggard = slow && user % SLOW_ONE_IN == 0;
            let count = if laggard { BURST.0 * SLOW_TIMES } else { BURST.0 };
            let times = (0..count).map(|n| start + Duration::from_secs_f64(BURST.1 * n as f64 / count as f64));
            let task = Task { patience, ..self.task(user, times.zip(self.parcels(count, 1)).collect()) };
            if laggard {
                let end = start + Duration::from_secs_f64(BURST.1 * 2.0);
                dawdlers.push((task.user.clone(), end));
                // Its window is what one connection of ours may have on the way; everybody gets the same.
                heavy.push(Task { window: ROUND, ..task });
            } else {
                tasks.push(task);
            }
        }
        let dawdling = dawdlers.iter().map(|(user, end)| dawdle(self.peer, &self.place, user, *end));
        let (figures, _, heavy) = tokio::join!(self.measured(tasks, start), join_all(dawdling), self.follow(heavy));
        // The heavy ones cost processor too, so a share of a message is nobody's figure.
        let cpu_us = figures.as_ref().ok().and_then(|f| f.cpu_us).filter(|_| !slow);
        heavy?;
        Ok(Figures { cpu_us, ..figures? })
    }
}
