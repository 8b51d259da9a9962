//! The engine that is always there: reads by rules, words by the sentences of the engine. No network, no chance.

use shared::extract::extract;
use shared::workload::Value;

use super::{Claim, Claims, Failure, Listener, Llm, Pending, Said, Wording};
use crate::resilience::Deadline;

/// The built-in engine.
#[derive(Clone, Copy, Debug, Default)]
pub struct BuiltIn;

impl Llm for BuiltIn {
    fn id(&self) -> Option<&str> {
        None
    }

    fn word<'a>(&'a self, wording: Wording<'a>, heard: &'a mut dyn Listener, _: Deadline) -> Pending<'a, String> {
        Box::pin(async move {
            heard.begin();
            heard.words(&wording.result.headline);
            Ok(Said { value: wording.result.headline.clone(), usage: None })
        })
    }

    fn choose<'a>(&'a self, _: &'a str, _: Deadline) -> Pending<'a, String> {
        // The conditions of the transitions choose.
        Box::pin(async { Err(Failure::Refused("the built-in engine follows the conditions".into())) })
    }

    fn read<'a>(&'a self, message: &'a str, _: Option<&'a str>, _: Deadline) -> Pending<'a, Claims> {
        Box::pin(async move {
            let read = extract(message);
            let quote = |field: &str| read.provenance.get(field).and_then(|of| of.text.clone());
            let facts = read
                .workload
                .known()
                .filter_map(|(spec, value)| {
                    let value = match value {
                        Value::Number(number) => number.into(),
                        Value::Text(text) => text.into(),
                    };
                    Some(Claim { field: spec.name.into(), value, quote: quote(spec.name)? })
                })
                .collect();
            Ok(Said { value: Claims { category: read.category, facts }, usage: None })
        })
    }
}
