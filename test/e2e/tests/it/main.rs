//! The end-to-end tests: real Kubernetes API, real Ironic, real (emulated) machines, real iSCSI.
//!
//! `just e2e` starts them, inside of the stack.

mod admission;
mod bmc_credentials;
mod chap_secrets;
mod claim;
mod client_example;
mod cluster_api;
mod cluster_api_move;
mod consumers;
mod data_volumes;
mod database_loss;
mod deletion_sweep;
mod detach;
mod drift;
mod enrol;
mod kills;
mod leases;
mod move_volume;
mod multipath;
mod parked;
mod rbac;
mod reboot_annotations;
mod recovery;
mod redeploy;
mod release;
mod secrets;
mod stored_before_the_rules;
mod user_data;
mod volumes;
mod wrong_chap;
