//! Whole lives of hosts: the operator's own passes on a simulated Ironic and a Kubernetes in memory, in virtual time.
//!
//! Each scenario says what users, machines and Ironic do, and where everything must end.

mod plain;
