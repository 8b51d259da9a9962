//! The stages and transitions as a directed graph: what can be reached, and which circles nobody gets out of.

use std::collections::{HashMap, HashSet};

use super::{Parts, StageId};

/// The ways between stages.
pub(super) struct Graph {
    next: HashMap<StageId, Vec<StageId>>,
}

impl Graph {
    /// The graph of a flow; ways to stages that are not there are left out.
    pub(super) fn of(parts: &Parts) -> Self {
        let mut next: HashMap<StageId, Vec<StageId>> =
            parts.stages.iter().map(|stage| (stage.id, Vec::new())).collect();
        for way in &parts.transitions {
            if next.contains_key(&way.to_stage_id)
                && let Some(ways) = next.get_mut(&way.from_stage_id)
            {
                ways.push(way.to_stage_id);
            }
        }
        Self { next }
    }

    /// Where one can get to from these stages, themselves included.
    pub(super) fn from(&self, starts: impl IntoIterator<Item = StageId>) -> HashSet<StageId> {
        let mut reached = HashSet::new();
        let mut waiting: Vec<StageId> = starts.into_iter().collect();
        while let Some(stage) = waiting.pop() {
            if reached.insert(stage) {
                waiting.extend(self.next.get(&stage).into_iter().flatten());
            }
        }
        reached
    }

    /// How many ways lead on from a stage.
    pub(super) fn ways(&self, stage: StageId) -> usize {
        self.next.get(&stage).map_or(0, Vec::len)
    }

    /// The stages from which no stage in `ends` can be reached, nor one without a way on: whoever gets there goes round
    /// in a circle.
    pub(super) fn trapped(&self, ends: &HashSet<StageId>) -> HashSet<StageId> {
        let mut back: HashMap<StageId, Vec<StageId>> = HashMap::new();
        for (from, ways) in &self.next {
            for to in ways {
                back.entry(*to).or_default().push(*from);
            }
        }
        let mut out: HashSet<StageId> = HashSet::new();
        let mut waiting: Vec<StageId> = self
            .next
            .iter()
            .filter(|(stage, ways)| ends.contains(*stage) || ways.is_empty())
            .map(|(s, _)| *s)
            .collect();
        while let Some(stage) = waiting.pop() {
            if out.insert(stage) {
                waiting.extend(back.get(&stage).into_iter().flatten());
            }
        }
        self.next.keys().filter(|stage| !out.contains(*stage)).copied().collect()
    }

    /// The stages of a circle through `stage`, in no order; empty if there is none.
    pub(super) fn circle(&self, stage: StageId) -> HashSet<StageId> {
        let after = self.from(self.next.get(&stage).into_iter().flatten().copied());
        if !after.contains(&stage) {
            return HashSet::new();
        }
        after.into_iter().filter(|other| self.from([*other]).contains(&stage)).collect()
    }
}
