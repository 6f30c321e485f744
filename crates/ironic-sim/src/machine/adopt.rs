//! Adopting (`_do_adoption`).

use super::World;
use crate::faults::Failing;
use crate::model::NodeKey;
use crate::states::Event;
use crate::validate;

impl World {
    /// What `adopting` does after its delay. The machine is not touched.
    pub(super) fn adopt(&mut self, key: NodeKey) {
        let uuid = self.uuid_of(key);
        match self.try_adopt(key, &uuid) {
            Ok(()) => self.step(key, Event::Done),
            Err(words) => {
                let text = format!("Error while attempting to adopt node {uuid}: {words}.");
                if let Some(node) = self.store.nodes.get_mut(&key) {
                    node.power = None;
                }
                self.fail(key, "adoption", &text);
            }
        }
    }

    fn try_adopt(&mut self, key: NodeKey, uuid: &str) -> Result<(), String> {
        let fault = self.faults.strike_work(uuid, Failing::Adopt);
        if let Some(words) = fault {
            return Err(words);
        }
        let interface = self
            .store
            .nodes
            .get(&key)
            .map(|node| Self::deploy_interface(node).to_owned())
            .unwrap_or_default();
        match interface.as_str() {
            "fake" | "noop" => Ok(()),
            "ramdisk" => {
                validate::boot(self, key)?;
                self.populate_storage(key)
            }
            _ => {
                self.populate_storage(key)?;
                self.prepare_instance(key)
                    .map_err(super::boots::PrepareFailure::words)
            }
        }
    }
}
