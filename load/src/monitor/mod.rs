//! What a run costs the server: memory, threads, descriptors, CPU time, and the gauges that it shows itself.

mod alarm;
mod slope;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde::Serialize;
use tokio_util::sync::{CancellationToken, DropGuard};

pub use slope::{Slope, theil_sen};

use crate::clock::Clock;
use crate::history::{Counters, Micros};
use crate::http::Http;
use crate::live::Live;

/// One look at the server.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Sample {
    /// When.
    pub at_us: Micros,
    /// Resident memory in bytes.
    pub memory_bytes: Option<f64>,
    /// Threads.
    pub threads: Option<f64>,
    /// Open file descriptors.
    pub descriptors: Option<f64>,
    /// CPU time used so far, in seconds.
    pub cpu_s: Option<f64>,
    /// Accepted and unfinished messages.
    pub pending: Option<f64>,
    /// Sessions.
    pub sessions: Option<f64>,
    /// Sockets.
    pub connections: Option<f64>,
}

/// Where to look.
#[derive(Clone)]
pub struct Probe {
    /// The server's metrics.
    pub http: Http,
    /// Its operator's token, if they are shown to nobody else.
    pub token: Option<Arc<str>>,
    /// Its process, if it runs on this machine; 0 if not, or while it is down.
    pub pid: Arc<AtomicU32>,
}

impl Probe {
    /// Looks once.
    pub async fn look(&self, clock: Clock) -> Sample {
        let mut sample = Sample { at_us: clock.now(), ..Sample::default() };
        if let Ok(Some(text)) = self.http.metrics(self.token.as_deref()).await {
            let gauges = parse(&text);
            let gauge = |name: &str| gauges.get(name).copied();
            sample.memory_bytes = gauge("rapid_mock_volatile_bytes").or(gauge("process_resident_memory_bytes"));
            sample.threads = gauge("process_threads");
            sample.descriptors = gauge("process_open_fds");
            sample.pending = gauge("exemplar_pending_messages");
            sample.sessions = gauge("exemplar_sessions");
            sample.connections = gauge("exemplar_connections");
        }
        let pid = self.pid.load(Relaxed);
        if pid != 0 {
            look_at_process(pid, &mut sample);
        }
        sample
    }

    /// The server's counters, if it shows them.
    pub async fn counters(&self) -> Option<Counters> {
        let gauges = parse(&self.http.metrics(self.token.as_deref()).await.ok()??);
        let status = |s: &str| gauges.get(&format!("exemplar_messages_total{{status=\"{s}\"}}")).copied();
        // A counter that has never counted may be absent; all of them absent means that there are none.
        gauges.keys().any(|name| name.starts_with("exemplar_")).then(|| Counters {
            completed: status("completed").unwrap_or(0.0),
            failed: status("failed").unwrap_or(0.0),
            cancelled: status("cancelled").unwrap_or(0.0),
            duplicates: gauges.get("exemplar_duplicates_total").copied().unwrap_or(0.0),
        })
    }

    /// Looks again and again until the watch is dropped or ended, and tells `live` what grows.
    pub fn watch(&self, clock: Clock, every: Duration, live: Arc<Live>) -> Watch {
        let samples = Arc::new(Mutex::new(Vec::new()));
        let stop = CancellationToken::new();
        let (probe, kept, stopped) = (self.clone(), samples.clone(), stop.clone());
        tokio::spawn(stopped.run_until_cancelled_owned(async move {
            let mut alarm = alarm::Alarm::default();
            loop {
                let sample = probe.look(clock).await;
                alarm.heed(&sample).into_iter().for_each(|alert| live.alert(alert));
                kept.lock().unwrap_or_else(PoisonError::into_inner).push(sample);
                tokio::time::sleep(every).await;
            }
        }));
        Watch { samples, _stop: stop.drop_guard() }
    }
}

/// A watch that goes on until it is dropped.
pub struct Watch {
    samples: Arc<Mutex<Vec<Sample>>>,
    _stop: DropGuard,
}

impl Watch {
    /// What was seen so far.
    pub fn samples(&self) -> Vec<Sample> {
        self.samples.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// The growth of memory over samples, without the first third, in which a process warms up. Its lower end is what both
/// halves of the rest show too: an allocator or a table grows in steps, and a trend sees a slope in a single one; a leak
/// goes on. What grows in large steps is for the bound of `memory_growth_bytes`.
pub fn memory_slope(samples: &[Sample]) -> Option<Slope> {
    let points: Vec<_> = samples.iter().filter_map(|s| Some((s.at_us as f64 / 1e6, s.memory_bytes?))).collect();
    let rest = &points[points.len() / 3..];
    let slope = theil_sen(rest)?;
    let (first, second) = rest.split_at(rest.len() / 2);
    let halves = [first, second].into_iter().filter_map(theil_sen);
    Some(Slope { low: halves.fold(slope.low, |low, half| low.min(half.low)), ..slope })
}

/// Prometheus text as name (with labels as written) and value.
fn parse(text: &str) -> BTreeMap<String, f64> {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    let samples = lines.filter_map(|line| {
        // A label may hold spaces; a value does not, and an optional timestamp is not used by servers of ours.
        let (name, value) = line.rsplit_once(char::is_whitespace)?;
        Some((name.trim().to_string(), value.parse().ok()?))
    });
    samples.collect()
}

/// Reads `/proc` of a process of this machine; on systems without it nothing is known.
pub(crate) fn look_at_process(pid: u32, sample: &mut Sample) {
    let Ok(status) = std::fs::read_to_string(format!("/proc/{pid}/status")) else { return };
    let field = |name: &str| {
        let line = status.lines().find(|line| line.starts_with(name))?;
        line.split_whitespace().nth(1)?.parse::<f64>().ok()
    };
    sample.memory_bytes = field("VmRSS:").map(|kb| kb * 1024.0);
    sample.threads = field("Threads:");
    if let Ok(descriptors) = std::fs::read_dir(format!("/proc/{pid}/fd")) {
        sample.descriptors = Some(descriptors.count() as f64);
    }
    if let Ok(stat) = std::fs::read_to_string(format!("/proc/{pid}/stat")) {
        // Fields 14 and 15 (proc(5)), counted after the name, which may hold spaces; ticks of 1/100 s on Linux.
        let after = stat.rsplit_once(") ").map_or("", |(_, after)| after);
        let ticks: Vec<f64> = after.split_whitespace().skip(11).take(2).filter_map(|t| t.parse().ok()).collect();
        sample.cpu_s = (ticks.len() == 2).then(|| (ticks[0] + ticks[1]) / 100.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prometheus_text_is_read() {
        let text = "# HELP a b\na 1\nexemplar_messages_total{status=\"completed\"} 12\nb{l=\"x y\"} 2.5\nbad\n";
        let gauges = parse(text);
        assert_eq!(gauges.len(), 3);
        let of = |name: &str| gauges.get(name).copied();
        assert_eq!(of("exemplar_messages_total{status=\"completed\"}"), Some(12.0));
        assert_eq!(of("b{l=\"x y\"}"), Some(2.5));
    }

    /// Noise of half a megabyte around the line that `bytes` draws over a minute.
    fn lower_end(bytes: impl Fn(f64) -> f64) -> f64 {
        let mut rng = crate::rng::Rng::new(3);
        let sample = |n: u32| {
            let at_s = f64::from(n) * 0.6;
            let memory_bytes = Some(bytes(at_s) + rng.unit() * 5e5);
            Sample { at_us: (at_s * 1e6) as u64, memory_bytes, ..Sample::default() }
        };
        memory_slope(&(0..100).map(sample).collect::<Vec<_>>()).unwrap().low
    }

    #[test]
    fn a_leak_goes_on_and_a_step_does_not() {
        let leak = lower_end(|at_s| 1e8 + 3e5 * at_s);
        assert!((2.5e5..3e5).contains(&leak), "{leak}");
        let steps = lower_end(|at_s| 1.3e8 + 6.5e6 * [38.0, 50.0].iter().filter(|step| at_s > **step).count() as f64);
        assert!(steps < 1e5, "{steps}");
    }

    #[test]
    fn this_process_can_be_looked_at() {
        let mut sample = Sample::default();
        look_at_process(std::process::id(), &mut sample);
        if std::path::Path::new("/proc/self/status").exists() {
            assert!(sample.memory_bytes.unwrap() > 1e5 && sample.threads.unwrap() >= 1.0);
            assert!(sample.descriptors.unwrap() >= 3.0 && sample.cpu_s.is_some());
        }
    }
}
