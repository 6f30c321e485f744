//! `ironboot run`.

use anyhow::Context as _;
use metal_controller::Setup;
use metal_plan::Settings;
use tokio::signal::unix::{SignalKind, signal};

use crate::args::Run;
use crate::telemetry;

pub(crate) async fn run(args: Run) -> anyhow::Result<()> {
    let Run {
        ironic,
        namespace,
        soft_power_off_timeout,
        max_provisioning_retries,
        provisioning_limit,
        deploy_kernel_url,
        deploy_ramdisk_url,
        log_filter,
        log_format,
    } = args;
    telemetry::start(log_format, &log_filter)?;
    let kube = kube::Client::try_default()
        .await
        .context("failed to find out how to reach Kubernetes")?;
    let (ironic, ironic_host) = ironic.client()?;
    let settings = Settings {
        soft_power_off_timeout,
        deploy_kernel: deploy_kernel_url.into(),
        deploy_ramdisk: deploy_ramdisk_url.into(),
        max_provisioning_retries,
        provisioning_limit,
    };
    tracing::info!(
        version = env!("CARGO_PKG_VERSION"),
        ironic = ironic_host,
        namespace,
        "starting"
    );
    metal_controller::run(
        Setup {
            kube,
            ironic,
            settings,
            namespace,
        },
        shutdown()?,
    )
    .await;
    tracing::info!("stopped");
    Ok(())
}

/// Ends with the first SIGTERM or SIGINT.
fn shutdown() -> anyhow::Result<impl Future<Output = ()> + Send + Sync> {
    let mut terminate = signal(SignalKind::terminate()).context("failed to listen for SIGTERM")?;
    let mut interrupt = signal(SignalKind::interrupt()).context("failed to listen for SIGINT")?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}
