//! `ironboot run`.

use std::sync::Arc;

use anyhow::Context as _;
use metal_controller::{ConfigDrives, Endpoints, Health, Metrics, Secrets, Setup};
use metal_plan::Settings;
use tokio::signal::unix::{SignalKind, signal};

use crate::args::Run;
use crate::own_namespace::own_namespace;
use crate::telemetry;

pub(crate) async fn run(args: Run) -> anyhow::Result<()> {
    let Run {
        ironic,
        namespace,
        soft_power_off_timeout,
        max_provisioning_retries,
        provisioning_limit,
        volume_lease_namespace,
        pod_namespace,
        deploy_kernel_url,
        deploy_ramdisk_url,
        metrics_addr,
        health_addr,
        config_drive,
        log_filter,
        log_format,
    } = args;
    telemetry::start(log_format, &log_filter)?;
    let config_drive = config_drive.address()?;
    let config_drive_url = config_drive.as_ref().map(|address| address.url.clone());
    let kube = kube::Client::try_default()
        .await
        .context("failed to find out how to reach Kubernetes")?;
    let (metrics, health) = (Metrics::new()?, Health::default());
    let endpoints = Endpoints::bind(
        (&metrics_addr, metrics.clone()),
        (&health_addr, health.clone()),
    )
    .await?;
    let (ironic, ironic_host) = ironic.client(metrics.ironic_observer())?;
    let own_namespace = own_namespace(pod_namespace);
    let secrets = Arc::new(Secrets::new(kube.clone(), own_namespace.clone()));
    let config_drives = match config_drive {
        Some(address) => {
            ConfigDrives::bind(address, kube.clone(), secrets.clone(), metrics.clone()).await?
        }
        None => ConfigDrives::nowhere(),
    };
    let settings = Settings {
        soft_power_off_timeout,
        deploy_kernel: deploy_kernel_url.into(),
        deploy_ramdisk: deploy_ramdisk_url.into(),
        max_provisioning_retries,
        provisioning_limit,
        volume_lease_namespace: volume_lease_namespace
            .filter(|namespace| !namespace.is_empty())
            .unwrap_or(own_namespace),
    };
    tracing::info!(
        version = env!("CARGO_PKG_VERSION"),
        ironic = ironic_host,
        namespace,
        leases = settings.volume_lease_namespace,
        metrics = endpoints.metrics_address().map(tracing::field::display),
        probes = endpoints.health_address().map(tracing::field::display),
        config_drives = config_drives.address().map(tracing::field::display),
        "starting"
    );
    let setup = Setup {
        kube,
        ironic,
        settings,
        namespace,
        secrets,
        config_drive_url,
        metrics,
        health,
    };
    tokio::select! {
        () = metal_controller::run(setup, shutdown()?) => {}
        never = config_drives.serve() => match never {},
        ended = endpoints.serve() => {
            ended.context("failed to serve metrics or probes")?;
        }
    }
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
