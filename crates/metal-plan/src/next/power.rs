//! What is recorded and told of changes of the power.

use ironic_types::PowerTarget;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use metal_api::annotations::RebootMode;
use metal_api::names;
use metal_api::v1alpha1::ErrorType;

use super::Next;
use crate::event::EventReason;
use crate::host::shutdown_asked_at;
use crate::power::{CANNOT_BE_ASKED, Reboots, after_failure, is_of_another_time};

impl Next<'_> {
    /// Ironic has taken a power action.
    pub(super) fn changes_power(&mut self, target: PowerTarget) {
        match target {
            PowerTarget::On => self.normal(EventReason::PowerOn, "powering on"),
            PowerTarget::SoftOff => {
                self.tell_of_unreadable_reboots();
                self.record_shutdown(Some(self.now()));
                self.normal(
                    EventReason::PowerOff,
                    "asking the operating system to shut down",
                );
            }
            PowerTarget::Off => self.cuts_power(),
            PowerTarget::SoftReboot => {
                self.tell_of_unreadable_reboots();
                self.annotate(names::REBOOT_ANNOTATION, None);
                self.normal(EventReason::Reboot, "asking the operating system to reboot");
            }
            PowerTarget::Reboot => {
                self.tell_of_unreadable_reboots();
                self.annotate(names::REBOOT_ANNOTATION, None);
                self.normal(EventReason::Reboot, "resetting the machine");
            }
        }
    }

    fn cuts_power(&mut self) {
        self.tell_of_unreadable_reboots();
        if self.was_asked() {
            self.warn(
                EventReason::PowerOff,
                "the machine was asked to shut down and did not; cutting its power",
            );
        } else if Reboots::of(&self.host).mode == RebootMode::Hard {
            self.normal(
                EventReason::PowerOff,
                "a reboot annotation asks for it: cutting the power",
            );
        } else {
            self.normal(EventReason::PowerOff, "cutting the power");
        }
        // From now on the time runs after which a deletion goes on.
        let now = self.now();
        let shown = self.status.boot_volume.get_or_insert_default();
        shown.power_cut_at.get_or_insert(now);
    }

    /// The driver can't do it: that is no failure of the machine, and the next pass cuts the power.
    pub(super) fn cannot_be_asked(&mut self, message: &str) {
        self.record_shutdown(Some(self.now()));
        let message = format!("{CANNOT_BE_ASKED}: {message}");
        self.show_error(Some(ErrorType::PowerManagement), &message);
        self.warn(EventReason::PowerOff, message);
    }

    /// The first time counts: the power is cut only so long after it.
    pub(super) fn record_shutdown(&mut self, asked_at: Option<Time>) {
        let observation = self.observation;
        let shown = self.status.boot_volume.get_or_insert_default();
        let before = shown
            .shutdown_asked_at
            .take()
            .filter(|before| !is_of_another_time(observation, before.0));
        if asked_at.is_none() {
            shown.power_cut_at = None;
        }
        shown.shutdown_asked_at = asked_at.map(|now| before.unwrap_or(now));
    }

    /// Told with the first request that such an annotation leads to, and not at each pass.
    fn tell_of_unreadable_reboots(&mut self) {
        if self.was_asked() || after_failure(&self.observation.host) {
            return;
        }
        for unreadable in Reboots::of(&self.host).unreadable {
            self.warn(EventReason::InvalidAnnotationValue, unreadable.to_string());
        }
    }

    fn was_asked(&self) -> bool {
        shutdown_asked_at(&self.observation.host).is_some()
    }
}
