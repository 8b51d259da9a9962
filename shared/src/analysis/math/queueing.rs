//! Waiting lines with several places: Erlang's formulas, Allen-Cunneen's correction, and how many places are enough.
//!
//! Erlang B is computed by its recursion, `B(n) = A B(n-1) / (n + A B(n-1))` (A. K. Erlang 1917; Jagerman 1974), held
//! as `1/B` so that a rare loss neither underflows nor cancels. The recursion forgets where it began: each step
//! shrinks a relative error by `1 - B(n) <= n/A`, so starting `8 √A` below the load from the fluid limit `1 - n/A`
//! leaves less than 1e-15. That takes of the order of `√A` steps instead of `A`.

use std::ops::RangeInclusive;

use crate::real;

/// Loads above this are staffed by the square-root rule, which is then closer than one place in ten thousand of `√A`.
pub const EXACT_LOAD_MAX: f64 = 1e8;

/// Erlang's loss formula for one load and a growing number of servers.
#[derive(Clone, Debug)]
pub struct Erlang {
    load: f64,
    servers: u64,
    /// `1/B`; infinite once a loss is too rare to write down.
    inverse_b: f64,
}

impl Erlang {
    /// The formula for `load` erlangs at `servers` servers; `None` if the load is negative or not a number.
    pub fn new(load: f64, servers: u64) -> Option<Self> {
        if !load.is_finite() || load < 0.0 {
            return None;
        }
        let top = (servers as f64).min(load.floor());
        // Far below the load each step shrinks the error by at least `top / load`.
        let steps = (8.0 * load.sqrt()).min(40.0 / real::ln(load / top));
        let near = top - steps;
        let mut erlang = if near >= 1.0 {
            Self { load, servers: near as u64, inverse_b: load / (load - near.floor()) }
        } else {
            Self { load, servers: 0, inverse_b: 1.0 }
        };
        erlang.advance_to(servers);
        Some(erlang)
    }

    /// The number of servers.
    pub fn servers(&self) -> u64 {
        self.servers
    }

    /// `value` at about `points` numbers of servers in a range, in one pass; the last is at or beyond the range's end.
    pub fn curve(
        load: f64,
        servers: RangeInclusive<u64>,
        points: u64,
        value: impl Fn(&Self) -> Option<f64>,
    ) -> Option<Vec<[f64; 2]>> {
        let (first, last) = (*servers.start(), *servers.end());
        let step = last.saturating_sub(first).div_ceil(points.max(1)).max(1);
        let mut erlang = Self::new(load, first)?;
        let mut curve = Vec::with_capacity(points as usize + 2);
        while erlang.servers() < last.saturating_add(step) {
            curve.push([erlang.servers() as f64, value(&erlang)?]);
            erlang.advance_to(erlang.servers() + step);
        }
        Some(curve)
    }

    /// Adds servers up to `servers`; does nothing if there are as many.
    pub fn advance_to(&mut self, servers: u64) {
        while self.servers < servers && self.inverse_b.is_finite() {
            self.servers += 1;
            self.inverse_b = 1.0 + self.servers as f64 / self.load * self.inverse_b;
        }
        self.servers = self.servers.max(servers);
    }

    /// Erlang B: the share of requests lost if none can wait.
    pub fn loss(&self) -> f64 {
        1.0 / self.inverse_b
    }

    /// Erlang C: the share of requests that wait, `B / (1 - ρ(1 - B))`; `None` in overload.
    pub fn wait_probability(&self) -> Option<f64> {
        let spare = self.spare()?;
        let servers = self.servers as f64;
        Some(servers / (self.load + spare * self.inverse_b))
    }

    /// The mean wait over all requests in units of the service time, `Pw / (c - A)`; `None` in overload.
    pub fn mean_wait(&self) -> Option<f64> {
        Some(self.wait_probability()? / self.spare()?)
    }

    /// The share of requests that start within `within` service times, `1 - Pw exp(-(c - A) t)`; `None` in overload.
    pub fn service_level(&self, within: f64) -> Option<f64> {
        Some(1.0 - self.late_share(within)?)
    }

    /// The share that starts later than `within` service times.
    fn late_share(&self, within: f64) -> Option<f64> {
        Some(self.wait_probability()? * real::exp(-self.spare()? * within.max(0.0)))
    }

    /// The servers beyond the load; `None` if there are none, and so no steady state.
    fn spare(&self) -> Option<f64> {
        let spare = self.servers as f64 - self.load;
        (spare > 0.0).then_some(spare)
    }
}

/// What a number of servers must achieve.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Goal {
    /// The most requests, as a share, that may start late.
    pub late_share: f64,
    /// How long a request may wait before it is late, in units of the service time; 0: not at all.
    pub within: f64,
}

/// The fewest servers that carry `load` erlangs and meet `goal` in an M/M/c queue. `None` if the load is not a number
/// or the goal cannot be met (no late request at all).
///
/// Up to [`EXACT_LOAD_MAX`] erlangs the exact count; above it by the square-root rule of Halfin and Whitt (Operations
/// Research 29(3), 1981): `c = A + β√A` with `Pw = 1 / (1 + β Φ(β) / φ(β))`.
pub fn fewest_servers(load: f64, goal: Goal) -> Option<f64> {
    if goal.late_share.is_nan() || goal.late_share <= 0.0 || goal.within.is_nan() {
        return None;
    }
    if load > EXACT_LOAD_MAX {
        return square_root_staffing(load, goal);
    }
    let mut erlang = Erlang::new(load, load as u64 + 1)?;
    // The loss falls faster than geometrically from here, so this ends after some multiple of √A steps.
    while erlang.late_share(goal.within)? > goal.late_share {
        erlang.advance_to(erlang.servers + 1);
    }
    Some(erlang.servers as f64)
}

fn square_root_staffing(load: f64, goal: Goal) -> Option<f64> {
    let root = load.sqrt();
    let late = |beta: f64| {
        let wait = 1.0 / (1.0 + beta * super::lognormal::normal_cdf(beta) / normal_density(beta));
        wait * real::exp(-beta * root * goal.within.max(0.0))
    };
    let (mut low, mut high) = (0.0, 30.0);
    for _ in 0..64 {
        let middle = f64::midpoint(low, high);
        if late(middle) > goal.late_share { low = middle } else { high = middle }
    }
    Some((load + high * root).ceil()).filter(|servers| servers.is_finite())
}

fn normal_density(z: f64) -> f64 {
    real::exp(-0.5 * z * z) / std::f64::consts::TAU.sqrt()
}

/// How much longer the wait of a G/G/c queue is than that of M/M/c, by the squared coefficients of variation of the
/// times between arrivals and of service: `(Ca² + Cs²) / 2` (Allen, *Probability, Statistics and Queueing Theory*,
/// 1990). With one server it is Kingman's bound in heavy traffic.
pub fn allen_cunneen(arrival_scv: f64, service_scv: f64) -> f64 {
    f64::midpoint(arrival_scv, service_scv)
}

/// Up to this squared coefficient of variation of arrivals the Allen-Cunneen correction is trusted; burstier traffic
/// is usually autocorrelated, which no formula of two moments sees, and needs a replay of the log.
pub const ARRIVAL_SCV_TRUSTED: f64 = 3.0;

/// Little's law: the mean number of requests in the system, `L = λ W` (J. D. C. Little, Operations Research 9(3), 1961).
/// Also the load in erlangs, if the time is that of service.
pub fn little(per_second: f64, ms: f64) -> f64 {
    per_second * (ms / 1000.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn loss(load: f64, servers: u64) -> f64 {
        Erlang::new(load, servers).unwrap().loss()
    }

    fn wait(load: f64, servers: u64) -> Option<f64> {
        Erlang::new(load, servers).unwrap().wait_probability()
    }

    /// The load at which `servers` lose `share` of the requests.
    fn load_at(servers: u64, share: f64) -> f64 {
        let (mut low, mut high) = (0.0, servers as f64 * 2.0);
        for _ in 0..80 {
            let middle = f64::midpoint(low, high);
            if loss(middle, servers) < share { low = middle } else { high = middle }
        }
        low
    }

    fn near(value: f64, expected: f64, within: f64) {
        assert!((value - expected).abs() <= within, "{value} is not {expected}");
    }

    #[test]
    fn erlang_b_published_values() {
        for (load, servers, published) in [(2.0, 5, 0.0367), (10.0, 14, 0.0568), (5.0, 10, 0.0184), (1.0, 1, 0.5)] {
            near(loss(load, servers), published, 5e-5);
        }
    }

    #[test]
    fn erlang_com_manual_15_lines_carry_8_108_erlangs_at_one_percent() {
        near(load_at(15, 0.01), 8.108, 5e-4);
    }

    #[test]
    fn erlang_b_table_at_one_percent() {
        for (servers, load) in [(10, 4.461), (20, 12.031), (50, 37.901), (100, 84.064)] {
            near(load_at(servers, 0.01), load, 5e-4);
        }
    }

    #[test]
    fn erlang_c_call_centre_360_calls_in_30_minutes_of_240_s_with_55_agents() {
        let load = little(360.0 / 1800.0, 240_000.0);
        near(load, 48.0, 1e-12);
        let centre = Erlang::new(load, 55).unwrap();
        near(centre.wait_probability().unwrap(), 0.2387, 5e-5);
        near(centre.mean_wait().unwrap() * 240.0, 8.184, 5e-4);
        near(centre.service_level(20.0 / 240.0).unwrap(), 0.8668, 5e-5);
        near(centre.service_level(15.0 / 240.0).unwrap(), 0.84588, 5e-6);
    }

    #[test]
    fn erlang_c_10_erlangs_12_servers() {
        near(wait(10.0, 12).unwrap(), 0.449_388, 5e-7);
        near(loss(10.0, 12), 0.119_739, 5e-7);
    }

    #[test]
    fn one_server_is_m_m_1() {
        for load in [0.1, 0.5, 0.9, 0.999] {
            let one = Erlang::new(load, 1).unwrap();
            near(one.wait_probability().unwrap(), load, 1e-15);
            near(one.mean_wait().unwrap() * (1.0 - load) / load, 1.0, 1e-12);
        }
    }

    #[test]
    fn overload_has_no_wait() {
        assert_eq!(wait(12.0, 12), None);
        assert_eq!(wait(13.0, 12), None);
        assert_eq!(Erlang::new(13.0, 12).unwrap().mean_wait(), None);
        assert!(Erlang::new(f64::NAN, 1).is_none());
    }

    #[test]
    fn allen_cunneen_is_one_for_poisson_arrivals_and_exponential_service() {
        near(allen_cunneen(1.0, 1.0), 1.0, 0.0);
        near(allen_cunneen(1.0, 0.0), 0.5, 0.0);
    }

    /// Computed with mpmath at 50 digits from `1/B = Σ N! / (N - k)! A^-k`.
    #[test]
    fn a_million_servers_as_exactly_as_one() {
        let published = [
            (100_000.0, 100_500, 0.071_516_933_701_096_64),
            (990_000.5, 1_000_000, 5.527_664_533_444_288_3e-24),
            (1_000_000.0, 1_001_500, 0.084_799_738_497_627_23),
            (9_990_000.0, 9_999_000, 0.002_434_568_452_316_809_2),
        ];
        for (load, servers, wait_probability) in published {
            let found = wait(load, servers).unwrap();
            assert!((found / wait_probability - 1.0).abs() < 2e-12, "{load} {servers}: {found}");
        }
    }

    #[test]
    fn staffing_needs_few_more_than_the_load() {
        let goal = Goal { late_share: 0.05, within: 0.0 };
        assert_eq!(fewest_servers(0.0, goal), Some(1.0));
        assert_eq!(fewest_servers(0.04, goal), Some(1.0));
        // Table of the call centre: 55 agents start 86.7 % within 20 s, 58 start 95 %.
        let within_20_s = Goal { late_share: 0.05, within: 20.0 / 240.0 };
        let needed = fewest_servers(48.0, within_20_s).unwrap();
        let at = |servers: f64| Erlang::new(48.0, servers as u64).unwrap().service_level(20.0 / 240.0).unwrap();
        assert!(at(needed) >= 0.95 && at(needed - 1.0) < 0.95, "{needed}");
        assert_eq!(fewest_servers(48.0, Goal { late_share: 0.0, within: 0.0 }), None);
        assert_eq!(fewest_servers(f64::INFINITY, goal), None);
    }

    #[test]
    fn the_square_root_rule_continues_the_exact_count() {
        let goal = Goal { late_share: 0.05, within: 0.0 };
        for load in [1e6, 1e7, EXACT_LOAD_MAX] {
            let (exact, rule) = (fewest_servers(load, goal).unwrap(), square_root_staffing(load, goal).unwrap());
            assert!((exact - rule).abs() <= 2.0, "{load}: {exact} {rule}");
        }
        assert!(fewest_servers(1e28, goal).unwrap() >= 1e28);
    }

    /// The recursion from the first server, as it is printed in textbooks.
    fn textbook_b(load: f64, servers: u64) -> f64 {
        (1..=servers).fold(1.0, |b, n| load * b / (n as f64 + load * b))
    }

    proptest! {
        #[test]
        fn agrees_with_the_textbook_recursion(load in 1e-3..20_000.0_f64, ratio in 0.5..1.5_f64) {
            let servers = (load * ratio) as u64;
            let (fast, plain) = (loss(load, servers), textbook_b(load, servers));
            prop_assert!((fast - plain).abs() <= 1e-12 * plain + 1e-300, "{fast} {plain}");
        }

        #[test]
        fn more_servers_never_wait_longer(load in 1e-3..5_000.0_f64, extra in 1_u64..50) {
            let first = load as u64 + 1;
            let (few, many) = (wait(load, first).unwrap(), wait(load, first + extra).unwrap());
            prop_assert!((0.0..=1.0).contains(&few) && many <= few);
        }

        #[test]
        fn the_fewest_servers_are_enough_and_one_less_is_not(
            load in 1e-3..50_000.0_f64, late_share in 1e-6..0.5_f64, within in 0.0..2.0_f64,
        ) {
            let goal = Goal { late_share, within };
            let servers = fewest_servers(load, goal).unwrap() as u64;
            let late = |servers| Erlang::new(load, servers).unwrap().late_share(within);
            prop_assert!(late(servers).unwrap() <= late_share);
            prop_assert!(late(servers - 1).is_none_or(|late| late > late_share));
        }

        #[test]
        fn any_numbers_give_a_number_or_nothing(load in any::<f64>(), servers in 0..10_000_000_u64) {
            if let Some(erlang) = (load < 1e9).then(|| Erlang::new(load, servers)).flatten() {
                prop_assert!((0.0..=1.0).contains(&erlang.loss()));
                for value in [erlang.wait_probability(), erlang.service_level(0.1)].into_iter().flatten() {
                    prop_assert!((0.0..=1.0).contains(&value), "{value}");
                }
                prop_assert!(erlang.mean_wait().is_none_or(f64::is_finite));
            }
        }
    }
}
