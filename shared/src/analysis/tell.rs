//! What each format includes. The figures and their formulas are the same in all of them.

use crate::message::Format;
use crate::result::AnalysisResult;

/// How many options fit into a short answer.
const SHORT_OPTIONS: usize = 8;

/// Leaves out what the format of `result` does not show.
pub(super) fn shape(result: &mut AnalysisResult) {
    match result.format {
        Format::Detailed => {}
        Format::Summary => {
            result.options.truncate(SHORT_OPTIONS);
            result.recommendations.truncate(2);
            result.roadmap.clear();
            result.charts.truncate(1);
        }
        Format::Business => {
            result.options.truncate(SHORT_OPTIONS);
            result.charts.truncate(2);
        }
        Format::Technical => result.roadmap.clear(),
    }
}
