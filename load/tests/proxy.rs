//! The fault proxy does to connections what it says, the same for the same seed, and nothing once it is calm.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::sync::Arc;
use std::time::Duration;

use load::net::{Stream, Target};
use load::proxy::{Fault, Proxy, Weather};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::Instant;

/// A server that says back what it hears.
fn echo() -> Target {
    let (target, mut connections) = Target::memory();
    tokio::spawn(async move {
        while let Some(stream) = connections.recv().await {
            tokio::spawn(async move {
                let (mut read, mut write) = tokio::io::split(stream);
                let _ = tokio::io::copy(&mut read, &mut write).await;
            });
        }
    });
    target
}

async fn through(weather: Weather, seed: u64) -> (Stream, Arc<Proxy>) {
    let proxy = Proxy::new(weather, seed);
    (echo().through(proxy.clone()).dial(None).await.unwrap(), proxy)
}

/// Milliseconds until the connection ends, and the bytes that came back, sending one every millisecond.
async fn life(weather: Weather, seed: u64) -> (u128, usize) {
    let (stream, _proxy) = through(weather, seed).await;
    let (mut read, mut write) = tokio::io::split(stream);
    let start = Instant::now();
    let writing = async {
        loop {
            if write.write_all(b"x").await.is_err() {
                std::future::pending::<()>().await;
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    let reading = async {
        let (mut bytes, mut buffer) = (0, [0; 1_024]);
        loop {
            match read.read(&mut buffer).await {
                Ok(n) if n > 0 => bytes += n,
                _ => return bytes,
            }
        }
    };
    let bytes = tokio::select! {
        () = writing => unreachable!("writing goes on"),
        bytes = tokio::time::timeout(Duration::from_mins(1), reading) => bytes.unwrap_or(usize::MAX),
    };
    (start.elapsed().as_millis(), bytes)
}

fn faulty(fault: Fault) -> Weather {
    Weather { faults: vec![fault], fault_every: Duration::from_millis(500), ..Weather::default() }
}

#[tokio::test(start_paused = true)]
async fn the_same_seed_has_the_same_fate() {
    let lives =
        [life(faulty(Fault::Cut), 5).await, life(faulty(Fault::Cut), 5).await, life(faulty(Fault::Cut), 6).await];
    assert_eq!(lives[0], lives[1]);
    assert_ne!(lives[0], lives[2]);
    assert!(lives[0].0 < 10_000 && lives[0].1 > 0, "{lives:?}");
}

#[tokio::test(start_paused = true)]
async fn resets_and_truncations_end_a_connection_and_half_open_does_not() {
    for fault in [Fault::Reset, Fault::Truncate] {
        assert!(life(faulty(fault), 3).await.0 < 10_000, "{fault:?}");
    }
    assert_eq!(life(faulty(Fault::HalfOpen), 3).await.1, usize::MAX, "nobody was told");
}

#[tokio::test(start_paused = true)]
async fn latency_is_added_in_both_directions_and_order_is_kept() {
    let latency = Duration::from_millis(50);
    let weather = Weather { latency, jitter: Duration::from_millis(20), ..Weather::default() };
    let (mut stream, _proxy) = through(weather, 1).await;
    let start = Instant::now();
    for n in 0..50_u8 {
        stream.write_all(&[n]).await.unwrap();
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    let mut echoed = vec![0; 50];
    stream.read_exact(&mut echoed).await.unwrap();
    assert!(echoed.iter().copied().eq(0..50), "{echoed:?}");
    let took = start.elapsed().as_millis();
    assert!((100..=200).contains(&took), "{took} ms");
}

#[tokio::test(start_paused = true)]
async fn bandwidth_is_capped() {
    let (mut stream, _proxy) = through(Weather { bandwidth: Some(10_000), ..Weather::default() }, 1).await;
    let start = Instant::now();
    stream.write_all(&vec![7; 20_000]).await.unwrap();
    let mut echoed = vec![0; 20_000];
    stream.read_exact(&mut echoed).await.unwrap();
    let seconds = start.elapsed().as_secs_f64();
    assert!((1.9..4.5).contains(&seconds), "{seconds} s for 20 KB at 10 KB/s in both directions at once");
}

#[tokio::test(start_paused = true)]
async fn a_slow_reader_loses_nothing() {
    let (mut stream, proxy) = through(faulty(Fault::SlowRead), 2).await;
    let mut sent = Vec::new();
    for n in 0..3_000_u32 {
        sent.extend_from_slice(&n.to_le_bytes());
    }
    for chunk in sent.chunks(100) {
        stream.write_all(chunk).await.unwrap();
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let mut echoed = vec![0; sent.len()];
    stream.read_exact(&mut echoed).await.unwrap();
    assert_eq!(echoed, sent);
    assert_eq!(proxy.faults(), 1);
}

/// What comes before the end of a connection is the beginning of what was sent: TCP leaves nothing out.
#[tokio::test(start_paused = true)]
async fn a_truncated_connection_has_no_hole() {
    for seed in 0..20 {
        let latency = Duration::from_millis(50);
        let weather = Weather { latency, fault_every: Duration::from_millis(200), ..faulty(Fault::Truncate) };
        let (stream, _proxy) = through(weather, seed).await;
        let (mut read, mut write) = tokio::io::split(stream);
        let writing = tokio::spawn(async move {
            for n in 0_u32.. {
                if write.write_all(&n.to_le_bytes()).await.is_err() {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        });
        let mut got = Vec::new();
        let _ = read.read_to_end(&mut got).await;
        writing.abort();
        let sent = (0_u32..).flat_map(u32::to_le_bytes).take(got.len());
        assert!(got.iter().copied().eq(sent), "seed {seed}: {} bytes", got.len());
    }
}

#[tokio::test(start_paused = true)]
async fn a_calm_proxy_harms_nobody() {
    let proxy = Proxy::new(faulty(Fault::Cut), 1);
    let target = echo().through(proxy.clone());
    proxy.calm();
    let mut stream = target.dial(None).await.unwrap();
    for _ in 0..100 {
        stream.write_all(b"still here").await.unwrap();
        let mut echoed = [0; 10];
        stream.read_exact(&mut echoed).await.unwrap();
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(proxy.faults(), 0);
}

/// What a slow line still brings of a server that has gone must not make its client send on as if somebody took it.
#[tokio::test(start_paused = true)]
async fn whoever_sends_to_a_server_that_has_gone_is_told_though_the_line_is_slow() {
    let (target, mut connections) = Target::memory();
    tokio::spawn(async move {
        let mut server = connections.recv().await.unwrap();
        server.write_all(&vec![7; 32 * 1_024]).await.unwrap();
    });
    let proxy = Proxy::new(Weather { bandwidth: Some(1_024), ..Weather::default() }, 1);
    let mut stream = target.through(proxy).dial(None).await.unwrap();
    let start = Instant::now();
    let told = async {
        while stream.write_all(b"is anybody there?").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), told).await.unwrap();
    assert!(start.elapsed() < Duration::from_secs(2), "told after {:?}", start.elapsed());
}
