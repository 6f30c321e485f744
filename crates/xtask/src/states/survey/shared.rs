//! What is done in many states alike, and so is said once.

use metal_api::v1alpha1::ProvisioningState;

use super::Survey;
use crate::states::situations;

/// What is done in several states alike.
pub(in crate::states) struct Shared {
    /// The situation, in words.
    pub(in crate::states) when: String,
    /// What is done.
    pub(in crate::states) words: String,
    /// In these states.
    pub(in crate::states) states: Vec<ProvisioningState>,
    place: Option<usize>,
}

/// In so many states something must be done alike to be said once.
const MANY: usize = 5;

impl Survey {
    /// What is done out of the ordinary in many states alike, the plainest first.
    pub(in crate::states) fn shared(&self) -> Vec<Shared> {
        let mut all: Vec<Shared> = Vec::new();
        for answers in self.present() {
            for case in answers.cases() {
                let Some(words) = answers.words_in(case) else {
                    continue;
                };
                let when = answers.when(case);
                let known = all
                    .iter_mut()
                    .find(|shared| shared.when == when && shared.words == words);
                match known {
                    Some(shared) => shared.states.push(answers.state),
                    None => all.push(Shared {
                        place: situations::place(case.situation),
                        when,
                        words,
                        states: vec![answers.state],
                    }),
                }
            }
        }
        all.retain(|shared| shared.states.len() >= MANY);
        all.sort_by_key(|shared| shared.place);
        all
    }
}
