//! Observe, execute and publish: everything that talks to Kubernetes and to Ironic.
