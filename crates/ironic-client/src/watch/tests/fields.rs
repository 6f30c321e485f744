//! Which fields are asked for.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::StreamExt;
use ironic_sim::{Seed, Settings, Sim, State};
use ironic_types::{Call, Microversion};
use tokio::time::timeout;

use crate::ask::Ask;
use crate::error::Error;
use crate::watch::{Event, Watch, WatchSettings};

const FIELDS: &[&str] = &["uuid", "provision_state", "target_power_state"];
const NEWER: &[&str] = &["uuid", "provision_state", "target_power_state", "health"];

/// An Ironic up to some version, and what it was asked for.
struct UpTo {
    newest: Microversion,
    sim: Sim,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Ask for UpTo {
    async fn ask<C: Call + Sync>(&self, call: &C) -> Result<C::Response, Error> {
        assert!(call.required_version() <= self.newest);
        let fields = call
            .query()
            .into_iter()
            .filter(|(name, _)| *name == "fields");
        let mut asked = self.asked.lock().unwrap();
        asked.extend(fields.map(|(_, fields)| fields));
        Ok(self.sim.send(call).unwrap())
    }

    async fn speaks(&self, needed: Microversion) -> bool {
        needed <= self.newest
    }
}

async fn asked_of(newest: u16, newer_fields: &'static [&'static str]) -> Vec<String> {
    let sim = Sim::new(Settings::default());
    sim.seed(&Seed {
        count: 1,
        nodes: Some(State::Available),
        ..Seed::default()
    });
    let asked = Arc::<Mutex<Vec<String>>>::default();
    let ask = UpTo {
        newest: Microversion::v1(newest),
        sim,
        asked: asked.clone(),
    };
    let settings = WatchSettings {
        fields: FIELDS,
        newer_fields,
        ..WatchSettings::default()
    };
    let watch = Watch::new(ask, settings, fastrand::Rng::with_seed(7));
    let mut events = watch.into_events().boxed();
    let event = timeout(Duration::from_secs(5), events.next()).await;
    assert_eq!(event.unwrap(), Some(Event::Synced));
    asked.lock().unwrap().clone()
}

#[tokio::test(start_paused = true)]
async fn newer_fields_are_asked_of_an_ironic_that_knows_them() {
    assert_eq!(asked_of(109, NEWER).await, [NEWER.join(",")]);
    assert_eq!(asked_of(108, NEWER).await, [FIELDS.join(",")]);
}

#[tokio::test(start_paused = true)]
async fn none_are_asked_for_where_none_are_set() {
    assert_eq!(asked_of(115, &[]).await, [FIELDS.join(",")]);
}
