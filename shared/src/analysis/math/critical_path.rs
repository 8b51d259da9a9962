//! The longest chain of calls that wait for each other: what a request takes when everything else runs beside it.

/// One call: how long it takes, and the calls whose answers it needs, by their place in the list.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// Milliseconds.
    pub ms: f64,
    /// The calls before it.
    pub after: Vec<usize>,
}

/// The time of the whole: each call begins when the last of those it needs has ended. `None` if a call needs itself,
/// directly or not, or one that is not there.
pub fn critical_path(calls: &[Call]) -> Option<f64> {
    let mut missing: Vec<usize> = calls.iter().map(|call| call.after.len()).collect();
    let mut begins = vec![0.0_f64; calls.len()];
    let mut ready: Vec<usize> = (0..calls.len()).filter(|i| missing[*i] == 0).collect();
    let mut needed_by = vec![Vec::new(); calls.len()];
    for (i, call) in calls.iter().enumerate() {
        for before in &call.after {
            needed_by.get_mut(*before)?.push(i);
        }
    }
    let (mut done, mut end) = (0, 0.0_f64);
    while let Some(i) = ready.pop() {
        done += 1;
        let ends = begins[i] + calls[i].ms;
        end = end.max(ends);
        for next in &needed_by[i] {
            begins[*next] = begins[*next].max(ends);
            missing[*next] -= 1;
            if missing[*next] == 0 {
                ready.push(*next);
            }
        }
    }
    (done == calls.len()).then_some(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(ms: f64, after: &[usize]) -> Call {
        Call { ms, after: after.to_vec() }
    }

    #[test]
    fn branches_take_as_long_as_the_longest() {
        // A plan, three searches beside each other, one answer.
        let calls =
            [call(400.0, &[]), call(900.0, &[0]), call(1_500.0, &[0]), call(300.0, &[0]), call(800.0, &[1, 2, 3])];
        assert_eq!(critical_path(&calls), Some(2_700.0));
        assert_eq!(critical_path(&[]), Some(0.0));
    }

    #[test]
    fn a_chain_is_a_sum() {
        assert_eq!(critical_path(&[call(1.0, &[]), call(2.0, &[0]), call(3.0, &[1])]), Some(6.0));
    }

    #[test]
    fn a_circle_has_no_path() {
        assert_eq!(critical_path(&[call(1.0, &[1]), call(1.0, &[0])]), None);
        assert_eq!(critical_path(&[call(1.0, &[0])]), None);
        assert_eq!(critical_path(&[call(1.0, &[7])]), None);
    }
}
