//! An Ironic without machines.
