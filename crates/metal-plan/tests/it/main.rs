//! Cases of the planner: what is observed, and what is planned for it.

mod conditions;
mod fixtures;
mod interruptions;
mod plans;
mod properties;
mod refusals;
mod shutdown;
mod status;
