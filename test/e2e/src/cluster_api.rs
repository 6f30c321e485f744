//! A consumer that does to hosts what Cluster API's provider for Metal3 does, and the move that `clusterctl` does.
//!
//! The same reads, and the same writes in the same order: merge patches of what differs between two views of a host in
//! Metal3's own types, without a version. What the provider keeps in objects of its own is in memory here, and what it
//! does with the nodes of the new cluster is left out.
//!
//! Sources: cluster-api-provider-metal3, `baremetal/metal3machine_manager.go`, `controllers/metal3machine_controller.go`,
//! `baremetal/metal3remediation_manager.go` and `controllers/metal3remediation_controller.go`; cluster-api,
//! `cmd/clusterctl/client/cluster/mover.go` and `objectgraph.go`.

mod choice;
mod edit;
mod machine;
mod mover;
mod pause;
mod provider;
mod release;
mod remediation;

pub use choice::Chosen;
pub use machine::{DataTemplate, MachineTemplate, Metal3Machine};
pub use mover::{Moved, clusterctl_move};
pub use provider::Provider;
pub use remediation::Remediation;

/// The label of a host and of its BMC's Secret with the name of the Cluster that it belongs to.
pub const CLUSTER_NAME_LABEL: &str = "cluster.x-k8s.io/cluster-name";
/// The label of a host that waits for the next machine of the same owner.
pub const NODE_REUSE_LABEL: &str = "infrastructure.cluster.x-k8s.io/node-reuse";
/// The annotation by which an object keeps a whole move waiting.
pub const BLOCK_MOVE_ANNOTATION: &str = "clusterctl.cluster.x-k8s.io/block-move";
/// The value of Metal3's annotation for pauses, where the provider paused a host.
pub const PAUSED_BY_PROVIDER: &str = "metal3.io/capm3";
/// The annotations of hosts that are not chosen, the present one and that of before.
pub const UNHEALTHY_ANNOTATIONS: [&str; 2] =
    ["capm3.metal3.io/unhealthy", "capi.metal3.io/unhealthy"];

const MACHINE_KIND: &str = "Metal3Machine";
const MACHINE_GROUP: &str = "infrastructure.cluster.x-k8s.io";
const MACHINE_API_VERSION: &str = "infrastructure.cluster.x-k8s.io/v1beta2";
