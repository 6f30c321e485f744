//! Deploys one machine from an iSCSI volume, with this client alone.
//!
//! ```sh
//! export BMC_PASSWORD=… CHAP_PASSWORD=…
//! cargo run --example boot_from_volume -- --ironic http://ironic.example:6385 \
//!     --name machine-0 --mac 52:54:00:00:00:01 \
//!     --bmc http://bmc.example:8000 --system /redfish/v1/Systems/1 --bmc-user admin \
//!     --initiator iqn.2026-11.org.example:machine-0 \
//!     --portal 192.0.2.10:3260 --target iqn.2026-11.org.example:volume-1 --lun 1 --chap-user machine-0
//! ```
//!
//! It leaves the machine running. With `--release` it shuts down and removes what an earlier run left.

#![expect(clippy::print_stdout, reason = "a program for the command line")]

use std::path::PathBuf;

use anyhow::{Result, bail};
use clap::Parser;
use futures_util::StreamExt;
use futures_util::stream::BoxStream;
use ironic_client::types::calls::{
    CreateConnector, CreateNode, CreatePort, CreateTarget, DeleteNode, GetNode, SetPowerState,
    SetProvisionState, ValidateNode,
};
use ironic_client::types::{
    ConnectorType, DriverInfo, IscsiTargetProperties, NewNode, NewPort, NewVolumeConnector,
    NewVolumeTarget, Node, NodeId, PowerState, PowerTarget, ProvisionState, ProvisionVerb,
    VolumeType,
};
use ironic_client::watch::{Event, Inventory, Look, WatchSettings, watch};
use ironic_client::{Auth, Ironic};
use secrecy::SecretString;
use serde_json::{Map, json};
use url::Url;

#[derive(Parser)]
struct Args {
    /// Ironic's API.
    #[arg(long)]
    ironic: Url,
    /// The user, if Ironic wants one.
    #[arg(long)]
    user: Option<String>,
    /// The user's password: every user of a machine can read arguments, so rather set the variable.
    #[arg(
        long,
        env = "IRONIC_PASSWORD",
        hide_env_values = true,
        default_value = ""
    )]
    password: SecretString,
    /// The authorities that vouch for Ironic, as PEM.
    #[arg(long)]
    ca_file: Option<PathBuf>,
    /// The node's name.
    #[arg(long)]
    name: String,
    /// The MAC address of the card that boots.
    #[arg(long)]
    mac: String,
    /// The Redfish service of the machine's BMC.
    #[arg(long)]
    bmc: Url,
    /// The machine's path there.
    #[arg(long)]
    system: String,
    /// The BMC's user.
    #[arg(long)]
    bmc_user: String,
    /// Its password, likewise.
    #[arg(long, env = "BMC_PASSWORD", hide_env_values = true)]
    bmc_password: SecretString,
    /// `bios` or `uefi`.
    #[arg(long, default_value = "bios")]
    boot_mode: String,
    /// The machine's iSCSI name.
    #[arg(long)]
    initiator: String,
    /// The address and port of the storage.
    #[arg(long)]
    portal: String,
    /// The target's iSCSI name.
    #[arg(long)]
    target: String,
    /// The volume's logical unit number.
    #[arg(long)]
    lun: u32,
    /// The CHAP user.
    #[arg(long)]
    chap_user: String,
    /// Its password, likewise.
    #[arg(long, env = "CHAP_PASSWORD", hide_env_values = true)]
    chap_password: SecretString,
    /// Shut the machine down and remove its node instead.
    #[arg(long)]
    release: bool,
}

#[tokio::main]
async fn main() -> Result<()> {
    if rustls::crypto::ring::default_provider()
        .install_default()
        .is_err()
    {
        bail!("another crypto provider is installed already");
    }
    let args = Args::parse();
    let mut builder = Ironic::builder(args.ironic.clone());
    if let Some(username) = args.user.clone() {
        let password = args.password.clone();
        builder = builder.auth(Auth::Basic { username, password });
    }
    if let Some(file) = &args.ca_file {
        builder = builder.ca_file(file);
    }
    let ironic = builder.build()?;
    let (inventory, events) = watch(ironic.clone(), WatchSettings::default());
    let mut watched = Watched {
        ironic,
        inventory,
        events: events.boxed(),
    };
    if args.release {
        release(&mut watched, &args).await
    } else {
        deploy(&mut watched, &args).await
    }
}

async fn deploy(watched: &mut Watched, args: &Args) -> Result<()> {
    let ironic = watched.ironic.clone();
    let node = new_node(args);
    let node = ironic.send(&CreateNode { node }).await?.uuid;
    println!("node {node} is created");
    let port = NewPort {
        node_uuid: node,
        address: args.mac.clone(),
        pxe_enabled: Some(true),
        ..NewPort::default()
    };
    ironic.send(&CreatePort { port }).await?;

    watched
        .bring(node, ProvisionVerb::Manage, &ProvisionState::Manageable)
        .await?;
    watched
        .bring(node, ProvisionVerb::Provide, &ProvisionState::Available)
        .await?;

    // The connector and the target must be there before the deployment: Ironic writes the boot script from them.
    let connector = NewVolumeConnector {
        node_uuid: node,
        connector_type: ConnectorType::Iqn,
        connector_id: args.initiator.clone(),
        extra: Map::new(),
    };
    ironic.send(&CreateConnector { connector }).await?;
    let target = new_target(args, node);
    ironic.send(&CreateTarget { target }).await?;
    let verdict = ironic.send(&ValidateNode { node }).await?;
    let needed = ["power", "management", "boot", "storage", "deploy"];
    if let Some((interface, reason)) = verdict.failures(&needed).next() {
        bail!("the {interface} interface does not validate: {reason}");
    }

    watched
        .bring(node, ProvisionVerb::Active, &ProvisionState::Active)
        .await?;
    println!("the machine is on, and boots from {}", args.target);
    Ok(())
}

async fn release(watched: &mut Watched, args: &Args) -> Result<()> {
    let ironic = watched.ironic.clone();
    let ident = args.name.as_str().into();
    let node = ironic.send(&GetNode { ident }).await?.uuid;
    // Ironic would cut the power: the operating system is asked first.
    let target = PowerTarget::SoftOff;
    let timeout = Some(60);
    ironic
        .send(&SetPowerState {
            node,
            target,
            timeout,
        })
        .await?;
    watched
        .wait_for(node, |node| node.power_state == Some(PowerState::Off))
        .await?;
    watched
        .bring(node, ProvisionVerb::Deleted, &ProvisionState::Available)
        .await?;
    // With its port and its connector; the target went with the deployment.
    ironic.send(&DeleteNode { node }).await?;
    println!("node {node} is gone");
    Ok(())
}

fn new_node(args: &Args) -> NewNode {
    let mut bmc = args.bmc.clone();
    bmc.set_path("");
    let mut properties = Map::new();
    let capabilities = format!("boot_mode:{},iscsi_boot:true", args.boot_mode);
    properties.insert("capabilities".to_owned(), json!(capabilities));
    NewNode {
        name: Some(args.name.clone()),
        driver: "redfish".to_owned(),
        driver_info: DriverInfo::new()
            .with("redfish_address", bmc.as_str().trim_end_matches('/'))
            .with("redfish_system_id", args.system.as_str())
            .with("redfish_username", args.bmc_user.as_str())
            .with("redfish_password", args.bmc_password.clone())
            // Ironic's `ipxe` boot interface asks for both, and fetches neither for a boot from a volume.
            .with("deploy_kernel", "http://deploy-kernel.invalid/")
            .with("deploy_ramdisk", "http://deploy-ramdisk.invalid/"),
        properties,
        automated_clean: Some(false),
        boot_interface: Some("ipxe".to_owned()),
        deploy_interface: Some("direct".to_owned()),
        storage_interface: Some("external".to_owned()),
        ..NewNode::default()
    }
}

fn new_target(args: &Args, node: NodeId) -> NewVolumeTarget {
    NewVolumeTarget {
        uuid: None,
        node_uuid: node,
        volume_type: VolumeType::Iscsi,
        volume_id: args.target.clone(),
        boot_index: 0,
        properties: IscsiTargetProperties {
            target_iqn: args.target.clone(),
            target_portal: args.portal.clone(),
            target_lun: args.lun,
            auth_method: "CHAP".to_owned(),
            auth_username: args.chap_user.clone(),
            auth_password: args.chap_password.clone(),
            ..IscsiTargetProperties::default()
        }
        .into(),
        extra: Map::new(),
    }
}

/// One watch over all nodes: the way to wait for many of them, and as good for one.
struct Watched {
    ironic: Ironic,
    inventory: Inventory,
    events: BoxStream<'static, Event>,
}

impl Watched {
    /// Asks for a provision state and waits until the node has it.
    async fn bring(
        &mut self,
        node: NodeId,
        verb: ProvisionVerb,
        state: &ProvisionState,
    ) -> Result<()> {
        let target = verb;
        self.ironic
            .send(&SetProvisionState { node, target })
            .await?;
        self.wait_for(node, |node| node.provision_state.as_ref() == Some(state))
            .await?;
        println!("node {node} is {state}");
        Ok(())
    }

    /// Waits for what a request just now asked for.
    async fn wait_for(&mut self, node: NodeId, is_there: impl Fn(&Node) -> bool) -> Result<()> {
        self.inventory.touch(node);
        while let Some(event) = self.events.next().await {
            if let Event::Lost { message } = event {
                println!("Ironic gives no answer, still waiting: {message}");
            }
            match self.inventory.look(node) {
                Look::Known(known) if is_there(&known) => return Ok(()),
                Look::Known(known) => fail_with_node(&known)?,
                Look::Unknown => bail!("node {node} is gone"),
                Look::Pending | Look::Lost { .. } => {}
            }
        }
        bail!("the watch has ended");
    }
}

/// Fails if Ironic is no longer on its way to anything and tells why.
fn fail_with_node(node: &Node) -> Result<()> {
    let is_settled = node.target_provision_state.is_none() && node.target_power_state.is_none();
    // Ironic clears the words when it looks at the power next.
    let has_failed = matches!(
        node.provision_state,
        Some(ProvisionState::DeployFailed | ProvisionState::CleanFailed | ProvisionState::Error)
    );
    match &node.last_error {
        Some(error) if is_settled => bail!("node {} has failed: {error}", node.uuid),
        None if has_failed => bail!("node {} has failed, see its history", node.uuid),
        _ => Ok(()),
    }
}
