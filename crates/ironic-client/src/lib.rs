//! A typed client for OpenStack Ironic.
