//! What Ironic has enabled for a driver: the same for all hosts, and it changes when Ironic is configured anew.

use std::time::Duration;

use ironic_client::Ironic;
use ironic_types::calls::GetDriver;
use metal_plan::{Abilities, Bmc};

use crate::shared::{NoAnswer, Shared};

/// Who enables an interface and restarts Ironic waits no longer than this.
const MAX_AGE: Duration = Duration::from_secs(10);

/// What is known of the one driver that there is.
#[derive(Debug, Default)]
pub(crate) struct Driver(Shared<Abilities>);

impl Driver {
    /// What Ironic has enabled for the driver.
    pub(crate) async fn abilities(&self, ironic: &Ironic) -> Result<Abilities, NoAnswer> {
        self.0.get(MAX_AGE, read(ironic)).await
    }
}

async fn read(ironic: &Ironic) -> Result<Abilities, ironic_client::Error> {
    let call = GetDriver {
        name: Bmc::DRIVER.to_owned(),
    };
    match ironic.send(&call).await {
        Ok(driver) => Ok(Abilities::from(driver)),
        Err(error) if error.is_not_found() => Ok(Abilities::none(Bmc::DRIVER)),
        Err(error) => Err(error),
    }
}
