//! The Ironboot operator.
fn main() {}
