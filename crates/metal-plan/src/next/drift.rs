//! What is told of drift: once when it is found, whether it is put right at once or has to wait.

use metal_api::conditions::{ConditionType, find_condition};

use super::Next;
use crate::drift;
use crate::effect::Outcome;
use crate::event::EventReason;
use crate::plan::{Plan, Step};

impl Next<'_> {
    pub(super) fn tell_of_drift(&mut self, plan: &Plan, outcomes: &[Outcome]) {
        let Some(drift) = drift::of(self.observation) else {
            return;
        };
        if let Step::Act(effects) = &plan.step
            && let Some(note) = drift.mended_by(effects)
            && outcomes.len() == effects.len()
            && outcomes.iter().all(Outcome::is_done)
        {
            self.warn(EventReason::BootVolumeDrift, note);
        }
        // The condition keeps the words as long as it waits.
        if let Some(message) = drift.in_words()
            && find_condition(&self.status.conditions, ConditionType::BootVolumeReady)
                .is_none_or(|shown| shown.message != message)
        {
            self.warn(EventReason::BootVolumeDrift, message);
        }
    }
}
