//! What a simulated Ironic is configured with.

use std::time::Duration;

use ironic_types::{Microversion, VersionRange};

use crate::clock::ClockKind;
use crate::drivers::Interfaces;

/// The configuration of a simulated Ironic.
///
/// The default is the `ironic.conf` of the project's real stack (`test/stack/conf`), on virtual
/// time.
#[derive(Clone, Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is an option of Ironic's"
)]
pub struct Settings {
    /// Virtual or real time.
    pub clock: ClockKind,
    /// How long things take.
    pub delays: Delays,
    /// The versions that are offered: 1.1 to 1.115, those of Ironic 39.0.
    pub versions: VersionRange,
    /// How many items a page has at most (`[api]max_limit`).
    pub max_limit: usize,
    /// Whether nodes that say nothing themselves are cleaned (`[conductor]automated_clean`).
    pub automated_clean: bool,
    /// Whether `available` nodes may be deleted (`[conductor]allow_deleting_available_nodes`).
    pub allow_deleting_available_nodes: bool,
    /// The hardware types that are enabled (`enabled_hardware_types`).
    pub hardware_types: Vec<String>,
    /// The interfaces that are enabled, and their defaults.
    pub interfaces: Interfaces,
    /// The conductor's name: what `reservation` says while it works on a node.
    pub conductor: String,
    /// How often, and how far apart, a lock is tried before a request is refused;
    /// `None` refuses at once. Ironic itself tries three times, a second apart
    /// (`[conductor]node_locked_retry_attempts`, `…_interval`).
    ///
    /// Honoured by [`Sim::send`](crate::Sim::send) and [`Sim::serve`](crate::Sim::serve);
    /// [`Sim::handle`](crate::Sim::handle) always answers at once.
    pub lock_retry: Option<LockRetry>,
    /// How often the conductor compares the power of machines with its records
    /// (`[conductor]sync_power_state_interval`); `None` for never.
    pub power_sync: Option<Duration>,
    /// How often reading the power may fail in a row before a node goes into maintenance
    /// (`[conductor]power_state_sync_max_retries`).
    pub power_sync_max_retries: u32,
    /// Whether a machine that was switched by other hands is switched back
    /// (`[conductor]force_power_state_during_sync`).
    pub force_power_state: bool,
    /// Whether a deploy ramdisk boots and calls back. Without one, as in the real stack, cleaning
    /// and deploying an image wait until they time out.
    pub ramdisk_agent: bool,
    /// What answers at BMC addresses that no machine was added for.
    pub strangers: Strangers,
    /// Whether inspection sets `pxe_enabled` of existing ports to what the BMC says, which is
    /// `false` (`[inspector]update_pxe_enabled`; Ironic's default is on, the stack's is off).
    pub update_pxe_enabled: bool,
    /// Where the machines fetch what the conductor publishes (`[deploy]http_url`).
    pub http_url: String,
    /// Paths whose images do not exist: an attach of virtual media from there fails.
    pub missing_images: Vec<String>,
}

/// What answers at BMC addresses that no machine was added for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strangers {
    /// A machine, made up when it is first called. It takes any credentials.
    Conjured,
    /// Nothing: the connection is refused.
    Absent,
}

/// How a locked node is tried again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LockRetry {
    /// How many times altogether.
    pub attempts: u32,
    /// The pause between two.
    pub interval: Duration,
}

/// How long each step takes. Each may be zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Delays {
    /// Verifying credentials.
    pub verify: Duration,
    /// Cleaning, or as far as it gets before it waits for a ramdisk.
    pub clean: Duration,
    /// Deploying, or as far as it gets before it waits for a ramdisk.
    pub deploy: Duration,
    /// Undeploying, before cleaning begins.
    pub undeploy: Duration,
    /// Inspecting.
    pub inspect: Duration,
    /// Adopting.
    pub adopt: Duration,
    /// Into rescue, and out of it.
    pub rescue: Duration,
    /// Servicing.
    pub service: Duration,
    /// Switching on.
    pub power_on: Duration,
    /// Cutting the power.
    pub power_off: Duration,
    /// How long a machine takes to go down by itself.
    pub soft_power_off: Duration,
    /// Attaching and detaching virtual media, switching the boot mode, secure boot and consoles.
    pub management: Duration,
    /// How long a ramdisk takes until it calls back.
    pub ramdisk: Duration,
    /// How long a BMC that hangs, or that is not there, is tried before the conductor gives up.
    pub bmc_timeout: Duration,
    /// How long a wait for a ramdisk may last
    /// (`[conductor]deploy_callback_timeout`, `clean_callback_timeout`, …).
    pub callback_timeout: Duration,
}

impl Delays {
    /// Nothing takes time, but for time-outs.
    pub const NONE: Self = Self {
        verify: Duration::ZERO,
        clean: Duration::ZERO,
        deploy: Duration::ZERO,
        undeploy: Duration::ZERO,
        inspect: Duration::ZERO,
        adopt: Duration::ZERO,
        rescue: Duration::ZERO,
        service: Duration::ZERO,
        power_on: Duration::ZERO,
        power_off: Duration::ZERO,
        soft_power_off: Duration::ZERO,
        management: Duration::ZERO,
        ramdisk: Duration::ZERO,
        bmc_timeout: Duration::ZERO,
        callback_timeout: Duration::from_mins(30),
    };
}

impl Delays {
    /// Each delay, but for time-outs, changed in the same way.
    #[must_use]
    pub fn map(self, change: impl Fn(Duration) -> Duration) -> Self {
        let Self {
            verify,
            clean,
            deploy,
            undeploy,
            inspect,
            adopt,
            rescue,
            service,
            power_on,
            power_off,
            soft_power_off,
            management,
            ramdisk,
            bmc_timeout,
            callback_timeout,
        } = self;
        Self {
            verify: change(verify),
            clean: change(clean),
            deploy: change(deploy),
            undeploy: change(undeploy),
            inspect: change(inspect),
            adopt: change(adopt),
            rescue: change(rescue),
            service: change(service),
            power_on: change(power_on),
            power_off: change(power_off),
            soft_power_off: change(soft_power_off),
            management: change(management),
            ramdisk: change(ramdisk),
            bmc_timeout,
            callback_timeout,
        }
    }
}

impl Default for Delays {
    /// About what the real stack takes, with the time-outs of Ironic.
    fn default() -> Self {
        Self {
            verify: Duration::from_secs(3),
            clean: Duration::from_secs(2),
            deploy: Duration::from_secs(6),
            undeploy: Duration::from_secs(4),
            inspect: Duration::from_secs(1),
            adopt: Duration::from_secs(2),
            rescue: Duration::from_secs(2),
            service: Duration::from_secs(1),
            power_on: Duration::from_secs(2),
            power_off: Duration::from_secs(2),
            soft_power_off: Duration::from_secs(10),
            management: Duration::from_secs(1),
            ramdisk: Duration::from_mins(2),
            bmc_timeout: Duration::from_secs(150),
            callback_timeout: Duration::from_mins(30),
        }
    }
}

impl Settings {
    /// The default, and nothing takes time.
    pub fn instant() -> Self {
        Self {
            delays: Delays::NONE,
            ..Self::default()
        }
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            clock: ClockKind::Virtual,
            delays: Delays::default(),
            versions: VersionRange {
                min: Microversion::v1(1),
                max: Microversion::v1(115),
            },
            max_limit: 1000,
            automated_clean: true,
            allow_deleting_available_nodes: true,
            hardware_types: vec!["fake-hardware".to_owned(), "redfish".to_owned()],
            interfaces: Interfaces::default(),
            conductor: "ironic-sim".to_owned(),
            lock_retry: None,
            power_sync: Some(Duration::from_secs(5)),
            power_sync_max_retries: 3,
            force_power_state: false,
            ramdisk_agent: false,
            strangers: Strangers::Conjured,
            update_pxe_enabled: false,
            http_url: "http://172.22.0.1:8080".to_owned(),
            missing_images: Vec::new(),
        }
    }
}
