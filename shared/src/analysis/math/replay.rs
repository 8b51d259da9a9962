//! First come, first served at several servers, request by request: what a formula cannot see in bursty traffic.

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;

/// A moment that can be put in order.
#[derive(Clone, Copy, PartialEq)]
struct Moment(f64);
impl Eq for Moment {}
impl PartialOrd for Moment {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Moment {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.total_cmp(&other.0)
    }
}

/// One request of a log.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Arrival {
    /// When it came, in seconds from any fixed moment.
    pub at_s: f64,
    /// How long its service takes, in seconds.
    pub service_s: f64,
}

/// The seconds that each request waits at `servers` servers. `None` without servers, or if the requests are not in the
/// order of their arrival or hold a number that is not finite or a negative service.
pub fn waits(requests: &[Arrival], servers: usize) -> Option<Vec<f64>> {
    let finite = |r: &Arrival| r.at_s.is_finite() && r.service_s.is_finite() && r.service_s >= 0.0;
    let in_order = requests.windows(2).all(|pair| pair[0].at_s <= pair[1].at_s);
    if servers == 0 || !in_order || !requests.iter().all(finite) {
        return None;
    }
    let mut busy_until = BinaryHeap::with_capacity(servers.min(requests.len()));
    let wait = |request: &Arrival| {
        let mut start = request.at_s;
        if busy_until.len() == servers
            && let Some(Reverse(Moment(free))) = busy_until.pop()
        {
            start = start.max(free);
        }
        busy_until.push(Reverse(Moment(start + request.service_s)));
        start - request.at_s
    };
    Some(requests.iter().map(wait).collect())
}

/// The fewest servers at which at most `late_share` of the requests wait longer than `within_s`. `None` for an empty
/// log or one that [`waits`] refuses.
pub fn fewest_servers(requests: &[Arrival], late_share: f64, within_s: f64) -> Option<usize> {
    let met = |servers| {
        let waits = waits(requests, servers)?;
        let late = waits.iter().filter(|wait| **wait > within_s).count();
        Some(late as f64 <= late_share * requests.len() as f64)
    };
    if requests.is_empty() || within_s.is_nan() || within_s < 0.0 || late_share.is_nan() || late_share < 0.0 {
        return None;
    }
    // With a server for each request nobody waits, and a further server never makes anyone wait longer.
    let (mut low, mut high) = (1, requests.len());
    while low < high {
        let middle = usize::midpoint(low, high);
        if met(middle)? { high = middle } else { low = middle + 1 }
    }
    met(low)?.then_some(low)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::math::queueing::Erlang;
    use crate::analysis::math::random::Random;
    use proptest::prelude::*;

    fn arrival(at_s: f64, service_s: f64) -> Arrival {
        Arrival { at_s, service_s }
    }

    #[test]
    fn a_third_request_waits_for_the_first_free_server() {
        let requests = [arrival(0.0, 10.0), arrival(1.0, 2.0), arrival(2.0, 5.0), arrival(2.0, 1.0)];
        assert_eq!(waits(&requests, 2), Some(vec![0.0, 0.0, 1.0, 6.0]));
        assert_eq!(waits(&requests, 4), Some(vec![0.0; 4]));
        assert_eq!(waits(&requests, 0), None);
        assert_eq!(waits(&[arrival(1.0, 1.0), arrival(0.0, 1.0)], 1), None);
        assert_eq!(waits(&[arrival(0.0, f64::NAN)], 1), None);
    }

    #[test]
    fn fewest_servers_of_a_burst() {
        let burst: Vec<_> = (0..10).map(|_| arrival(0.0, 1.0)).collect();
        assert_eq!(fewest_servers(&burst, 0.0, 0.0), Some(10));
        assert_eq!(fewest_servers(&burst, 0.5, 0.0), Some(5));
        assert_eq!(fewest_servers(&burst, 0.0, 1.0), Some(5));
        assert_eq!(fewest_servers(&[], 0.05, 1.0), None);
    }

    #[test]
    fn poisson_arrivals_and_exponential_service_wait_as_erlang_c_says() {
        let mut random = Random::new(5);
        let mut now = 0.0;
        let requests: Vec<_> = (0..400_000)
            .map(|_| {
                now -= random.unit().ln();
                arrival(now, -8.0 * random.unit().ln())
            })
            .collect();
        let waits = waits(&requests, 10).unwrap();
        let erlang = Erlang::new(8.0, 10).unwrap();
        let waiting = waits.iter().filter(|wait| **wait > 0.0).count() as f64 / waits.len() as f64;
        let mean = waits.iter().sum::<f64>() / waits.len() as f64;
        assert!((waiting / erlang.wait_probability().unwrap() - 1.0).abs() < 0.03, "{waiting}");
        assert!((mean / (8.0 * erlang.mean_wait().unwrap()) - 1.0).abs() < 0.06, "{mean}");
    }

    proptest! {
        #[test]
        fn one_more_server_never_makes_anyone_wait_longer(
            gaps in prop::collection::vec((0.0..3.0_f64, 0.0..9.0_f64), 1..60), servers in 1_usize..12,
        ) {
            let mut now = 0.0;
            let requests: Vec<_> = gaps.iter().map(|(gap, service)| { now += gap; arrival(now, *service) }).collect();
            let (few, many) = (waits(&requests, servers).unwrap(), waits(&requests, servers + 1).unwrap());
            for (few, many) in few.iter().zip(&many) {
                prop_assert!(*many <= *few + 1e-9 && *many >= 0.0);
            }
        }
    }
}
