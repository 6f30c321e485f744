//! Ironboot: a Kubernetes operator that turns `BareMetalHost` objects into running machines through OpenStack Ironic,
//! diskless ones included.

mod args;
mod operator;
mod own_namespace;
mod telemetry;

use anyhow::Context;
use args::{Args, Command};
use clap::Parser;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let Args { command } = Args::parse();
    // One provider for the whole binary: kube and reqwest take what is installed here.
    rustls::crypto::ring::default_provider()
        .install_default()
        .ok()
        .context("another TLS provider was installed first")?;
    match command {
        Command::Run(run) => operator::run(run).await,
    }
}
