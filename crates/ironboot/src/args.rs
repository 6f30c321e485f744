//! The command line. Each flag has an environment twin, named as Metal3 names it where Metal3 has it.

use std::time::Duration;

use clap::{Args as ArgGroup, Parser, Subcommand, ValueEnum};
use metal_controller::Listen;
use url::Url;

mod config_drive;
mod ironic;

use config_drive::ConfigDriveArgs;
use ironic::IronicArgs;

/// Turns BareMetalHosts into running machines through OpenStack Ironic.
#[derive(Parser)]
#[command(version, about)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Run the operator. Kubernetes is found as kubectl finds it: by KUBECONFIG, or from inside a pod.
    Run(Run),
}

#[derive(ArgGroup)]
pub(crate) struct Run {
    #[command(flatten)]
    pub(crate) ironic: IronicArgs,

    /// Care for hosts of this namespace only; for all namespaces where it isn't given.
    #[arg(long, env = "WATCH_NAMESPACE")]
    pub(crate) namespace: Option<String>,

    /// How many seconds a machine gets to shut down before its power is cut.
    #[arg(long, env = "SOFT_POWER_OFF_TIMEOUT", default_value = "180", value_parser = seconds)]
    pub(crate) soft_power_off_timeout: Duration,

    /// How many deployments of a host may fail in a row before it waits for a change of its spec; 0 for any number.
    #[arg(long, env = "MAX_PROVISIONING_RETRIES", default_value_t = 5, value_parser = clap::value_parser!(i64).range(0..))]
    pub(crate) max_provisioning_retries: i64,

    /// How many machines may boot a ramdisk from the network at once, to be cleaned or inspected: one more waits.
    #[arg(long, env = "PROVISIONING_LIMIT", default_value_t = 20, value_parser = clap::builder::RangedU64ValueParser::<usize>::new().range(1..))]
    pub(crate) provisioning_limit: usize,

    /// Where the Leases are that tell which host has which volume; the operator's own namespace where it isn't given.
    /// All operators of a cluster must have the same.
    #[arg(long, env = "VOLUME_LEASE_NAMESPACE")]
    pub(crate) volume_lease_namespace: Option<String>,

    /// The operator's own namespace, where no service account tells it; ironboot-system where this isn't given either.
    #[arg(long, env = "POD_NAMESPACE")]
    pub(crate) pod_namespace: Option<String>,

    /// The deploy kernel of nodes. Ironic demands one even of nodes that boot from a volume, and then never fetches it.
    #[arg(
        long,
        env = "DEPLOY_KERNEL_URL",
        default_value = "http://deploy-kernel.invalid/"
    )]
    pub(crate) deploy_kernel_url: Url,

    /// The deploy ramdisk of nodes, likewise.
    #[arg(
        long,
        env = "DEPLOY_RAMDISK_URL",
        default_value = "http://deploy-ramdisk.invalid/"
    )]
    pub(crate) deploy_ramdisk_url: Url,

    /// Where /metrics is served, by plain HTTP and to whoever asks: HOST:PORT, :PORT for all addresses of the machine,
    /// 0 for nowhere.
    // Metal3's flag; its default, :8443, is HTTPS with Kubernetes' authorisation. Nobody from outside is served unasked.
    #[arg(long, env = "METRICS_ADDR", default_value = "127.0.0.1:8085")]
    pub(crate) metrics_addr: Listen,

    /// Where /healthz and /readyz are served, likewise.
    #[arg(long, env = "HEALTH_ADDR", default_value = ":9440")]
    pub(crate) health_addr: Listen,

    #[command(flatten)]
    pub(crate) config_drive: ConfigDriveArgs,

    /// What is logged, as tracing's `EnvFilter` reads it. No level shows a secret.
    #[arg(long, env = "RUST_LOG", default_value = "info,kube_runtime=warn")]
    pub(crate) log_filter: String,

    /// How log lines look.
    #[arg(long, env = "LOG_FORMAT", default_value = "text")]
    pub(crate) log_format: LogFormat,
}

/// How log lines look.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

/// Ironic takes no less than a second.
fn seconds(text: &str) -> Result<Duration, std::num::ParseIntError> {
    text.parse::<std::num::NonZeroU32>()
        .map(|seconds| Duration::from_secs(seconds.get().into()))
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Args::command().debug_assert();
    }
}
