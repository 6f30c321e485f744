//! Ironic's wire types, its calls as values, and version negotiation: no I/O.
