//! The custom resources that Ironboot serves, and the words it shares with its users.
//!
//! # Purpose
//! [`v1alpha1`] holds `BareMetalHost` and `HardwareData` with every field that Metal3's
//! baremetal-operator has, and what Ironboot adds to them; the admission rules stand beside the
//! types. [`values`] holds the values whose form matters to a boot (names of initiators and
//! targets, portals, MAC addresses), [`names`] the annotations and finalizers, [`annotations`] what
//! the values of annotations mean, [`conditions`] the conditions and their reasons.
//!
//! # Scope
//! Types, schemas, rules and names. Everything here is a value; nothing reads or writes anything.
//!
//! # Non-goals
//! What to do about a host (`metal-plan`), and talking to Kubernetes or Ironic
//! (`metal-controller`, `ironic-client`).

pub mod annotations;
pub mod conditions;
pub mod names;
pub mod v1alpha1;
pub mod values;
