//! Config drives: Ironic takes both requests at once and works on them later.

use ironic_client::Chain;
use ironic_types::calls::{AttachVirtualMedia, DetachVirtualMedia};
use ironic_types::{MediaType, NodeId};
use metal_plan::{Fingerprint, Outcome};

use super::Executor;
use crate::config_drives;

impl Executor<'_> {
    pub(super) async fn attach_config_drive(&self, node: NodeId, content: &Fingerprint) -> Outcome {
        let host = &self.observation.host;
        let image_url = match config_drives::url(self.context, host, content).await {
            Ok(Some(url)) => url,
            Ok(None) => return Outcome::CredentialsChanged,
            Err(error) => {
                return Outcome::Unavailable {
                    message: Chain(&error).to_string(),
                };
            }
        };
        self.send(&AttachVirtualMedia {
            node,
            device_type: MediaType::Cdrom,
            image_url,
            image_download_source: None,
        })
        .await
    }

    pub(super) async fn detach_config_drive(&self, node: NodeId) -> Outcome {
        let device_types = vec![MediaType::Cdrom];
        self.send(&DetachVirtualMedia { node, device_types }).await
    }
}
