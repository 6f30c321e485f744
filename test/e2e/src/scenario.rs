//! One test on real parts, from a clean stack to a clean stack.

mod acts;
mod boots;
mod elsewhere;
mod end;

use std::fs::File;
use std::panic::{AssertUnwindSafe, resume_unwind};
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result};
use futures_util::FutureExt;
use ironic_client::Ironic;
use metal_api::v1alpha1::BareMetalHost;
use uuid::Uuid;

use crate::cluster::Cluster;
use crate::environment::Environment;
use crate::machine::{Firmware, Machine};
use crate::operator::Operator;
use crate::planted::{Finding, Planted, Secrets};
use crate::progress::step;
use crate::proxy::Proxy;
use crate::stack::Stack;

use elsewhere::Elsewhere;

/// From a manifest to `provisioned`: about 15 s, on a machine that has nothing else to do.
pub const DEPLOYMENT: Duration = Duration::from_mins(3);
/// From `provisioned` to the guest's last line: about 20 s.
pub const BOOT: Duration = Duration::from_mins(4);
/// From the removal of `bootVolume` to `available`, or from a deletion to its end.
pub const RELEASE: Duration = Duration::from_mins(3);

/// One test: what it uses, and what must be cleaned up after it.
pub struct Scenario {
    /// The stack.
    pub stack: Stack,
    /// Kubernetes.
    pub cluster: Cluster,
    /// Ironic, not through a proxy.
    pub ironic: Ironic,
    /// Where Ironic is.
    pub ironic_url: String,
    /// The test's own namespace.
    pub namespace: String,
    /// The host of `docs/examples/host-bios.yaml`, as it is there.
    pub example: BareMetalHost,
    /// The test's own secrets.
    pub planted: Planted,
    /// Where everything is.
    pub environment: Environment,
    /// All BMCs of machines that boot have one account.
    bmc_password: String,
    folder: PathBuf,
    token: String,
    operator: Option<Operator>,
    /// Another cluster and its operator, or while the test is there, those that it began with.
    other: Option<Elsewhere>,
    /// Whether the test is at the other cluster.
    is_elsewhere: bool,
    /// They outlive the test's body: its operators need them until the end.
    proxies: Vec<Proxy>,
    /// Logs and arguments of all operators of this test.
    operators: Vec<(PathBuf, String)>,
    findings: Vec<Finding>,
    /// How many power actions were on record before.
    power_actions_before: usize,
    /// The last line that told of a host.
    shown: String,
}

/// Runs a test: alone on the stack, cleaned up after in any case, and searched for secrets.
pub fn run(name: &str, body: impl AsyncFnOnce(&mut Scenario) -> Result<()>) -> Result<()> {
    let environment = Environment::read()?;
    // All tests use the same machines: one at a time, in this process and in others.
    let lock =
        File::create(environment.stack.join("e2e.lock")).context("failed to make the lock")?;
    lock.lock().context("failed to take the lock")?;
    // None, if an earlier test did the same.
    drop(rustls::crypto::ring::default_provider().install_default());
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("failed to start the runtime")?;
    runtime.block_on(async {
        step(format!("--- {name}"));
        let mut scenario = Scenario::begin(environment, name).await?;
        let outcome = AssertUnwindSafe(body(&mut scenario)).catch_unwind().await;
        let failed = !matches!(outcome, Ok(Ok(())));
        if failed {
            scenario.show_logs().await;
        }
        let end = scenario.end().await;
        match (outcome, end) {
            (Err(panic), end) => {
                if let Err(end) = end {
                    step(format!("  FAILED   and afterwards: {end:#}"));
                }
                resume_unwind(panic)
            }
            (Ok(Err(error)), Ok(())) => Err(error),
            (Ok(Err(error)), Err(end)) => Err(error.context(format!("and afterwards: {end:#}"))),
            (Ok(Ok(())), end) => end,
        }?;
        step(format!("    {name}: passed"));
        Ok(())
    })
}

impl Scenario {
    async fn begin(environment: Environment, name: &str) -> Result<Self> {
        let cluster = Cluster::connect(&environment).await?;
        cluster.deploy().await?;
        let id = Uuid::new_v4().simple().to_string();
        let namespace = format!("{name}-{}", &id[..8]);
        cluster.make_namespace(&namespace).await?;
        let folder = environment.stack.join("log/e2e").join(&namespace);
        std::fs::create_dir_all(&folder)
            .with_context(|| format!("failed to make {}", folder.display()))?;
        let ironic_url = environment.ironic()?;
        let ironic = Ironic::builder(ironic_url.parse().context("Ironic's address is no URL")?)
            .build()
            .context("failed to set up the client for Ironic")?;
        let token = cluster.operator_token().await?;
        let mut planted = Planted::default();
        planted.add("the operator's token", &token, "nowhere");
        let stack = Stack::new(&environment);
        let scenario = Self {
            power_actions_before: stack.power_actions()?.len(),
            stack,
            cluster,
            ironic,
            ironic_url,
            example: Machine::example(&environment, Firmware::Bios)?,
            namespace,
            planted,
            environment,
            bmc_password: Secrets::fresh(20),
            folder,
            token,
            operator: None,
            other: None,
            is_elsewhere: false,
            proxies: Vec::new(),
            operators: Vec::new(),
            findings: Vec::new(),
            shown: String::new(),
        };
        scenario.clean_up_after_others().await?;
        Ok(scenario)
    }
}
