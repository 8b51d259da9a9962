//! `JUnit` XML: a suite a scenario, a case a rule that was put to the test and a threshold.

use std::fmt::Write;

use super::{Entry, Report, escape, figure};
use crate::checker::Standing;

pub(super) fn junit(report: &Report) -> String {
    let mut xml = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"rapid\">\n");
    for entry in &report.scenarios {
        suite(&mut xml, entry);
    }
    if let Some(comparison) = &report.comparison {
        let worse = comparison
            .regressions()
            .map(|c| format!("{}: {} is {:.3} times as before", c.scenario, c.measure, c.ratio));
        let broken = comparison.broken.iter().map(|name| format!("{name} passed before, and does not now"));
        faults(&mut xml, "comparison", "nothing is worse than before", &broken.chain(worse).collect::<Vec<_>>());
    }
    // What others lose is a figure in the table; of ours it is a failure.
    if report.scenarios.is_empty() && !report.peers.is_empty() && report.cut_short.is_none() {
        let told = (!report.passed).then(|| "report.html says what and where".to_string());
        faults(&mut xml, "peers", "ours ran, and lost, doubled and disordered nothing", told.as_slice());
    }
    if let Some(why) = &report.cut_short {
        let why = escape(why);
        let _ = writeln!(
            xml,
            "  <testsuite name=\"run\" tests=\"1\" errors=\"1\" failures=\"0\" skipped=\"0\">\n    <testcase classname=\"run\" name=\"ran to its end\"><error message=\"{why}\"/></testcase>\n  </testsuite>"
        );
    }
    xml.push_str("</testsuites>\n");
    xml
}

/// A suite of one case, which holds if there are no faults.
fn faults(xml: &mut String, suite: &str, case: &str, faults: &[String]) {
    let (suite, told) = (escape(suite), escape(&faults.join("\n")));
    let inner = if faults.is_empty() { String::new() } else { format!("<failure message=\"{told}\"/>") };
    let _ = writeln!(
        xml,
        "  <testsuite name=\"{suite}\" tests=\"1\" errors=\"0\" failures=\"{}\" skipped=\"0\">\n    <testcase classname=\"{suite}\" name=\"{}\">{inner}</testcase>\n  </testsuite>",
        u8::from(!faults.is_empty()),
        escape(case)
    );
}

fn suite(xml: &mut String, entry: &Entry) {
    let (mut cases, mut failures, mut skipped) = (String::new(), 0, 0);
    let mut count = 0;
    let mut case = |name: &str, inner: &str| {
        count += 1;
        let (name, scenario) = (escape(name), entry.scenario);
        let _ = if inner.is_empty() {
            writeln!(cases, "    <testcase classname=\"{scenario}\" name=\"{name}\"/>")
        } else {
            writeln!(cases, "    <testcase classname=\"{scenario}\" name=\"{name}\">{inner}</testcase>")
        };
    };
    let verdict = entry.finding.as_ref().map(|finding| &finding.verdict);
    for rule in verdict.into_iter().flat_map(|verdict| &verdict.rules) {
        let name = format!("{}: {}", rule.rule, rule.title);
        match &rule.standing {
            Standing::Held => case(&name, ""),
            Standing::Untested(why) => {
                skipped += 1;
                case(&name, &format!("<skipped message=\"{}\"/>", escape(why)));
            }
            Standing::Broken => {
                failures += 1;
                let all = verdict.into_iter().flat_map(|v| &v.violations).filter(|v| v.rule == rule.rule);
                let first = all.clone().next().map_or(String::new(), |v| v.summary.clone());
                let told: Vec<_> = all
                    .take(5)
                    .map(|v| {
                        let frames: Vec<_> = v.proof.iter().map(|p| p.frame.to_string()).collect();
                        format!("{}\n  {}", v.summary, frames.join("\n  "))
                    })
                    .collect();
                let (first, told) = (escape(&first), escape(&told.join("\n")));
                case(&name, &format!("<failure message=\"{} times: {first}\">{told}</failure>", rule.violations));
            }
        }
    }
    for judged in &entry.thresholds {
        let mut name = judged.measure.clone();
        name.extend(judged.bound.min.map(|min| format!(" >= {min}")));
        name.extend(judged.bound.max.map(|max| format!(" <= {max}")));
        match judged.value {
            None if !judged.holds => {
                failures += 1;
                case(&name, "<failure message=\"not measured\"/>");
            }
            None => {
                skipped += 1;
                case(&name, "<skipped message=\"not measured\"/>");
            }
            Some(_) if judged.holds => case(&name, ""),
            Some(value) => {
                failures += 1;
                case(&name, &format!("<failure message=\"measured {}\"/>", escape(&figure(value))));
            }
        }
    }
    if let Some(error) = &entry.error {
        case("ran to its end", &format!("<error message=\"{}\"/>", escape(error)));
    }
    let (errors, seconds) = (u32::from(entry.error.is_some()), entry.finding.as_ref().map_or(0.0, |f| f.seconds));
    let _ = writeln!(
        xml,
        "  <testsuite name=\"{}\" tests=\"{count}\" failures=\"{failures}\" errors=\"{errors}\" skipped=\"{skipped}\" time=\"{seconds:.3}\">\n{cases}  </testsuite>",
        entry.scenario
    );
}
