//! One watch over Ironic for all nodes, instead of a request for each node again and again.
//!
//! Ironic has no watch of its own: something must ask. [`watch`] asks for all that share an Ironic, by lists of many
//! nodes, at a pace that follows what happens there:
//!
//! * While a node is on its way (a transient provision state, a power action, a request of ours that was just taken),
//!   a second after the last answer, and after a quiet half minute two. In a large fleet only those nodes are asked for, by
//!   Ironic's filter of states, if that costs Ironic less time than a list of all.
//! * Else every ten seconds for each page, at most a minute: what others change is seen within that time.
//! * Ports, volume connectors and volume targets every five minutes.
//! * Never more than half of the time: after answers that took long, nothing is asked for as long as they took.
//! * After an error later and later, up to half a minute, and then everything is read anew.
//!
//! The longer times vary by a tenth, so that several programs on one Ironic don't stay in step.
//!
//! What was read is kept in an [`Inventory`], which answers without a request; what changed comes as [`Event`]s.

use std::collections::BTreeSet;
use std::time::Duration;

use futures_util::{Stream, stream};
use ironic_types::NodeId;
use tokio::time::{Instant, sleep_until};

use crate::ask::Ask;
use crate::client::Ironic;
use crate::error::{Error, ErrorKind};

mod inventory;
mod rounds;
mod schedule;
mod table;
#[cfg(test)]
mod tests;

pub use inventory::{Belongings, Inventory, Look};
use rounds::Found;
use schedule::{Round, Schedule};

/// How a [`watch`] asks.
#[derive(Clone, Debug)]
pub struct WatchSettings {
    /// The fields asked for of each node, and all that is known of it then: those that tell where it is, if not set.
    /// `uuid` must be among them, and those that decide the pace: `provision_state` and `target_power_state`.
    pub fields: &'static [&'static str],
    /// How many of these, counted from the last, are left out where the server is too old to know them: the youngest
    /// must stand last.
    pub dispensable_fields: usize,
    /// Between two questions while a node is on its way.
    pub busy: Duration,
    /// The same after half a minute in which nothing changed.
    pub quiet: Duration,
    /// Between two looks at all nodes, for each page that they take; a minute at most.
    pub idle: Duration,
    /// Between two lists of all ports, volume connectors and volume targets.
    pub bulk: Duration,
    /// After a round of questions that took a time, how many times as long nothing is asked.
    pub rest: u32,
    /// The longest wait after an error.
    pub retry: Duration,
}

/// Where a node is, and what went wrong.
const FIELDS: &[&str] = &[
    "uuid",
    "name",
    "provision_state",
    "target_provision_state",
    "power_state",
    "target_power_state",
    "last_error",
    "maintenance",
    "fault",
];

impl Default for WatchSettings {
    fn default() -> Self {
        Self {
            fields: FIELDS,
            dispensable_fields: 0,
            busy: Duration::from_secs(1),
            quiet: Duration::from_secs(2),
            idle: Duration::from_secs(10),
            bulk: Duration::from_mins(5),
            rest: 1,
            retry: Duration::from_secs(30),
        }
    }
}

/// What a [`watch`] saw.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// All nodes were read, for the first time or after an interruption: anything may have changed since.
    Synced,
    /// These nodes changed, appeared or are gone, or were [touched](Inventory::touch) and are read anew;
    /// or their ports, volume connectors or volume targets changed.
    Changed(BTreeSet<NodeId>),
    /// The nodes could not be read: Ironic gives no answer, or none that could be used. Told once, until the next
    /// [`Event::Synced`].
    Lost {
        /// What went wrong, for people.
        message: String,
    },
}

/// Watches all nodes of an Ironic.
///
/// Nothing is asked but while the stream is polled; it never ends.
/// The inventory is shared: it is up to date as long as the stream is polled.
///
/// ```no_run
/// use futures_util::StreamExt;
/// use ironic_client::Ironic;
/// use ironic_client::watch::{Event, WatchSettings, watch};
///
/// # async fn example(ironic: Ironic) {
/// let (inventory, events) = watch(ironic, WatchSettings::default());
/// let mut events = std::pin::pin!(events);
/// while let Some(event) = events.next().await {
///     if let Event::Changed(nodes) = event {
///         for node in nodes {
///             println!("{node}: {:?}", inventory.look(node));
///         }
///     }
/// }
/// # }
/// ```
///
/// # Cancellation
///
/// Dropping the stream ends the watch.
pub fn watch(
    ironic: Ironic,
    settings: WatchSettings,
) -> (Inventory, impl Stream<Item = Event> + Send + 'static) {
    let watch = Watch::new(ironic, settings, fastrand::Rng::new());
    (watch.inventory.clone(), watch.into_events())
}

struct Watch<A> {
    ask: A,
    /// What is asked for at present, of what is wanted.
    fields: &'static [&'static str],
    wanted: &'static [&'static str],
    /// How many of the wanted must be asked for.
    indispensable: usize,
    inventory: Inventory,
    schedule: Schedule,
    random: fastrand::Rng,
}

impl<A: Ask + 'static> Watch<A> {
    fn new(ask: A, settings: WatchSettings, random: fastrand::Rng) -> Self {
        Self {
            ask,
            fields: settings.fields,
            wanted: settings.fields,
            indispensable: settings.fields.len()
                - settings.dispensable_fields.min(settings.fields.len()),
            inventory: Inventory::default(),
            schedule: Schedule::new(settings, Instant::now()),
            random,
        }
    }

    fn into_events(self) -> impl Stream<Item = Event> + Send + 'static {
        stream::unfold(self, |mut watch| async move {
            let event = watch.next_event().await;
            Some((event, watch))
        })
    }

    async fn next_event(&mut self) -> Event {
        loop {
            let (round, at) = self.schedule.next(&self.inventory.on_their_way());
            let pause_ends = self.inventory.next_pause_ends();
            tokio::select! {
                () = self.inventory.touched() => self.schedule.hurry(Instant::now()),
                () = sleep_until(pause_ends.unwrap_or(at)), if pause_ends.is_some() => {}
                () = sleep_until(at) => {
                    if let Some(event) = self.carry_out(&round).await {
                        return event;
                    }
                }
            }
        }
    }

    /// Asks, and takes in the answers; what is worth telling, if anything.
    async fn carry_out(&mut self, round: &Round) -> Option<Event> {
        let began = Instant::now();
        let found = self.ask_for_what_is_known(round).await;
        let jitter = 0.9 + 0.2 * self.random.f64();
        match found {
            Ok(Found { changed, requests }) => {
                tracing::debug!(?round, requests, changed = changed.len(), "Ironic was read");
                let resumed = self.inventory.resume();
                let changes = !changed.is_empty();
                self.schedule
                    .answered(round, began, Instant::now(), requests, changes, jitter);
                if resumed {
                    Some(Event::Synced)
                } else {
                    changes.then_some(Event::Changed(changed))
                }
            }
            Err(error) => self.failed(round, began, &error, jitter),
        }
    }

    async fn ask_for_what_is_known(&mut self, round: &Round) -> Result<Found, Error> {
        loop {
            let found = rounds::carry_out(&self.ask, &self.inventory, round, self.fields).await;
            match (found, self.fields.split_last()) {
                (Err(error), Some((youngest, others)))
                    if error.kind() == ErrorKind::Unsupported
                        && others.len() >= self.indispensable =>
                {
                    tracing::info!(field = youngest, "this Ironic is too old to know a field");
                    self.fields = others;
                }
                (found, _) => return found,
            }
        }
    }

    fn failed(
        &mut self,
        round: &Round,
        began: Instant,
        error: &Error,
        jitter: f64,
    ) -> Option<Event> {
        let message = error.in_words();
        self.schedule.failed(round, began, Instant::now(), jitter);
        if matches!(round, Round::Bulk(_)) {
            tracing::warn!(
                ?round,
                message,
                "a list could not be read and is tried again"
            );
            return None;
        }
        // It may be upgraded meanwhile.
        self.fields = self.wanted;
        let is_news = self.inventory.lose(&message);
        if is_news {
            tracing::warn!(error = message, "Ironic's nodes could not be read");
        }
        is_news.then_some(Event::Lost { message })
    }
}
