//! The pictures of a selection.

use super::ranking::Ranking;
use crate::analysis::answer::{Answer, chart};
use crate::analysis::case::Case;
use crate::result::{Chart, ChartKind};

/// Most lines of the parallel coordinates.
const LINES: usize = 8;

pub(super) fn write(case: &Case<'_>, ranking: &Ranking<'_>, answer: &mut Answer) {
    if ranking.ranked == 0 {
        return;
    }
    answer.charts.extend(scatter(case, ranking));
    answer.charts.push(stability(ranking));
    answer.charts.extend(intervals(case, ranking));
    answer.charts.push(parallel(ranking));
}

fn scatter(case: &Case<'_>, ranking: &Ranking<'_>) -> Option<Chart> {
    let yard = case.yard.as_ref()?;
    let title = format!("Cost and quality ({})", yard.benchmark.label);
    let mut chart = chart(
        "cost-quality",
        title,
        ChartKind::Scatter,
        ("cost of a request", "USD"),
        ("quality", &yard.benchmark.unit),
    );
    let point = |i: usize| Some([ranking.offers[i].usd?, ranking.offers[i].option.quality?]);
    for i in 0..ranking.ranked {
        chart.add(ranking.offers[i].option.title.clone(), point(i).into_iter().collect());
    }
    let on_front = |i: &usize| ranking.offers[*i].option.dominated_by.is_none();
    let mut front: Vec<[f64; 2]> = (0..ranking.ranked).filter(on_front).filter_map(point).collect();
    front.sort_by(|a, b| a[0].total_cmp(&b[0]));
    chart.add("frontier", front);
    chart.reference = ranking.offers.iter().position(|offer| offer.is_now).and_then(point);
    Some(chart)
}

/// The share of all weightings of cost and quality in which each model wins, for those that win at all.
fn stability(ranking: &Ranking<'_>) -> Chart {
    let title = "In which share of all weightings of cost and quality each model is best";
    let mut chart = chart("rank-stability", title, ChartKind::Bar, ("model", ""), ("share of weightings", "share"));
    let mut winners: Vec<usize> = (0..ranking.ranked).filter(|&i| ranking.wins[i] > 0.0).collect();
    winners.sort_by(|&a, &b| ranking.wins[b].total_cmp(&ranking.wins[a]));
    for (x, &i) in winners.iter().enumerate() {
        chart.add(ranking.offers[i].option.title.clone(), vec![[x as f64, ranking.wins[i]]]);
    }
    chart
}

/// The scores with their 95 % intervals, cheapest first.
fn intervals(case: &Case<'_>, ranking: &Ranking<'_>) -> Option<Chart> {
    let yard = case.yard.as_ref()?;
    let mut rows: Vec<[f64; 4]> = ranking
        .ranked()
        .iter()
        .filter_map(|offer| {
            let score = yard.score(offer.model?)?;
            Some([offer.usd?, score.low?, score.value, score.high?])
        })
        .collect();
    rows.sort_by(|a, b| a[0].total_cmp(&b[0]));
    let title = format!("Scores with their 95 % interval ({})", yard.benchmark.label);
    let mut chart = chart(
        "quality-interval",
        title,
        ChartKind::Band,
        ("cost of a request", "USD"),
        ("quality", &yard.benchmark.unit),
    );
    for (column, name) in [(1, "low"), (2, "score"), (3, "high")] {
        chart.add(name, rows.iter().map(|row| [row[0], row[column]]).collect());
    }
    (rows.len() > 1).then_some(chart)
}

/// Parallel coordinates: how cheap (0) and how good (1) the first models are among all that are ranked.
fn parallel(ranking: &Ranking<'_>) -> Chart {
    let title = "How cheap (left) and how good (right) the first models are, 1 is best";
    let mut chart = chart("parallel", title, ChartKind::Line, ("cost, quality", ""), ("among all ranked", "share"));
    for (offer, (cheap, good)) in ranking.ranked().iter().zip(&ranking.scores).take(LINES) {
        chart.add(offer.option.title.clone(), vec![[0.0, *cheap], [1.0, *good]]);
    }
    chart
}
