//! The end of a test, whatever came of it: nothing is left, and no secret leaked.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use kube::ResourceExt;
use kube::api::ListParams;

use super::Scenario;
use crate::inventory::{self, Inventory};
use crate::machine::{Firmware, Machine};
use crate::progress::step;

impl Scenario {
    pub(super) async fn end(&mut self) -> Result<()> {
        let searched = self.search_kubernetes().await;
        let came_home = self.come_home().await;
        let mut cleaned = self.clean_up().await;
        self.operator = None;
        if cleaned.is_err() {
            self.show_logs().await;
            if let Err(error) = self.clean_up_by_force().await {
                cleaned = cleaned.context(format!("and by force: {error:#}"));
            }
        }
        searched?;
        came_home?;
        cleaned.context("the operator did not clean up")?;
        self.search_kubernetes().await?;
        self.search_operators()?;
        self.cluster.delete_secrets(&self.namespace).await?;
        self.cluster.delete_volume_leases().await?;
        if !self.findings.is_empty() {
            let places: BTreeSet<_> = self.findings.iter().map(ToString::to_string).collect();
            bail!("secrets leaked: {places:#?}");
        }
        Ok(())
    }

    /// As a user would: delete the hosts and let the operator do the rest.
    async fn clean_up(&mut self) -> Result<()> {
        let hosts = self
            .cluster
            .hosts(&self.namespace)
            .list(&ListParams::default())
            .await?;
        if !hosts.items.is_empty() {
            if self.operator.is_none() {
                self.start_operator().await?;
            }
            self.delete_hosts().await?;
            self.cluster.unguarded(&self.namespace).await?;
        }
        let left = Inventory::read(&self.ironic).await?;
        ensure!(left.is_empty(), "Ironic still has {left}");
        Ok(())
    }

    /// A run that was killed leaves things behind.
    pub(super) async fn clean_up_after_others(&self) -> Result<()> {
        let left = Inventory::read(&self.ironic).await?;
        if !left.is_empty() || self.cluster.has_hosts().await? {
            step(format!("  cleanup  an earlier run left {left}"));
            self.clean_up_by_force().await?;
        }
        self.cluster.delete_volume_leases().await
    }

    async fn clean_up_by_force(&self) -> Result<()> {
        step("  cleanup  by force");
        for firmware in [Firmware::Bios, Firmware::Uefi] {
            let host = Machine::example(&self.environment, firmware)?;
            self.stack.cut_power(&host.name_any())?;
        }
        self.cluster.delete_hosts_by_force().await?;
        inventory::empty_by_force(&self.ironic).await
    }

    fn search_operators(&mut self) -> Result<()> {
        for (log, arguments) in &self.operators {
            let text =
                std::fs::read(log).with_context(|| format!("failed to read {}", log.display()))?;
            let text = String::from_utf8_lossy(&text);
            ensure!(
                text.contains(" TRACE ") && text.contains("reconciling object"),
                "{} is no log at trace level: a search proves nothing",
                log.display()
            );
            ensure!(
                !text.contains("is forbidden: "),
                "{}: the operator was denied what it needs",
                log.display()
            );
            ensure!(
                !arguments.is_empty(),
                "the arguments of an operator were not seen"
            );
            self.findings
                .extend(self.planted.search(&log.display().to_string(), &text));
            self.findings
                .extend(self.planted.search("an operator's arguments", arguments));
        }
        step(format!(
            "  secrets  {} searched for in {} logs and in all objects",
            self.planted.len(),
            self.operators.len()
        ));
        Ok(())
    }

    pub(super) async fn show_logs(&self) {
        step(format!(
            "  FAILED   logs: {}, {}",
            self.folder.display(),
            self.environment.stack.join("console").display()
        ));
        for (log, _) in &self.operators {
            step(format!("           the end of {}:", log.display()));
            for line in important_lines(log) {
                step(format!("             {line}"));
            }
        }
        match Inventory::read(&self.ironic).await {
            Ok(inventory) => step(format!("           Ironic has {inventory}")),
            Err(error) => step(format!("           Ironic gives no answer: {error:#}")),
        }
    }
}

/// The last lines, without those for developers.
fn important_lines(log: &Path) -> Vec<String> {
    const MOST: usize = 30;
    let text = std::fs::read(log).unwrap_or_default();
    let text = String::from_utf8_lossy(&text).into_owned();
    let lines: Vec<_> = text
        .lines()
        .filter(|line| !line.contains(" TRACE ") && !line.contains(" DEBUG "))
        .collect();
    lines[lines.len().saturating_sub(MOST)..]
        .iter()
        .map(|line| without_span_of_controller(line))
        .collect()
}

/// Which object a pass is about stands in the operator's own span, too.
fn without_span_of_controller(line: &str) -> String {
    line.split_once("reconciling object{")
        .and_then(|(before, after)| Some((before, after.split_once("}:")?.1)))
        .map_or_else(
            || line.to_owned(),
            |(before, after)| format!("{before}{after}"),
        )
}
