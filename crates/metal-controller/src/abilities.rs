//! What Ironic has enabled for a driver: the same for all hosts, and it changes when Ironic is configured anew.

use std::collections::HashMap;
use std::time::Duration;

use ironic_client::Ironic;
use ironic_types::calls::GetDriver;
use metal_plan::Abilities;
use tokio::sync::Mutex;
use tokio::time::Instant;

/// Who enables an interface and restarts Ironic waits no longer than this.
const MAX_AGE: Duration = Duration::from_mins(1);

/// The drivers that were asked for lately.
#[derive(Debug, Default)]
pub(crate) struct Drivers(Mutex<HashMap<String, (Instant, Abilities)>>);

impl Drivers {
    /// What Ironic has enabled for this driver. Hosts that need it at the same time share one request.
    pub(crate) async fn abilities(
        &self,
        ironic: &Ironic,
        driver: &str,
    ) -> Result<Abilities, ironic_client::Error> {
        let mut known = self.0.lock().await;
        if let Some((read_at, abilities)) = known.get(driver)
            && read_at.elapsed() < MAX_AGE
        {
            return Ok(abilities.clone());
        }
        let read_at = Instant::now();
        let call = GetDriver {
            name: driver.to_owned(),
        };
        let abilities = match ironic.send(&call).await {
            Ok(driver) => Abilities::from(driver),
            Err(error) if error.is_not_found() => Abilities::none(driver),
            Err(error) => return Err(error),
        };
        known.insert(driver.to_owned(), (read_at, abilities.clone()));
        Ok(abilities)
    }
}
