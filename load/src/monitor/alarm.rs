//! What a person should hear while a run still goes on: that the server grows.

use super::Sample;

/// Growth since the first look that is worth a word.
struct Limit {
    what: &'static str,
    of: fn(&Sample) -> Option<f64>,
    /// As people say it.
    unit: &'static str,
    /// One of it.
    one: f64,
    most: f64,
}

const LIMITS: [Limit; 3] = [
    Limit { what: "memory", of: |s| s.memory_bytes, unit: "MB", one: 1e6, most: 200.0 },
    Limit { what: "threads", of: |s| s.threads, unit: "threads", one: 1.0, most: 64.0 },
    Limit {
        what: "descriptors beside sockets",
        // Sockets are descriptors too; what is beyond them should not grow.
        of: |s| Some(s.descriptors? - s.connections?),
        unit: "descriptors",
        one: 1.0,
        most: 500.0,
    },
];

/// Compares each look with the first.
#[derive(Debug, Default)]
pub(super) struct Alarm {
    first: Option<Sample>,
    told: Vec<&'static str>,
}

impl Alarm {
    /// What is to be told after this look, each thing once.
    pub(super) fn heed(&mut self, sample: &Sample) -> Vec<String> {
        let first = self.first.get_or_insert_with(|| sample.clone());
        let mut alerts = Vec::new();
        for Limit { what, of, unit, one, most } in LIMITS {
            let grown = of(sample).zip(of(first)).map_or(0.0, |(now, then)| now - then) / one;
            if grown > most && !self.told.contains(&what) {
                self.told.push(what);
                let at = sample.at_us as f64 / 1e6;
                alerts.push(format!("ALERT at {at:.1} s: {what} of the server grew by {grown:.0} {unit}."));
            }
        }
        alerts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn growth_is_told_once_and_at_its_time() {
        let look = |at_us, memory_bytes| Sample { at_us, memory_bytes: Some(memory_bytes), ..Sample::default() };
        let mut alarm = Alarm::default();
        assert!(alarm.heed(&look(0, 50e6)).is_empty());
        assert!(alarm.heed(&look(1_000_000, 249e6)).is_empty());
        assert_eq!(alarm.heed(&look(2_000_000, 251e6)), ["ALERT at 2.0 s: memory of the server grew by 201 MB."]);
        assert!(alarm.heed(&look(3_000_000, 900e6)).is_empty());
    }

    #[test]
    fn sockets_are_no_growth() {
        let look = |descriptors, connections| Sample {
            descriptors: Some(descriptors),
            connections: Some(connections),
            ..Sample::default()
        };
        let mut alarm = Alarm::default();
        assert!(alarm.heed(&look(20.0, 0.0)).is_empty());
        assert!(alarm.heed(&look(5_020.0, 5_000.0)).is_empty());
        assert_eq!(alarm.heed(&look(5_600.0, 5_000.0)).len(), 1);
    }
}
