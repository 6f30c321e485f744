//! The watch in virtual time.
