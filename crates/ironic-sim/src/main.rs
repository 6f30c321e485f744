//! The program: a simulated Ironic for any operator to be pointed at.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context, Result};
use clap::Parser;
use ironic_sim::{ClockKind, Credentials, LockRetry, Seed, Settings, Sim, State, Strangers};

/// Simulates an Ironic with machines behind Redfish BMCs, in real time.
///
/// Machine number I, from 0, is at `--bmc-address` and `/redfish/v1/Systems/` with the UUID
/// b0070000-0000-4000-8000-I (12 hexadecimal digits); its MAC address is 52:54 and I in 8
/// hexadecimal digits.
///
/// GET /_sim/journal counts the requests by kind, DELETE /_sim/journal forgets them.
/// POST /_sim/faults asks for something to go wrong, DELETE /_sim/faults takes that back:
///
///   {"fault": "status", "status": 503, "times": 3}
///   {"fault": "slow", "seconds": 2, "kind": "GET /v1/nodes"}
///   {"fault": "cut-after", "method": "PUT"}          or "cut-before"
///   {"fault": "locked", "seconds": 10, "node": UUID}
///   {"fault": "database-lost"}
///   {"fault": "crash", "seconds": 0}
///   {"fault": "fails", "work": "deploy", "words": "no luck", "node": UUID}
///                                  or clean, inspect, adopt, tear-down, power
///
/// "kind", "method", "path" (its beginning) and "node" say where; "times" how often: once if it is
/// absent, always if it is 0.
#[derive(Parser)]
#[command(version, verbatim_doc_comment)]
struct Args {
    /// Where to listen.
    #[arg(long, default_value = "127.0.0.1:6385")]
    listen: SocketAddr,
    /// How many machines there are.
    #[arg(long, default_value_t = 10)]
    nodes: u32,
    /// Enrol the machines in this state, such as `manageable` or `available`.
    #[arg(long, value_parser = parse_state)]
    enrolled: Option<State>,
    /// Scheme, host and port of the machines' BMC: `driver_info.redfish_address`.
    #[arg(long, default_value = "http://192.0.2.1:8000")]
    bmc_address: String,
    /// The account of the BMC.
    #[arg(long, default_value = "admin")]
    bmc_username: String,
    /// Its password. It opens nothing but simulated machines.
    #[arg(long, default_value = "password")]
    bmc_password: String,
    /// Let BMCs at other addresses be nobody's: without it, each has a machine.
    #[arg(long)]
    no_strangers: bool,
    /// How much slower than the real thing: 0 takes no time at all.
    #[arg(long, default_value_t = 1.0)]
    pace: f64,
    /// The most items of a page.
    #[arg(long, default_value_t = 1000)]
    max_limit: usize,
    /// Clean nodes that say nothing themselves. No ramdisk boots: they wait for it.
    #[arg(long)]
    automated_clean: bool,
    /// Images whose URL contains this do not exist. May be given several times.
    #[arg(long)]
    missing_image: Vec<String>,
    /// Let deploy ramdisks boot and call.
    #[arg(long)]
    ramdisk: bool,
}

fn parse_state(text: &str) -> Result<State, String> {
    State::parse(text).ok_or_else(|| format!("there is no state {text:?}"))
}

#[tokio::main]
async fn main() -> Result<()> {
    tracing_subscriber::fmt()
        .with_env_filter(
            tracing_subscriber::EnvFilter::try_from_default_env().unwrap_or_else(|_| "info".into()),
        )
        .init();
    let args = Args::parse();
    anyhow::ensure!(
        args.pace.is_finite() && args.pace >= 0.0,
        "--pace must be a positive number, or 0"
    );
    let sim = Sim::new(settings(&args));
    let seed = Seed {
        count: args.nodes,
        address: args.bmc_address,
        credentials: Credentials {
            username: args.bmc_username,
            password: args.bmc_password.into(),
        },
        nodes: args.enrolled,
    };
    sim.seed(&seed);
    let server = sim
        .serve(args.listen)
        .await
        .with_context(|| format!("failed to listen at {}", args.listen))?;
    tracing::info!(
        url = server.url(),
        machines = seed.count,
        bmc = seed.address,
        first_system = Seed::system(0),
        first_mac = Seed::mac(0),
        "serving Ironic, version 1.1 to 1.115, without credentials"
    );
    tokio::select! {
        () = server.run() => {}
        interrupt = tokio::signal::ctrl_c() => interrupt.context("failed to wait for a signal")?,
    }
    Ok(())
}

fn settings(args: &Args) -> Settings {
    let default = Settings::default();
    let delays = default.delays;
    let paced = |time: Duration| {
        Duration::try_from_secs_f64(time.as_secs_f64() * args.pace).unwrap_or(Duration::MAX)
    };
    Settings {
        clock: ClockKind::Real,
        delays: delays.map(paced),
        lock_retry: Some(LockRetry {
            attempts: 3,
            interval: paced(Duration::from_secs(1)),
        }),
        max_limit: args.max_limit.max(1),
        automated_clean: args.automated_clean,
        ramdisk_agent: args.ramdisk,
        missing_images: args.missing_image.clone(),
        strangers: if args.no_strangers {
            Strangers::Absent
        } else {
            Strangers::Conjured
        },
        ..default
    }
}
