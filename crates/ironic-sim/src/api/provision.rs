//! What is asked of a node's provision state (`NodeStatesController.provision`,
//! `ConductorManager.do_…`).

mod asked;

use serde_json::Value;

use self::asked::{Asked, check_steps};
use super::nodes::{find, protected};
use super::states::{accepted, invalid_state};
use super::{Answer, Ctx, Error};
use crate::drivers::Interface;
use crate::machine::Work;
use crate::machine::configure::unsupported;
use crate::model::NodeKey;
use crate::states::{Event, State, Verb, next};
use crate::validate;
use crate::world::World;

/// All arguments.
const ARGS: [&str; 8] = [
    "target",
    "configdrive",
    "clean_steps",
    "deploy_steps",
    "rescue_password",
    "disable_ramdisk",
    "service_steps",
    "runbook",
];

pub(super) fn provision(world: &mut World, ctx: &Ctx<'_>, ident: &str) -> Result<Answer, Error> {
    let args = ctx.args(&ARGS)?;
    args.require("target")?;
    let target = args.text("target")?.unwrap_or("None").to_owned();
    let asked = Asked::of(&args)?;
    let key = find(world, ctx, ident)?;
    let verb = Verb::parse(&target);
    if verb.is_some_and(|verb| ctx.minor < verb.since()) {
        return Err(Error::not_acceptable());
    }
    let node = world.node(key)?;
    let deploys = matches!(verb, Some(Verb::Active | Verb::Rebuild));
    if deploys && node.maintenance {
        return Err(in_maintenance("provisioning", &node.uuid));
    }
    let Some(verb) = verb.filter(|verb| next(node.state, verb.event()).is_some()) else {
        // A lock is not waited for here.
        world.check_lock(key).map_err(Error::at_once)?;
        return Err(invalid_state(&target, &node.uuid, node.state.as_str()));
    };
    asked.check(ctx, verb, node.state)?;
    begin(world, key, verb, asked)?;
    Ok(accepted(ctx, ident, "states"))
}

fn in_maintenance(operation: &str, uuid: &str) -> Error {
    Error::invalid(format!(
        "The {operation} operation can't be performed on node {uuid} because it's in maintenance \
         mode."
    ))
}

/// Gives the node to the conductor.
fn begin(world: &mut World, key: NodeKey, verb: Verb, asked: Asked) -> Result<(), Error> {
    match verb {
        Verb::Active | Verb::Deploy => begin_deploy(world, key, asked),
        // A bug in Ironic 39.0 (conductor/deployments.py, start_deploy).
        Verb::Rebuild => {
            world.check_lock(key)?;
            Err(Error::server(
                "cannot access local variable 'auto_lessee' where it is not associated with a \
                 value",
            ))
        }
        Verb::Deleted | Verb::Undeploy => begin_tear_down(world, key),
        Verb::Inspect => begin_inspect(world, key),
        Verb::Clean => begin_clean(world, key, asked),
        Verb::Service => begin_service(world, key, asked),
        Verb::Rescue => begin_rescue(world, key, asked),
        Verb::Unrescue => {
            world.check_lock(key)?;
            let node = world.node(key)?;
            if node.maintenance {
                return Err(in_maintenance("unrescuing", &node.uuid));
            }
            let takes = world.settings.delays.rescue;
            world.begin(key, Event::Unrescue, None, Work::Unrescue, takes);
            Ok(())
        }
        Verb::Manage => {
            world.check_lock(key)?;
            if world.node(key)?.state == State::Enroll {
                let takes = world.settings.delays.verify;
                world.begin(key, Event::Manage, None, Work::Verify, takes);
            } else {
                world.begin_and_end(key, Event::Manage);
            }
            Ok(())
        }
        Verb::Provide => begin_provide(world, key),
        Verb::Adopt => {
            world.check_lock(key)?;
            let takes = world.settings.delays.adopt;
            world.begin(key, Event::Adopt, None, Work::Adopt, takes);
            Ok(())
        }
        Verb::Abort => begin_abort(world, key),
        Verb::Unhold => {
            world.check_lock(key)?;
            world.begin_and_end(key, Event::Unhold);
            Ok(())
        }
    }
}

fn begin_deploy(world: &mut World, key: NodeKey, asked: Asked) -> Result<(), Error> {
    if let Some(steps) = asked.deploy_steps.as_deref() {
        check_steps(steps, "deploy")?;
    }
    world.check_lock(key)?;
    let node = world.node(key)?;
    if node.maintenance {
        return Err(in_maintenance("provisioning", &node.uuid));
    }
    let image_type = validate::image_type(node)?;
    if let Some(image_type) = image_type {
        world
            .node_mut(key)?
            .instance_info
            .insert("image_type".to_owned(), Value::from(image_type));
    }
    let node = world.node(key)?;
    validate::power(node)
        .and_then(|()| validate::deploy(world, key))
        .map_err(|words| {
            Error::invalid(format!(
                "Failed to validate deploy or power info for node {}: {words}",
                node.uuid
            ))
        })?;
    if let Some(drive) = asked.configdrive.filter(crate::mask::is_truthy) {
        world
            .node_mut(key)?
            .instance_info
            .insert("configdrive".to_owned(), drive);
    }
    let takes = world.settings.delays.deploy;
    world.begin(key, Event::Deploy, None, Work::Deploy, takes);
    Ok(())
}

fn begin_tear_down(world: &mut World, key: NodeKey) -> Result<(), Error> {
    world.check_lock(key)?;
    let node = world.node(key)?;
    if node.protected {
        return Err(protected(&node.uuid));
    }
    validate::power(node).map_err(|words| {
        Error::server(format!(
            "Failed to validate power driver interface. Can not delete instance. Error: {words}"
        ))
    })?;
    let takes = world.settings.delays.undeploy;
    world.begin(key, Event::Delete, None, Work::TearDown, takes);
    Ok(())
}

fn begin_inspect(world: &mut World, key: NodeKey) -> Result<(), Error> {
    world.check_lock(key)?;
    let node = world.node(key)?;
    validate::power(node).map_err(Error::invalid)?;
    if node.interface(Interface::Inspect) == "no-inspect" {
        return Err(Error::invalid(unsupported(&node.driver, "inspect")));
    }
    let takes = world.settings.delays.inspect;
    world.begin(key, Event::Inspect, None, Work::Inspect, takes);
    Ok(())
}

fn begin_provide(world: &mut World, key: NodeKey) -> Result<(), Error> {
    world.check_lock(key)?;
    let node = world.node(key)?;
    if node.retired {
        return Err(Error::invalid(format!(
            "The providing operation can't be performed on node {} because it is retired.",
            node.uuid
        )));
    }
    let takes = world.settings.delays.clean;
    world.begin(key, Event::Provide, None, Work::Clean(None), takes);
    Ok(())
}

fn begin_clean(world: &mut World, key: NodeKey, asked: Asked) -> Result<(), Error> {
    let steps = asked.clean_steps.filter(|steps| !steps.is_empty());
    let steps = steps.ok_or_else(|| {
        Error::invalid("\"clean_steps\" is required when setting target provision state to clean")
    })?;
    check_steps(&steps, "clean")?;
    world.check_lock(key)?;
    let node = world.node(key)?;
    if node.maintenance {
        return Err(in_maintenance("cleaning", &node.uuid));
    }
    validate::power(node).map_err(|words| {
        Error::invalid(format!(
            "Validation of node {} for cleaning failed: {words}",
            node.uuid
        ))
    })?;
    let takes = world.settings.delays.clean;
    let target = Some(State::Manageable);
    world.begin(key, Event::Clean, target, Work::Clean(Some(steps)), takes);
    Ok(())
}

fn begin_service(world: &mut World, key: NodeKey, asked: Asked) -> Result<(), Error> {
    let steps = asked.service_steps.filter(|steps| !steps.is_empty());
    let steps = steps.ok_or_else(|| {
        Error::invalid(
            "\"service_steps\" is required when setting target provision state to service",
        )
    })?;
    check_steps(&steps, "service")?;
    world.check_lock(key)?;
    let node = world.node(key)?;
    if node.maintenance {
        return Err(in_maintenance("service", &node.uuid));
    }
    let takes = world.settings.delays.service;
    world.begin(key, Event::Service, None, Work::Service(steps), takes);
    Ok(())
}

fn begin_rescue(world: &mut World, key: NodeKey, asked: Asked) -> Result<(), Error> {
    let password = asked
        .rescue_password
        .filter(|password| !password.trim().is_empty());
    let password = password.ok_or_else(|| {
        Error::invalid(
            "A non-empty \"rescue_password\" is required when setting target provision state to \
             rescue",
        )
    })?;
    world.check_lock(key)?;
    let node = world.node(key)?;
    if node.maintenance {
        return Err(in_maintenance("rescuing", &node.uuid));
    }
    if node.interface(Interface::Rescue) == "no-rescue" {
        let instance = node.instance_uuid.as_deref().unwrap_or("None");
        return Err(Error::server(format!(
            "Failed to rescue instance {instance} for node {}: Validation failed: {}",
            node.uuid,
            unsupported(&node.driver, "rescue")
        )));
    }
    let info = &mut world.node_mut(key)?.instance_info;
    info.insert("rescue_password".to_owned(), Value::from(password.clone()));
    info.insert("hashed_rescue_password".to_owned(), Value::from(password));
    let takes = world.settings.delays.rescue;
    world.begin(key, Event::Rescue, None, Work::Rescue, takes);
    Ok(())
}

fn begin_abort(world: &mut World, key: NodeKey) -> Result<(), Error> {
    world.check_lock(key)?;
    world.abort(key).map_err(Error::conflict)
}
