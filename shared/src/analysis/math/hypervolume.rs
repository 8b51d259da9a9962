//! How much of the plane a front of plans covers.

/// The area that `points` (cost, quality) dominate, up to the `reference` point of high cost and low quality: the
/// hypervolume indicator in two dimensions (Zitzler and Thiele 1999), by one sorted sweep. Points beyond the reference
/// count nothing.
pub fn hypervolume(points: &[(f64, f64)], reference: (f64, f64)) -> f64 {
    let mut sorted: Vec<(f64, f64)> =
        points.iter().copied().filter(|(cost, quality)| *cost < reference.0 && *quality > reference.1).collect();
    sorted.sort_by(|a, b| a.0.total_cmp(&b.0).then(b.1.total_cmp(&a.1)));
    let mut area = 0.0;
    let mut reached = reference.1;
    for (cost, quality) in sorted {
        if quality > reached {
            area += (reference.0 - cost) * (quality - reached);
            reached = quality;
        }
    }
    area
}

/// The place of the knee of a front in rising order: the point farthest from the straight line between the ends, each
/// axis in units of its range. `None` for fewer than three points or a range of zero.
pub fn knee(front: &[(f64, f64)]) -> Option<usize> {
    let (first, last) = (front.first()?, front.last()?);
    let (width, height) = (last.0 - first.0, last.1 - first.1);
    if front.len() < 3 || width <= 0.0 || height <= 0.0 {
        return None;
    }
    // Above the chord y = x in these units, the distance grows with y - x.
    let above = |p: &(f64, f64)| (p.1 - first.1) / height - (p.0 - first.0) / width;
    (1..front.len() - 1).max_by(|&a, &b| above(&front[a]).total_cmp(&above(&front[b])))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// `pymoo`'s documentation of the hypervolume: ten points of the front of ZDT1, moved out by a tenth.
    #[test]
    fn pymoo_zdt1_hypervolume() {
        let front: Vec<(f64, f64)> =
            (0..10).map(|i| f64::from(i * 10) / 99.0).map(|x| (1.1 * x, -1.1 * (1.0 - x.sqrt()))).collect();
        let area = hypervolume(&front, (1.2, -1.2));
        assert!((area - 0.963_164_644_818_230_6).abs() < 1e-12, "{area}");
    }

    #[test]
    fn the_knee_bulges_most() {
        assert_eq!(knee(&[(0.0, 0.0), (1.0, 8.0), (5.0, 9.0), (10.0, 10.0)]), Some(1));
        assert_eq!(knee(&[(0.0, 0.0), (1.0, 1.0)]), None);
    }

    proptest! {
        #[test]
        fn the_area_is_that_of_a_grid(points in prop::collection::vec((0u8..10, 0u8..10), 0..8)) {
            let points: Vec<(f64, f64)> = points.iter().map(|&(c, q)| (f64::from(c), f64::from(q))).collect();
            // Cells of a unit grid, with the reference at cost 10 and quality 0.
            let covered = (0..10).flat_map(|x| (0..10).map(move |y| (f64::from(x), f64::from(y))));
            let cells = covered.filter(|(x, y)| points.iter().any(|(c, q)| c <= x && *q >= y + 1.0)).count();
            prop_assert!((hypervolume(&points, (10.0, 0.0)) - cells as f64).abs() < 1e-9);
        }
    }
}
