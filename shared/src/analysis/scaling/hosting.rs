//! Own GPUs: how many, what a token costs on them, and from which volume they are cheaper than a vendor.

use super::Case;
use crate::analysis::answer::{Answer, question};
use crate::analysis::traffic::DAYS;
use crate::format::{count, share, usd};
use crate::workload::{Source, Workload};

/// What is published about a GPU.
struct Known {
    /// As people write it, letters and digits in upper case.
    name: &'static str,
    /// Output tokens a second of one GPU: Llama 2 70B, scenario Server, `MLPerf` Inference v5.1, with its id.
    speed: Option<(f64, &'static str)>,
    /// Dollars an hour.
    usd_per_hour: Option<f64>,
}

/// Longer names first, since `GB200` contains `B200`. Speeds are the node's result over its GPUs.
const KNOWN: &[Known] = &[
    Known { name: "GB200", speed: Some((49_359.6 / 4.0, "NVIDIA, 5.1-0070")), usd_per_hour: None },
    Known { name: "MI300X", speed: Some((24_860.5 / 8.0, "MangoBoost, 5.1-0066")), usd_per_hour: None },
    Known { name: "MI325X", speed: Some((32_139.4 / 8.0, "GigaComputing, 5.1-0045")), usd_per_hour: None },
    Known { name: "B200", speed: Some((101_611.0 / 8.0, "Nebius, 5.1-0073")), usd_per_hour: None },
    Known { name: "H200", speed: Some((34_029.4 / 8.0, "Nebius, 5.1-0075")), usd_per_hour: None },
    Known { name: "H100", speed: Some((122_274.0 / 32.0, "Cisco, 5.1-0016")), usd_per_hour: Some(3.29) },
    Known { name: "A100", speed: None, usd_per_hour: Some(14.32 / 8.0) },
    Known { name: "A10", speed: None, usd_per_hour: Some(0.75) },
];
/// Where the hourly prices are from.
const PRICE_SOURCE: &str = "Lambda's list as kept by skypilot-org/skypilot-catalog 11580132, undated, about 2025";
/// A GPU that serves people is rarely busier than this on average; the range of the figures goes down to it.
const UTILISATION_LOW: f64 = 0.3;

/// Own GPUs.
#[derive(Clone, Copy, Debug)]
pub(super) struct Hosting {
    /// Dollars for an hour of a GPU.
    pub(super) usd_per_hour: Option<f64>,
    /// Output tokens a second of a GPU that is always busy.
    pub(super) tokens_per_second: Option<f64>,
    /// The share of the time, or of the speed, that is used.
    pub(super) utilisation: f64,
    /// Whether that share is the user's.
    given: bool,
}

impl Hosting {
    /// Own GPUs, if the workload speaks of any. What is missing comes from published figures, and that is said.
    pub(super) fn read(workload: &Workload, answer: &mut Answer) -> Option<Self> {
        let (usd_per_hour, speed) = (workload.gpu_usd_per_hour, workload.tokens_per_second_per_gpu);
        if workload.gpu.is_none() && usd_per_hour.is_none() && speed.is_none() {
            return None;
        }
        let known = workload.gpu.as_deref().and_then(find);
        let hosting = Self {
            usd_per_hour: usd_per_hour.or_else(|| assume_price(known?, answer)),
            tokens_per_second: speed.or_else(|| assume_speed(known?, answer)),
            utilisation: workload.gpu_utilisation.unwrap_or(1.0),
            given: workload.gpu_utilisation.is_some(),
        };
        if !hosting.given {
            let text = format!(
                "GPUs are taken to be busy all the time, which is the least they cost: the ranges go down to {} \
                 utilisation.",
                share(UTILISATION_LOW)
            );
            answer.assume("gpu_utilisation", Some(1.0), Source::Default, text);
        }
        if hosting.usd_per_hour.is_none() {
            answer.ask(question("gpu_usd_per_hour", "What does an hour of one GPU cost, in US dollars?"));
        }
        if hosting.tokens_per_second.is_none() {
            let text = "How many output tokens a second does one GPU make with your model, when it is busy?";
            answer.ask(question("tokens_per_second_per_gpu", text));
        }
        Some(hosting)
    }

    /// Output tokens a second that can be counted on.
    pub(super) fn sustained(&self) -> Option<f64> {
        Some(self.tokens_per_second? * self.utilisation)
    }

    /// GPUs for `output` tokens a second.
    pub(super) fn gpus(&self, output: f64) -> Option<f64> {
        Some(whole_up(output / self.sustained()?)).filter(|gpus| gpus.is_finite())
    }

    /// Dollars for a million output tokens.
    pub(super) fn usd_per_mtok(&self) -> Option<f64> {
        Some(self.usd_per_hour? * 1e6 / (self.sustained()? * 3600.0))
    }

    /// How many times more it takes at the low end of utilisation, where the user gives none.
    pub(super) fn at_worst(&self) -> Option<f64> {
        (!self.given).then_some(1.0 / UTILISATION_LOW)
    }

    /// Dollars for 30 days of `gpus`.
    pub(super) fn monthly(&self, gpus: f64) -> Option<f64> {
        Some(gpus * self.usd_per_hour? * 24.0 * DAYS).filter(|usd| usd.is_finite())
    }
}

/// Rounded up, but not by the dust of a division.
fn whole_up(number: f64) -> f64 {
    let nearest = number.round();
    if (number - nearest).abs() <= 1e-12 * number { nearest } else { number.ceil() }
}

fn find(name: &str) -> Option<&'static Known> {
    let name: String = name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_uppercase()).collect();
    KNOWN.iter().find(|known| name.contains(known.name))
}

fn assume_price(known: &Known, answer: &mut Answer) -> Option<f64> {
    let usd_per_hour = known.usd_per_hour?;
    let text = format!("An hour of one {} costs {}. Prices move: enter yours.", known.name, usd(usd_per_hour));
    answer.assume("gpu_usd_per_hour", Some(usd_per_hour), Source::Default, text);
    answer.citing(PRICE_SOURCE);
    Some(usd_per_hour)
}

fn assume_speed(known: &Known, answer: &mut Answer) -> Option<f64> {
    let (speed, id) = known.speed?;
    let text = format!(
        "One {} makes {} output tokens a second: Llama 2 70B on a fixed set of questions. It is an upper bound for \
         that size; your model and texts differ.",
        known.name,
        count(speed)
    );
    answer.assume("tokens_per_second_per_gpu", Some(speed), Source::Default, text);
    answer.citing(&format!("MLPerf Inference v5.1, data center, llama2-70b-99 Server, {id}"));
    Some(speed)
}

/// From which volume one GPU is cheaper than the vendor, or why there is none.
pub(super) enum BreakEven {
    /// Requests a day.
    At(f64),
    /// The reason, for a reader.
    Never(String),
}

/// The break-even of own hosting; `None` if the price of a GPU or of a request is not known.
pub(super) fn break_even(case: &Case<'_>) -> Option<BreakEven> {
    let (hosting, spend) = (case.hosting?, case.spend.as_ref()?);
    let requests = 24.0 * hosting.usd_per_hour? / spend.quote.usd;
    if !requests.is_finite() {
        return Some(BreakEven::Never(
            "A request costs nothing at the vendor, so no volume makes a GPU cheaper.".into(),
        ));
    }
    let Some(sustained) = hosting.sustained() else {
        let why = "Without the speed of a GPU it is not known whether one carries the volume of the break-even.";
        return Some(BreakEven::Never(why.into()));
    };
    let factor = case.arrivals.map_or(1.0, |arrivals| arrivals.factor);
    let output = requests / 86_400.0 * factor * case.traffic.generated()?;
    if output <= sustained {
        return Some(BreakEven::At(requests));
    }
    Some(BreakEven::Never(format!(
        "A GPU of {} a day is as dear as {} requests, but at their peak these are {} output tokens a second, and one \
         GPU makes {}: each GPU costs more than the requests it can carry.",
        usd(24.0 * hosting.usd_per_hour?),
        count(requests),
        count(output),
        count(sustained)
    )))
}
