//! What a suite runs against.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use ironic_client::Ironic;
use ironic_types::VersionRange;
use url::Url;

use crate::api::Api;
use crate::boot::Boot;
use crate::env::{Env, Machine};
use crate::real::{Lease, Real};
use crate::silent_bmc::SilentBmc;

/// An Ironic to run cases on.
#[derive(Debug, Clone)]
pub enum Backend {
    /// A real one, shared by all cases.
    Real(Arc<Real>),
}

/// What is around the Ironic of one case.
#[derive(Debug)]
pub(crate) enum World {
    Real(Arc<Real>),
}

impl Backend {
    /// What one case has.
    pub async fn env(&self) -> Result<Env> {
        match self {
            Self::Real(real) => env(&real.site.ironic, World::Real(real.clone())),
        }
    }

    /// How many machines it has: so many cases that need one can run at a time.
    pub(crate) fn machines(&self) -> usize {
        match self {
            Self::Real(real) => real.site.machines.len(),
        }
    }

    /// The versions that it speaks.
    pub async fn versions(&self) -> Result<VersionRange> {
        let env = self.env().await?;
        let versions = env.ironic.versions().await;
        versions.context("failed to read which versions this Ironic speaks")
    }
}

fn env(root: &Url, world: World) -> Result<Env> {
    let ironic = Ironic::builder(root.clone()).build()?;
    Ok(Env::new(ironic, Api::new(root)?, world))
}

impl World {
    pub(crate) async fn machine(&self) -> Result<(Machine, Option<Lease>)> {
        match self {
            Self::Real(real) => {
                let lease = real.machine().await?;
                Ok((lease.machine().clone(), Some(lease)))
            }
        }
    }

    pub(crate) async fn silent_bmc(&self) -> Result<SilentBmc> {
        match self {
            Self::Real(_) => SilentBmc::start().await,
        }
    }

    pub(crate) fn boot(&self, mac: &str) -> Result<Boot> {
        match self {
            Self::Real(real) => real.boot(mac),
        }
    }

    pub(crate) async fn cut_power(&self, machine: &Machine) -> Result<()> {
        match self {
            Self::Real(real) => real.switch_off(machine).await,
        }
    }

    pub(crate) async fn is_on(&self, machine: &Machine) -> Result<bool> {
        match self {
            Self::Real(real) => real.is_on(machine).await,
        }
    }

    pub(crate) fn image(&self) -> Result<String> {
        match self {
            Self::Real(real) => real.image(),
        }
    }

    pub(crate) fn missing_image(&self) -> String {
        match self {
            Self::Real(real) => real.missing_image(),
        }
    }

    /// Lets some time pass, and says how much.
    pub(crate) async fn tick(&self) -> Result<Duration> {
        const STEP: Duration = Duration::from_millis(100);
        match self {
            Self::Real(_) => {
                tokio::time::sleep(STEP).await;
                Ok(STEP)
            }
        }
    }
}
