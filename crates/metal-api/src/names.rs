//! Names that Ironboot shares with its users, with Metal3 and with Cluster API.

/// The API group of the custom resources.
pub const GROUP: &str = "metal3.io";

/// The finalizer that keeps a host until its node is gone from Ironic.
///
/// It is Metal3's, so that a host can change hands between the two operators.
pub const FINALIZER: &str = "baremetalhost.metal3.io";

/// The annotation of a host that nothing is done with, whatever its value.
pub const PAUSED_ANNOTATION: &str = "baremetalhost.metal3.io/paused";

/// The annotation of a host whose node is taken from Ironic while the machine keeps running.
pub const DETACHED_ANNOTATION: &str = "baremetalhost.metal3.io/detached";

/// The annotation that asks for one reboot: the machine is powered off, the annotation is removed,
/// and the machine is powered on again.
///
/// For its value see [`annotations`](crate::annotations).
pub const REBOOT_ANNOTATION: &str = "reboot.metal3.io";

/// What an annotation begins with that keeps the machine off until whoever set it removes it.
///
/// What follows names whoever set it, so that several don't get in each other's way. For its value
/// see [`annotations`](crate::annotations).
pub const KEYED_REBOOT_ANNOTATION_PREFIX: &str = "reboot.metal3.io/";

/// The annotation with the JSON of a host's `status`, from which a status that was never written is
/// restored: `clusterctl move` copies no status.
pub const STATUS_ANNOTATION: &str = "baremetalhost.metal3.io/status";

/// The annotation with the JSON of the host's hardware, as in `status.hardware`, for a host that is
/// not inspected.
pub const HARDWARE_DETAILS_ANNOTATION: &str = "inspect.metal3.io/hardwaredetails";

/// The finalizer with which Metal3's baremetal-operator keeps a HardwareData until its host is
/// deleted.
pub const HARDWARE_DATA_FINALIZER: &str = "baremetalhost.metal3.io/hardwareData";

/// The annotation that asks for an inspection, or with the value `disabled` forbids it.
///
/// Prefer `spec.inspectionMode: disabled` for the latter.
pub const INSPECT_ANNOTATION: &str = "inspect.metal3.io";

/// The value of [`INSPECT_ANNOTATION`] that forbids an inspection.
pub const INSPECT_DISABLED: &str = "disabled";

/// The annotation of a host that Cluster API is about to delete after it was copied to another
/// cluster.
///
/// It counts like [`PAUSED_ANNOTATION`]: Cluster API replaces all annotations and then removes the
/// finalizers, and the machine goes on in the other cluster.
pub const DELETE_FOR_MOVE_ANNOTATION: &str = "clusterctl.cluster.x-k8s.io/delete-for-move";

/// The annotation that says which volume a host is deployed from, for the case that its status is
/// lost: `<identity>@<deployment id>`.
///
/// It is set just before `status.provisioning.bootVolume` and removed after the release.
pub const DEPLOYED_VOLUME_ANNOTATION: &str = "ironboot.io/deployed-volume";

/// The annotation that says which data volumes a host was deployed with, for the case that its
/// status is lost: the JSON of `status.provisioning.bootVolume.dataVolumes`.
///
/// It is set and removed with [`DEPLOYED_VOLUME_ANNOTATION`]; without data volumes there is none.
pub const DEPLOYED_DATA_VOLUMES_ANNOTATION: &str = "ironboot.io/deployed-data-volumes";

/// The annotation that says that a host was deployed with a config drive, for the case that its status is lost:
/// `status.provisioning.bootVolume.configDrive`.
///
/// It is set with [`DEPLOYED_VOLUME_ANNOTATION`], and stays until the drive was seen empty or the host goes: a deployment
/// without a config drive may follow one that had one.
pub const DEPLOYED_CONFIG_DRIVE_ANNOTATION: &str = "ironboot.io/deployed-config-drive";

/// The annotation that holds a volume after its consumer let go: `<identity>@<deployment id>`, as
/// [`DEPLOYED_VOLUME_ANNOTATION`] had it.
///
/// It is set no later than the release begins, and removed when the spec names another volume or
/// [`REUSE_VOLUME_ANNOTATION`] says the same.
pub const RELEASED_VOLUME_ANNOTATION: &str = "ironboot.io/released-volume";

/// The annotation that holds the data volumes that were beside it, as
/// [`DEPLOYED_DATA_VOLUMES_ANNOTATION`] had them; without data volumes there is none.
///
/// It comes and goes with [`RELEASED_VOLUME_ANNOTATION`].
pub const RELEASED_DATA_VOLUMES_ANNOTATION: &str = "ironboot.io/released-data-volumes";

/// The annotation that gives a held volume free, with its data, by the very value of
/// [`RELEASED_VOLUME_ANNOTATION`]: so it can only mean that one release.
pub const REUSE_VOLUME_ANNOTATION: &str = "ironboot.io/reuse-volume";

/// The label, with the value `"true"`, of a host that consumers may claim to be booted from its
/// volume.
pub const BOOT_VOLUME_LABEL: &str = "ironboot.io/boot-volume";

/// The `customDeploy.method` that claims a host with [`BOOT_VOLUME_LABEL`].
pub const BOOT_VOLUME_METHOD: &str = "boot-volume";

/// The annotation of a volume's Lease by which somebody says that the machine of its holder can't reach the volume any
/// more: its value is the holder.
pub const FENCED_ANNOTATION: &str = "ironboot.io/fenced";

/// The annotation of a volume's Lease with what it stands for, for people.
pub const VOLUME_ANNOTATION: &str = "ironboot.io/volume";

/// The annotation of a volume's Lease with the UID of the host that took it.
pub const HOST_UID_ANNOTATION: &str = "ironboot.io/host-uid";

/// The label, with the value `"true"`, by which all Leases of volumes can be listed.
pub const VOLUME_LEASE_LABEL: &str = "ironboot.io/volume-lease";

/// The label of a volume's Lease with the namespace of the host that holds it.
pub const HOST_NAMESPACE_LABEL: &str = "ironboot.io/host-namespace";

/// The label of a volume's Lease with the name of the host that holds it; longer ones are cut and closed with a hash.
pub const HOST_NAME_LABEL: &str = "ironboot.io/host-name";

/// The type of a Secret that may be used as `iscsiCredentialsName`.
pub const ISCSI_CHAP_SECRET_TYPE: &str = "kubernetes.io/iscsi-chap";

/// The label, with the value `"true"`, of a Secret of another type that may be used as
/// `iscsiCredentialsName`.
pub const ISCSI_CREDENTIALS_LABEL: &str = "ironboot.io/iscsi-credentials";

/// The finalizer of a Secret with a volume's credentials, from before a host is deployed with it until the last host lets
/// go of it: without it a node that Ironic lost could not be made again.
pub const SECRET_GUARD_FINALIZER: &str = "ironboot.io/in-use";

/// The labels that such a Secret has for as long.
///
/// By the first Metal3's baremetal-operator finds Secrets, with the second `clusterctl move` takes them along.
pub const SECRET_GUARD_LABELS: [(&str, &str); 2] =
    [("environment.metal3.io", "baremetal"), (MOVE_LABEL, "")];

/// The label of what `clusterctl move` takes along though no Cluster owns it, whatever its value (Cluster API,
/// `cmd/clusterctl/client/cluster/objectgraph.go`).
///
/// The Secret of a BMC has it, too, from the first time that Ironic reached the BMC with it.
pub const MOVE_LABEL: &str = "clusterctl.cluster.x-k8s.io/move";

/// The annotation that asks for another deployment of a deployed host: it acts once for each new value, and only while
/// something is outdated, pending or unknown.
pub const REDEPLOY_ANNOTATION: &str = "ironboot.io/redeploy";

/// The annotation in which the operator keeps the last value of [`REDEPLOY_ANNOTATION`] that it has answered.
pub const REDEPLOY_HANDLED_ANNOTATION: &str = "ironboot.io/redeploy-handled";

/// The Secret in the operator's namespace that holds the key of this installation, under which credentials are
/// fingerprinted.
pub const FINGERPRINT_KEY_SECRET: &str = "ironboot-fingerprint-key";

/// The name under which the operator writes that finalizer and those labels: what somebody else has set as well stays.
pub const GUARD_FIELD_MANAGER: &str = "ironboot-secret-guard";

/// The name under which the operator writes fields.
pub const FIELD_MANAGER: &str = "ironboot";

/// What every default initiator name begins with.
pub const DEFAULT_CONNECTOR_PREFIX: &str = "iqn.2026-11.io.ironboot:";
