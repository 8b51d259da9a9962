//! Who is dominated by whom: cheaper and at least as good.

/// For each point (cost, quality), the index of a point that is no dearer and no worse, and better in one of the two;
/// `None` for points on the front. Of several, the cheapest one on the front is named. Points without a quality are
/// not compared.
pub(super) fn dominators(points: &[(f64, Option<f64>)]) -> Vec<Option<usize>> {
    let mut order: Vec<usize> =
        (0..points.len()).filter(|&i| points[i].1.is_some() && points[i].0.is_finite()).collect();
    // Cheapest first, the better one of two at the same price; then the front is what exceeds all before it.
    order.sort_by(|&a, &b| {
        points[a].0.total_cmp(&points[b].0).then(points[b].1.unwrap_or(0.0).total_cmp(&points[a].1.unwrap_or(0.0)))
    });
    let mut front: Vec<usize> = Vec::new();
    let mut dominated_by = vec![None; points.len()];
    for i in order {
        let quality = points[i].1.unwrap_or(f64::NEG_INFINITY);
        let as_good = |&&j: &&usize| points[j].1.is_some_and(|q| q >= quality) && points[j] != points[i];
        match front.iter().find(as_good) {
            Some(&better) => dominated_by[i] = Some(better),
            None => front.push(i),
        }
    }
    dominated_by
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_cheapest_better_point_is_named() {
        let points = [(10.0, Some(5.0)), (8.0, Some(6.0)), (6.0, Some(6.0)), (5.0, Some(4.0)), (7.0, None)];
        assert_eq!(dominators(&points), [Some(2), Some(2), None, None, None]);
    }

    #[test]
    fn equals_do_not_dominate_each_other() {
        assert_eq!(dominators(&[(1.0, Some(1.0)), (1.0, Some(1.0))]), [None, None]);
    }

    proptest! {
        #[test]
        fn agrees_with_the_definition(points in prop::collection::vec((0u8..6, prop::option::of(0u8..6)), 0..12)) {
            let points: Vec<_> = points.iter().map(|&(c, q)| (f64::from(c), q.map(f64::from))).collect();
            let found = dominators(&points);
            for (i, a) in points.iter().enumerate() {
                let beats = |b: &(f64, Option<f64>)| match (a.1, b.1) {
                    (Some(qa), Some(qb)) => b.0 <= a.0 && qb >= qa && (b.0 < a.0 || qb > qa),
                    _ => false,
                };
                prop_assert_eq!(found[i].is_some(), points.iter().any(beats));
                if let Some(j) = found[i] {
                    prop_assert!(beats(&points[j]) && found[j].is_none());
                }
            }
        }
    }
}
