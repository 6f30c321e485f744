//! What Ironic has enabled for a driver: the same for all hosts with it, and it changes when Ironic is configured anew.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use ironic_client::Ironic;
use ironic_types::calls::GetDriver;
use metal_plan::Abilities;

use crate::shared::{NoAnswer, Shared};

/// Who enables an interface and restarts Ironic waits no longer than this.
const MAX_AGE: Duration = Duration::from_secs(10);

/// What is known of each driver that a host has asked for: there are few.
#[derive(Debug, Default)]
pub(crate) struct Drivers(Mutex<HashMap<&'static str, Arc<Shared<Abilities>>>>);

impl Drivers {
    /// What Ironic has enabled for the driver.
    pub(crate) async fn abilities(
        &self,
        ironic: &Ironic,
        driver: &'static str,
    ) -> Result<Abilities, NoAnswer> {
        let shared = self.of(driver);
        shared.get(MAX_AGE, read(ironic, driver)).await
    }

    fn of(&self, driver: &'static str) -> Arc<Shared<Abilities>> {
        let mut drivers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(drivers.entry(driver).or_default())
    }
}

async fn read(ironic: &Ironic, driver: &str) -> Result<Abilities, ironic_client::Error> {
    let call = GetDriver {
        name: driver.to_owned(),
    };
    match ironic.send(&call).await {
        Ok(driver) => Ok(Abilities::from(driver)),
        Err(error) if error.is_not_found() => Ok(Abilities::none(driver)),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use ironic_sim::{Settings, Sim};

    use super::*;

    #[tokio::test]
    async fn each_driver_is_asked_for_once_and_one_that_ironic_lacks_is_no_error() {
        drop(rustls::crypto::ring::default_provider().install_default());
        let sim = Sim::new(Settings::default());
        let server = sim.serve(([127, 0, 0, 1], 0).into()).await.unwrap();
        let ironic = Ironic::builder(server.url().parse().unwrap())
            .build()
            .unwrap();
        let drivers = Drivers::default();
        for _ in 0..2 {
            let redfish = drivers.abilities(&ironic, "redfish").await.unwrap();
            assert!(redfish.is_enabled);
            assert_eq!(redfish.driver, "redfish");
            assert!(redfish.power_interfaces.contains(&"redfish".to_owned()));
            let idrac = drivers.abilities(&ironic, "idrac").await.unwrap();
            assert_eq!(idrac, Abilities::none("idrac"));
        }
        assert_eq!(sim.journal().count("GET /v1/drivers/{driver}"), 2);
    }
}
