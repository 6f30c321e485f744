//! Changing a node.

use serde_json::{Map, Value};

use super::super::args::flag;
use super::super::patch::Patch;
use super::super::schema::{FLAG_OR_NULL, Field, Schema, TEXT_OR_NULL, field};
use super::super::{Answer, Ctx, Error};
use super::create::{self, FIELDS};
use super::{Rendered, check_driver, check_name, since};
use crate::drivers::Interface;
use crate::model::{Node, NodeKey};
use crate::states::State;
use crate::world::World;

/// What may be changed, in the order of Ironic's message.
const PATCHABLE: [&str; 37] = [
    "automated_clean",
    "bios_interface",
    "boot_interface",
    "chassis_uuid",
    "conductor_group",
    "console_interface",
    "deploy_interface",
    "description",
    "disable_power_off",
    "driver",
    "driver_info",
    "extra",
    "inspect_interface",
    "instance_info",
    "instance_name",
    "instance_uuid",
    "lessee",
    "maintenance",
    "management_interface",
    "name",
    "network_data",
    "network_interface",
    "owner",
    "power_interface",
    "properties",
    "protected",
    "protected_reason",
    "raid_interface",
    "rescue_interface",
    "resource_class",
    "retired",
    "retired_reason",
    "shard",
    "storage_interface",
    "vendor_interface",
    "parent_node",
    "firmware_interface",
];

/// What a changed node must look like.
const CHANGED: Schema = Schema {
    fields: &CHANGED_FIELDS,
    required: &["driver"],
};

const CHANGED_FIELDS: [Field; 40] = {
    let mut fields = [const { field("protected", FLAG_OR_NULL) }; 40];
    fields[1] = field("protected_reason", TEXT_OR_NULL);
    let mut index = 0;
    while index < FIELDS.len() {
        let Field { name, kinds, max } = FIELDS[index];
        fields[index + 2] = Field { name, kinds, max };
        index += 1;
    }
    fields
};

/// The states in which interfaces may change, as Ironic lists them.
const INTERFACE_STATES: &str = "enroll, inspecting, inspect wait, manageable, available";

pub(super) fn update(world: &mut World, ctx: &Ctx<'_>, ident: &str) -> Result<Answer, Error> {
    let body = ctx.body()?;
    let args = ctx.query(&["reset_interfaces"])?;
    let reset = args.flag("reset_interfaces")?;
    let patch = Patch::parse(&body)?;
    if reset.is_some() && ctx.minor < 45 {
        return Err(Error::not_acceptable());
    }
    check_patch(ctx, &patch, reset == Some(true))?;
    let key = super::find(world, ctx, ident)?;
    let parent = match patch.values("/parent_node")?.first() {
        Some(ident) => create::parent(world, ctx, ident.as_str())?,
        None => world.node(key)?.parent_node.clone(),
    };
    check_state(ctx, &patch, world.node(key)?, ident)?;
    for name in patch.values("/name")? {
        let refusal = format!("Node {ident}: Cannot change name to invalid name ");
        let Some(name) = name.as_str() else {
            let name = crate::python::text(name);
            return Err(Error::invalid(format!("{refusal}'{name}'")));
        };
        check_name(ctx, name, &refusal)?;
    }
    let mut document = patch.apply(document(world.node(key)?))?;
    CHANGED.check("patch", &Value::Object(document.clone()))?;
    create::check_values(&document)?;
    if parent.is_some() {
        document.insert("parent_node".to_owned(), parent.into());
    }
    let change = Change::of(world, key, document, reset == Some(true))?;
    change.check(world)?;
    world.check_lock(key)?;
    change.check_under_lock(world)?;
    change.save(world)?;
    world.disturbed();
    let node = world.node(key)?;
    Answer::ok(&Rendered::new(world, ctx, node, None).held())
}

fn check_patch(ctx: &Ctx<'_>, patch: &Patch, resets: bool) -> Result<(), Error> {
    patch.allow(&PATCHABLE)?;
    for field in PATCHABLE {
        if since(field) > ctx.minor && !patch.values(&format!("/{field}"))?.is_empty() {
            return Err(Error::not_acceptable());
        }
    }
    if resets && patch.values("/driver")?.is_empty() {
        return Err(Error::invalid(
            "The reset_interfaces parameter can only be used when changing the node's driver.",
        ));
    }
    match patch.values("/description")?.first() {
        Some(Value::String(text)) if text.chars().count() > 4096 => Err(Error::invalid(
            "Cannot update node with description exceeding 4096 characters",
        )),
        Some(Value::Number(_) | Value::Bool(true)) => {
            Err(Error::server("object of type 'int' has no len()"))
        }
        _ => Ok(()),
    }
}

/// Refuses changes of nodes that are on their way.
fn check_state(ctx: &Ctx<'_>, patch: &Patch, node: &Node, ident: &str) -> Result<(), Error> {
    if node.maintenance && patch.only_removes("/instance_uuid") {
        return Ok(());
    }
    if node.target_state.is_some() && !node.state.allows_update() {
        return Err(Error::conflict(format!(
            "Node {ident} can not be updated while a state transition is in progress."
        )));
    }
    if node.state == State::Inspecting && ctx.minor >= 39 {
        return Err(Error::conflict(format!(
            "Cannot update node \"{}\" while it is in state \"inspecting\".",
            node.uuid
        )));
    }
    Ok(())
}

/// The node, as far as it can be changed.
fn document(node: &Node) -> Map<String, Value> {
    CHANGED_FIELDS
        .iter()
        .map(|field| {
            let value = node.field(field.name).unwrap_or_default();
            (field.name.to_owned(), value)
        })
        .collect()
}

/// A node as it is to be.
struct Change {
    key: NodeKey,
    new: Node,
}

impl Change {
    fn of(
        world: &World,
        key: NodeKey,
        mut document: Map<String, Value>,
        resets: bool,
    ) -> Result<Self, Error> {
        let old = world.node(key)?;
        let text = |name: &str| {
            document
                .get(name)
                .and_then(Value::as_str)
                .map(str::to_owned)
        };
        let driver = text("driver").unwrap_or_default();
        let group = text("conductor_group").unwrap_or_default().to_lowercase();
        check_driver(world, &driver, &group)?;
        let mut new = Node::new(old.uuid.clone(), driver, old.created_at);
        new.name = text("name");
        new.parent_node = text("parent_node");
        new.protected_reason = text("protected_reason");
        new.protected = document
            .get("protected")
            .filter(|value| !value.is_null())
            .map(|value| flag("protected", value))
            .transpose()?
            .unwrap_or(false);
        create::fill(&mut new, &document)?;
        if new.instance_name.is_none() && new.instance_info != old.instance_info {
            let name = new.instance_info.get("display_name");
            new.instance_name = name.and_then(Value::as_str).map(str::to_owned);
        }
        if resets && new.driver != old.driver {
            for interface in Interface::ALL {
                let field = format!("{}_interface", interface.as_str());
                if document.get(&field) == old.field(&field).as_ref() {
                    document.remove(&field);
                }
            }
        }
        new.interfaces = create::interfaces(world, &new.driver, &document)?;
        Ok(Self { key, new })
    }

    /// What is refused whether or not the node is locked.
    fn check(&self, world: &World) -> Result<(), Error> {
        let old = world.node(self.key)?;
        let Self { new, .. } = self;
        if new.driver != old.driver && old.console_enabled {
            return Err(Error::conflict(format!(
                "Node {} can not update the driver while the console is enabled. Please stop the \
                 console first.",
                old.uuid
            )));
        }
        if new.protected && !old.protected && !matches!(old.state, State::Active | State::Rescue) {
            return Err(Error::conflict(format!(
                "Node {} can only be made protected in provision states 'active' or 'rescue', the \
                 current state is '{}'",
                old.uuid, old.state
            )));
        }
        if new.protected_reason.is_some()
            && new.protected_reason != old.protected_reason
            && !new.protected
        {
            return Err(Error::invalid(
                "The protected_reason field can only be set when protected is True",
            ));
        }
        if new.retired && !old.retired && old.state == State::Available {
            return Err(Error::conflict(format!(
                "Node {} can not have 'retired' set in provision state 'available', the current \
                 state is '{}'",
                old.uuid, old.state
            )));
        }
        if new.retired_reason.is_some() && new.retired_reason != old.retired_reason && !new.retired
        {
            return Err(Error::invalid(
                "The retired_reason field can only be set when retired is True",
            ));
        }
        let changed = Interface::ALL
            .into_iter()
            .find(|&interface| new.interface(interface) != old.interface(interface));
        if let Some(interface) = changed
            && !(old.state.allows_interfaces() || old.maintenance || new.maintenance)
        {
            return Err(Error::conflict(format!(
                "Node {} can not have {}_interface updated unless it is in one of allowed \
                 ({INTERFACE_STATES}) states or in maintenance mode. Current state is '{}'.",
                old.uuid,
                interface.as_str(),
                old.state
            )));
        }
        Ok(())
    }

    /// What is refused once the node is locked.
    fn check_under_lock(&self, world: &World) -> Result<(), Error> {
        let old = world.node(self.key)?;
        let Self { new, .. } = self;
        if let (Some(instance), true) = (&old.instance_uuid, new.instance_uuid.is_some())
            && new.instance_uuid != old.instance_uuid
        {
            return Err(Error::conflict(format!(
                "Node {} is associated with instance {instance}.",
                old.uuid
            )));
        }
        if old.resource_class.is_some()
            && new.resource_class != old.resource_class
            && !old.state.allows_interfaces()
        {
            return Err(Error::conflict(format!(
                "Node {} can not have resource_class updated unless it is in one of allowed \
                 ({INTERFACE_STATES}) states. Current state is '{}'.",
                old.uuid, old.state
            )));
        }
        Ok(())
    }

    fn save(self, world: &mut World) -> Result<(), Error> {
        let Self { key, new } = self;
        let date = world.date();
        world.store.rename_node(key, new.name, new.instance_uuid)?;
        let node = world.node_mut(key)?;
        node.updated_at = Some(date);
        node.driver = new.driver;
        node.interfaces = new.interfaces;
        node.driver_info = new.driver_info;
        node.properties = new.properties;
        node.extra = new.extra;
        node.instance_info = new.instance_info;
        node.network_data = new.network_data;
        node.instance_name = new.instance_name;
        node.description = new.description;
        node.lessee = new.lessee;
        node.owner = new.owner;
        node.parent_node = new.parent_node;
        node.resource_class = new.resource_class;
        node.shard = new.shard;
        node.automated_clean = new.automated_clean;
        node.disable_power_off = new.disable_power_off;
        node.protected = new.protected;
        node.protected_reason = new.protected_reason.filter(|_| new.protected);
        node.retired = new.retired;
        node.retired_reason = new.retired_reason.filter(|_| new.retired);
        if node.maintenance && !new.maintenance {
            node.maintenance_reason = None;
            node.fault = None;
        }
        node.maintenance = new.maintenance;
        Ok(())
    }
}
