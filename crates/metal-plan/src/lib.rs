//! The brain: what to do next for a host, as a pure function of what was observed.
