//! Generated files, and checks of the rules in ARCHITECTURE.md.

#![expect(
    clippy::print_stdout,
    reason = "the output of these commands is for people"
)]

mod architecture;
mod crds;
mod states;

use anyhow::Result;
use clap::{Parser, Subcommand};
use std::path::Path;

/// Generates files, and checks the rules in ARCHITECTURE.md.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Write the custom resource definitions to deploy/crds.
    Crds {
        /// Write nothing, and fail if the files are not what would be written.
        #[arg(long)]
        check: bool,
    },
    /// Write docs/states.md: what the planner does in each state of a host.
    States {
        /// Write nothing, and fail if the file is not what would be written.
        #[arg(long)]
        check: bool,
    },
    /// Check what the crates depend on, that all of them have the workspace's lints, and how long
    /// their files are.
    Architecture,
}

fn main() -> Result<()> {
    let root = root();
    match Args::parse().command {
        Command::Crds { check: false } => crds::write(root),
        Command::Crds { check: true } => crds::check(root),
        Command::States { check: false } => states::write(root),
        Command::States { check: true } => states::check(root),
        Command::Architecture => architecture::check(root),
    }
}

/// The folder of the workspace.
fn root() -> &'static Path {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).unwrap_or(here)
}
