//! What a request for a provision state says besides its target.

use serde_json::Value;

use super::super::args::Args;
use super::super::{Ctx, Error};
use crate::python;
use crate::states::{State, Verb};

/// The interfaces that steps may be of, in Ironic's order.
const STEP_INTERFACES: [&str; 7] = [
    "vendor",
    "power",
    "management",
    "firmware",
    "deploy",
    "bios",
    "raid",
];

/// What a request says besides its target.
pub(super) struct Asked {
    pub(super) configdrive: Option<Value>,
    pub(super) clean_steps: Option<Vec<Value>>,
    pub(super) deploy_steps: Option<Vec<Value>>,
    pub(super) service_steps: Option<Vec<Value>>,
    pub(super) rescue_password: Option<String>,
    pub(super) disable_ramdisk: Option<bool>,
}

impl Asked {
    pub(super) fn of(args: &Args) -> Result<Self, Error> {
        let steps = |name: &str| match args.value(name) {
            None => Ok(None),
            Some(Value::Array(steps)) => Ok(Some(steps.clone())),
            Some(other) => Err(Error::invalid(format!(
                "Expected types <class 'NoneType'>, <class 'list'> for {name}: {}",
                python::text(other)
            ))),
        };
        let configdrive = match args.value("configdrive") {
            Some(drive @ (Value::Object(_) | Value::String(_))) => Some(drive.clone()),
            None => None,
            Some(other) => {
                return Err(Error::invalid(format!(
                    "Expected types <class 'NoneType'>, <class 'dict'>, <class 'str'> for \
                     configdrive: {}",
                    python::text(other)
                )));
            }
        };
        Ok(Self {
            configdrive,
            clean_steps: steps("clean_steps")?,
            deploy_steps: steps("deploy_steps")?,
            service_steps: steps("service_steps")?,
            rescue_password: args.text("rescue_password")?.map(str::to_owned),
            disable_ramdisk: args.flag("disable_ramdisk")?,
        })
    }

    /// Refuses what does not fit the target.
    pub(super) fn check(&self, ctx: &Ctx<'_>, verb: Verb, state: State) -> Result<(), Error> {
        self.check_configdrive(ctx, verb)?;
        let only = |name: &str, verb: &str| {
            Err(Error::invalid(format!(
                "\"{name}\" is only valid when setting target provision state to {verb}"
            )))
        };
        let given =
            |steps: &Option<Vec<Value>>| steps.as_ref().is_some_and(|list| !list.is_empty());
        if self.disable_ramdisk == Some(true) {
            let since = if verb == Verb::Clean { 70 } else { 108 };
            if !matches!(verb, Verb::Clean | Verb::Service) {
                return only("disable_ramdisk", "clean or service");
            }
            if ctx.minor < since {
                return Err(Error::not_acceptable());
            }
        }
        if given(&self.clean_steps) && verb != Verb::Clean {
            return only("clean_steps", "clean");
        }
        if given(&self.deploy_steps) {
            if ctx.minor < 69 {
                return Err(Error::not_acceptable());
            }
            if !matches!(verb, Verb::Active | Verb::Rebuild) {
                return only("deploy_steps", "active or rebuild");
            }
        }
        if self.rescue_password.is_some() && verb != Verb::Rescue {
            return only("rescue_password", "rescue");
        }
        let since = if verb == Verb::Unhold {
            85
        } else if verb == Verb::Abort && state == State::InspectWait {
            41
        } else if verb == Verb::Abort && state == State::DeployWait {
            110
        } else {
            1
        };
        if ctx.minor < since {
            return Err(Error::not_acceptable());
        }
        if given(&self.service_steps) && verb != Verb::Service {
            return only("service_steps", "service");
        }
        if verb == Verb::Service && ctx.minor < 87 {
            return Err(Error::not_acceptable());
        }
        Ok(())
    }

    fn check_configdrive(&self, ctx: &Ctx<'_>, verb: Verb) -> Result<(), Error> {
        let Some(drive) = self
            .configdrive
            .as_ref()
            .filter(|drive| crate::mask::is_truthy(drive))
        else {
            return Ok(());
        };
        let takes_it = verb == Verb::Active || (verb == Verb::Rebuild && ctx.minor >= 35);
        if !takes_it {
            let verbs = if ctx.minor >= 35 {
                "active, rebuild"
            } else {
                "active"
            };
            return Err(Error::invalid(format!(
                "Adding a config drive is only supported when setting provision state to {verbs}"
            )));
        }
        match drive {
            Value::Object(map) => {
                let unknown = map.keys().find(|key| {
                    !matches!(
                        key.as_str(),
                        "meta_data" | "network_data" | "user_data" | "vendor_data"
                    )
                });
                if let Some(unknown) = unknown {
                    return Err(Error::invalid(format!(
                        "Invalid configdrive format: Additional properties are not allowed ('{unknown}' \
                         was unexpected)"
                    )));
                }
                if ctx.minor < 56 {
                    return Err(Error::invalid(
                        "Providing a JSON object for configdrive is only supported starting with \
                         API version 1.56",
                    ));
                }
                if map.contains_key("vendor_data") && ctx.minor < 59 {
                    return Err(Error::invalid(
                        "Providing vendor_data in configdrive is only supported starting with API \
                         version 1.59",
                    ));
                }
                Ok(())
            }
            Value::String(text) => {
                let is_base64 = text
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || b"+/=\n\r\t ".contains(&byte));
                if text.contains("://") || is_base64 {
                    Ok(())
                } else {
                    Err(Error::invalid(
                        "Invalid configdrive format: it is neither a JSON, nor a URL, nor a base64 \
                         string",
                    ))
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) => Ok(()),
        }
    }
}

/// Refuses steps that are not written as steps are.
pub(super) fn check_steps(steps: &[Value], kind: &str) -> Result<(), Error> {
    let refuse = |text: String| Err(Error::invalid(format!("Invalid {kind}_steps: {text}")));
    let required: &[&str] = if kind == "deploy" {
        &["interface", "step", "args", "priority"]
    } else {
        &["interface", "step"]
    };
    for step in steps {
        let Value::Object(map) = step else {
            return refuse(format!("{} is not of type 'object'", python::repr(step)));
        };
        if let Some(missing) = required.iter().find(|key| !map.contains_key(**key)) {
            return refuse(format!("'{missing}' is a required property"));
        }
        let interface = map.get("interface").unwrap_or(&Value::Null);
        let is_known = interface
            .as_str()
            .is_some_and(|name| STEP_INTERFACES.contains(&name));
        if !is_known {
            return refuse(format!(
                "{} is not one of {}",
                python::repr(interface),
                python::quoted_list(STEP_INTERFACES)
            ));
        }
        match map.get("step") {
            Some(Value::String(name)) if !name.is_empty() => {}
            other => {
                let other = python::repr(other.unwrap_or(&Value::Null));
                return refuse(format!("{other} is not of type 'string'"));
            }
        }
    }
    Ok(())
}
