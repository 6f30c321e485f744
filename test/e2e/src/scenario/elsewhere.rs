//! A second Kubernetes API with an operator of its own, beside the same Ironic.

use std::mem::swap;

use anyhow::{Context, Result, ensure};

use super::Scenario;
use crate::cluster::Cluster;
use crate::environment::Environment;
use crate::operator::Operator;
use crate::progress::step;

/// A cluster where the test is not.
pub(super) struct Elsewhere {
    cluster: Cluster,
    token: String,
    operator: Option<Operator>,
}

impl Scenario {
    /// Starts another cluster, with all that `deploy/` has and an operator.
    pub async fn start_other_cluster(&mut self) -> Result<()> {
        let environment = Environment {
            kubeconfig: self.stack.start_control_plane()?,
            ..self.environment.clone()
        };
        let cluster = Cluster::connect(&environment).await?;
        cluster.deploy().await?;
        let token = cluster.operator_token().await?;
        self.planted
            .add("the other operator's token", &token, "nowhere");
        self.other = Some(Elsewhere {
            cluster,
            token,
            operator: None,
        });
        self.cross_over()?;
        self.start_operator().await?;
        self.cross_over()
    }

    /// From now on the test is at the other cluster; both operators run.
    pub fn cross_over(&mut self) -> Result<()> {
        let other = self.other.as_mut().context("there is no other cluster")?;
        swap(&mut self.cluster, &mut other.cluster);
        swap(&mut self.token, &mut other.token);
        swap(&mut self.operator, &mut other.operator);
        self.is_elsewhere = !self.is_elsewhere;
        Ok(())
    }

    /// The cluster where the test is not.
    pub fn other_cluster(&self) -> Result<&Cluster> {
        let other = self.other.as_ref().context("there is no other cluster")?;
        Ok(&other.cluster)
    }

    /// Ends the other cluster; the test has to have deleted its hosts.
    pub(super) async fn come_home(&mut self) -> Result<()> {
        if self.other.is_none() {
            return Ok(());
        }
        if !self.is_elsewhere {
            self.cross_over()?;
        }
        let searched = self.search_kubernetes().await;
        let has_hosts = self.cluster.has_hosts().await;
        self.operator = None;
        self.cross_over()?;
        self.other = None;
        step("  other    cluster ends");
        let stopped = self.stack.stop_control_plane();
        ensure!(!has_hosts?, "there are hosts in the other cluster");
        searched?;
        stopped
    }
}
