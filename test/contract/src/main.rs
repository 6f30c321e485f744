//! Runs the contract suite and prints the tally.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use clap::Parser;
use contract::{Backend, Case, Outcome, Real, Site, cases, run};
use url::Url;

/// Asks an Ironic for what Ironboot relies on: a simulated one, or with --url a real one.
#[derive(Parser, Debug)]
struct Args {
    /// Where a real Ironic listens, without authentication.
    #[arg(long, requires = "stack_dir")]
    url: Option<Url>,
    /// The folder of the stack around it, as `hack/stack folder NAME` prints it.
    #[arg(long, requires = "url")]
    stack_dir: Option<PathBuf>,
    /// The stack's settings.
    #[arg(long, default_value_os_t = site_env())]
    site: PathBuf,
    /// What to call this Ironic in the tally.
    #[arg(long)]
    title: Option<String>,
    /// How many cases run at a time, beside those that need a machine.
    #[arg(long, default_value_t = 2)]
    at_once: usize,
    /// Print each case with its time, not only those that fail.
    #[arg(long)]
    verbose: bool,
    /// List the cases and run none.
    #[arg(long)]
    list: bool,
    /// Run only the cases that contain one of these texts.
    filters: Vec<String>,
}

#[tokio::main]
async fn main() -> Result<ExitCode> {
    let args = Args::parse();
    let chosen = chosen(&args.filters);
    if args.list {
        for case in &chosen {
            say(&case.to_string())?;
        }
        return Ok(ExitCode::SUCCESS);
    }
    if rustls::crypto::ring::default_provider()
        .install_default()
        .is_err()
    {
        bail!("a crypto provider is installed already");
    }
    if chosen.is_empty() {
        bail!("no case contains {:?}", args.filters);
    }
    let (backend, kind) = backend(&args)?;
    let versions = backend.versions().await?;
    let tally = run(
        &backend,
        versions,
        &chosen,
        args.at_once,
        |case, outcome, took| {
            let line = match outcome {
                Outcome::Failed(problem) => format!("FAILED {case}\n       {problem}"),
                Outcome::NotOffered => format!("not offered before {}: {case}", case.since),
                Outcome::Passed if args.verbose => format!("{:5.1} s {case}", took.as_secs_f64()),
                Outcome::Passed => return,
            };
            // A broken pipe ends the run at the tally.
            let _ = say(&line);
        },
    )
    .await;
    let title = args.title.as_deref().unwrap_or(kind);
    say(&format!("{title} ({}): {tally}", versions.max))?;
    Ok(if tally.is_good() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn backend(args: &Args) -> Result<(Backend, &'static str)> {
    let (Some(url), Some(stack)) = (&args.url, &args.stack_dir) else {
        return Ok((Backend::Simulated, "ironic-sim"));
    };
    let site = Site::read(url.clone(), stack, &args.site)?;
    Ok((Backend::Real(Arc::new(Real::new(site)?)), "real Ironic"))
}

fn chosen(filters: &[String]) -> Vec<&'static Case> {
    let wanted = |case: &&'static Case| {
        let name = format!("{case} {}", case.name);
        filters.is_empty() || filters.iter().any(|filter| name.contains(filter.as_str()))
    };
    cases::CASES.iter().filter(wanted).collect()
}

fn site_env() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../stack/site.env")
}

fn say(line: &str) -> Result<()> {
    writeln!(std::io::stdout(), "{line}").context("failed to print")
}
