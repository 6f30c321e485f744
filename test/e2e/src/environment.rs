//! What whoever starts the tests says: where the stack is and which operator to test.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

/// The stack, the operator and the checkout.
#[derive(Debug, Clone)]
pub struct Environment {
    /// The stack's folder.
    pub stack: PathBuf,
    /// The operator's binary.
    pub operator: PathBuf,
    /// The administrator's way to the Kubernetes API.
    pub kubeconfig: PathBuf,
    /// The checkout.
    pub root: PathBuf,
}

impl Environment {
    /// Reads the variables that `hack/test` sets.
    pub fn read() -> Result<Self> {
        let environment = Self {
            stack: variable("IRONBOOT_STACK_DIR")?,
            operator: variable("IRONBOOT_BIN")?,
            kubeconfig: variable("KUBECONFIG")?,
            root: Path::new(env!("CARGO_MANIFEST_DIR")).join("../.."),
        };
        for path in [
            &environment.stack,
            &environment.operator,
            &environment.example(),
        ] {
            if !path.exists() {
                bail!("{} does not exist; {HOW}", path.display());
            }
        }
        if !environment.stack.join("ready").exists() {
            bail!(
                "the stack in {} is not up; {HOW}",
                environment.stack.display()
            );
        }
        Ok(environment)
    }

    /// The example program of the client.
    pub fn example(&self) -> PathBuf {
        self.operator.with_file_name("examples/boot_from_volume")
    }

    /// The stack's name, for `hack/stack`.
    pub fn stack_name(&self) -> Result<&str> {
        self.stack
            .file_name()
            .and_then(|name| name.to_str())
            .context("IRONBOOT_STACK_DIR has no name")
    }

    /// Where Ironic listens.
    pub fn ironic(&self) -> Result<String> {
        self.service("ironic_port")
    }

    /// The stack's address, which Ironic reaches operators at.
    pub(crate) fn server(&self) -> Result<String> {
        self.setting("server")
    }

    /// The certificate of operators that Ironic trusts, and its key.
    pub(crate) fn certificate(&self) -> (PathBuf, PathBuf) {
        let file = |name| self.stack.join("conf").join(name);
        (file("config-drive.crt"), file("config-drive.key"))
    }

    /// Where Ironic has its files served to machines.
    pub fn boot_files(&self) -> Result<String> {
        self.service("http_port")
    }

    /// The ports of the BMC of the machines that boot: the usual one, and the frail one.
    pub(crate) fn redfish_ports(&self) -> Result<(String, String)> {
        Ok((
            self.setting("redfish_port")?,
            self.setting("frail_redfish_port")?,
        ))
    }

    /// An iSCSI portal, by the setting that has its address.
    pub fn portal(&self, address: &str) -> Result<String> {
        let address = self.setting(address)?;
        Ok(format!("{address}:{}", self.setting("iscsi_port")?))
    }

    fn service(&self, port: &str) -> Result<String> {
        Ok(format!(
            "http://{}:{}",
            self.setting("server")?,
            self.setting(port)?
        ))
    }

    fn setting(&self, key: &str) -> Result<String> {
        self.site()?
            .remove(key)
            .with_context(|| format!("test/stack/site.env does not set {key}"))
    }

    /// The plain settings of `test/stack/site.env`, which the stack is made of.
    fn site(&self) -> Result<BTreeMap<String, String>> {
        let file = self.root.join("test/stack/site.env");
        let text = std::fs::read_to_string(&file)
            .with_context(|| format!("failed to read {}", file.display()))?;
        Ok(text
            .lines()
            .filter_map(|line| line.split(" #").next()?.split_once('='))
            .map(|(key, value)| (key.to_owned(), value.trim().to_owned()))
            .collect())
    }
}

const HOW: &str = "the end-to-end tests run inside the real stack: start them with `just e2e`, or `hack/test e2e`";

#[expect(
    clippy::disallowed_methods,
    reason = "tests have no command line of their own"
)]
fn variable(name: &str) -> Result<PathBuf> {
    match std::env::var(name) {
        Ok(value) if !value.is_empty() => Ok(PathBuf::from(value)),
        Ok(_) | Err(_) => bail!("{name} is not set; {HOW}"),
    }
}
