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
use crate::simulated::{HangingBmc, Simulated};

/// An Ironic to run cases on.
#[derive(Debug, Clone)]
pub enum Backend {
    /// A real one, shared by all cases.
    Real(Arc<Real>),
    /// A simulated one for each case, in virtual time.
    Simulated,
}

/// What is around the Ironic of one case.
#[derive(Debug)]
pub(crate) enum World {
    Real(Arc<Real>),
    Simulated(Simulated),
}

/// A BMC that takes requests and does not answer.
#[derive(Debug)]
pub(crate) enum Silence {
    Real(SilentBmc),
    Simulated(HangingBmc),
}

impl Backend {
    /// What one case has.
    pub async fn env(&self) -> Result<Env> {
        match self {
            Self::Real(real) => env(&real.site.ironic, World::Real(real.clone())),
            Self::Simulated => {
                let simulated = Simulated::start().await?;
                let root = simulated.root()?;
                env(&root, World::Simulated(simulated))
            }
        }
    }

    /// How many machines it has: so many cases that need one can run at a time.
    pub(crate) fn machines(&self) -> usize {
        match self {
            Self::Real(real) => real.site.machines.len(),
            Self::Simulated => 1,
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
            Self::Simulated(_) => Ok((Simulated::machine(), None)),
        }
    }

    pub(crate) async fn silent_bmc(&self) -> Result<Silence> {
        match self {
            Self::Real(_) => SilentBmc::start().await.map(Silence::Real),
            Self::Simulated(simulated) => Ok(Silence::Simulated(simulated.hanging_bmc())),
        }
    }

    pub(crate) fn boot(&self, node: &str, mac: &str) -> Result<Boot> {
        match self {
            Self::Real(real) => real.boot(mac),
            Self::Simulated(simulated) => simulated.boot(node),
        }
    }

    pub(crate) async fn cut_power(&self, machine: &Machine) -> Result<()> {
        match self {
            Self::Real(real) => real.switch_off(machine).await,
            Self::Simulated(simulated) => simulated.switch_off(machine),
        }
    }

    pub(crate) async fn is_on(&self, machine: &Machine) -> Result<bool> {
        match self {
            Self::Real(real) => real.is_on(machine).await,
            Self::Simulated(simulated) => simulated.is_on(machine),
        }
    }

    pub(crate) fn image(&self) -> Result<String> {
        match self {
            Self::Real(real) => real.image(),
            Self::Simulated(_) => Ok(Simulated::IMAGE.to_owned()),
        }
    }

    pub(crate) fn missing_image(&self) -> String {
        match self {
            Self::Real(real) => real.missing_image(),
            Self::Simulated(_) => Simulated::MISSING_IMAGE.to_owned(),
        }
    }

    /// The longest that anything in Ironic takes, and a lot more.
    pub(crate) fn limit(&self) -> Duration {
        match self {
            Self::Real(_) => Duration::from_mins(2),
            // Virtual time costs nothing.
            Self::Simulated(_) => Duration::from_mins(15),
        }
    }

    /// Lets some time pass, and says how much.
    pub(crate) async fn tick(&self) -> Duration {
        const STEP: Duration = Duration::from_millis(100);
        match self {
            Self::Real(_) => {
                tokio::time::sleep(STEP).await;
                STEP
            }
            Self::Simulated(simulated) => simulated.tick(),
        }
    }
}

impl Silence {
    pub(crate) fn address(&self) -> &str {
        match self {
            Self::Real(bmc) => &bmc.address,
            Self::Simulated(bmc) => &bmc.address,
        }
    }

    /// Lets it answer that it has nothing.
    pub(crate) fn end(&self) {
        match self {
            Self::Real(bmc) => bmc.release(),
            Self::Simulated(bmc) => bmc.release(),
        }
    }
}
