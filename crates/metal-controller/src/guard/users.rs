//! Which hosts have to do with which Secrets: an index that follows the watch over hosts.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use kube::runtime::watcher::Event;
use metal_plan::{SecretUse, secret_uses};

use crate::listing::{Change, HostName, Listing, name};
use crate::reconcile::Stored;
use crate::secret_versions::SecretName;

/// What a change of a host may mean for guards.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Touched {
    /// The Secrets that a host uses in another way than before.
    pub(super) secrets: BTreeSet<SecretName>,
    /// Those where a host could not be read, and can be now or is gone: any guard there may have had to wait for it.
    pub(super) namespaces: BTreeSet<String>,
}

/// Clones share what is known.
#[derive(Clone, Debug, Default)]
pub(crate) struct SecretUsers(Arc<Mutex<Index>>);

#[derive(Debug, Default)]
struct Index {
    by_host: HashMap<HostName, BTreeMap<String, SecretUse>>,
    by_secret: HashMap<SecretName, BTreeMap<HostName, SecretUse>>,
    /// Hosts that can't be read: nobody knows which Secrets of their namespace they use.
    unreadable: BTreeSet<HostName>,
    listing: Listing,
    /// Whether all hosts were listed once.
    are_listed: bool,
}

impl SecretUsers {
    /// What hosts make of the Secret; none before all hosts were listed.
    pub(super) fn of(&self, secret: &SecretName) -> Option<Vec<SecretUse>> {
        self.locked(|index| {
            let known = index.by_secret.get(secret);
            let known = known.into_iter().flat_map(BTreeMap::values).copied();
            let unknown = index.unreadable.iter().filter(|host| host.0 == secret.0);
            let uses = known.chain(unknown.map(|_| SecretUse::Forbids));
            index.are_listed.then(|| uses.collect())
        })
    }

    /// All Secrets that a host has to do with.
    pub(super) fn secrets(&self) -> BTreeSet<SecretName> {
        self.locked(|index| index.by_secret.keys().cloned().collect())
    }

    /// Follows the watch.
    pub(super) fn follow(&self, event: &Event<Stored>) -> Touched {
        self.locked(|index| index.follow(event))
    }

    fn locked<T>(&self, act: impl FnOnce(&mut Index) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Index {
    fn follow(&mut self, event: &Event<Stored>) -> Touched {
        let unreadable = self.unreadable.clone();
        let secrets = match self.listing.read(event) {
            Change::None => BTreeSet::new(),
            Change::Is(stored) => self.apply(stored),
            Change::Gone(host) => {
                self.unreadable.remove(&host);
                self.replace(&host, BTreeMap::new())
            }
            Change::Only(listed) => {
                self.are_listed = true;
                let gone = self.by_host.keys().filter(|name| !listed.contains(*name));
                let gone: Vec<_> = gone.cloned().collect();
                self.unreadable.retain(|name| listed.contains(name));
                gone.iter()
                    .flat_map(|host| self.replace(host, BTreeMap::new()))
                    .collect()
            }
        };
        let cleared = unreadable.difference(&self.unreadable);
        Touched {
            secrets,
            namespaces: cleared.map(|(namespace, _)| namespace.clone()).collect(),
        }
    }

    fn apply(&mut self, stored: &Stored) -> BTreeSet<SecretName> {
        if let Ok(host) = &stored.0 {
            self.unreadable.remove(&name(stored));
            self.replace(&name(stored), secret_uses(host))
        } else {
            // Nothing is done with it, and nothing with its Secrets.
            self.unreadable.insert(name(stored));
            BTreeSet::new()
        }
    }

    fn replace(
        &mut self,
        host: &HostName,
        uses: BTreeMap<String, SecretUse>,
    ) -> BTreeSet<SecretName> {
        let old = self.by_host.remove(host).unwrap_or_default();
        let secret = |name: &String| (host.0.clone(), name.clone());
        let mut touched = BTreeSet::new();
        for name in old.keys().filter(|name| !uses.contains_key(*name)) {
            let secret = secret(name);
            if let Some(of_secret) = self.by_secret.get_mut(&secret) {
                of_secret.remove(host);
                if of_secret.is_empty() {
                    self.by_secret.remove(&secret);
                }
            }
            touched.insert(secret);
        }
        for (name, secret_use) in &uses {
            if old.get(name) != Some(secret_use) {
                let of_secret = self.by_secret.entry(secret(name)).or_default();
                of_secret.insert(host.clone(), *secret_use);
                touched.insert(secret(name));
            }
        }
        if !uses.is_empty() {
            self.by_host.insert(host.clone(), uses);
        }
        touched
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn stored(name: &str, secret: &str) -> Stored {
        parsed(json!({
            "metadata": {"namespace": "metal", "name": name},
            "spec": {"online": true},
            "status": {"errorCount": 0, "provisioningFailCount": 0, "errorMessage": "", "operationalStatus": "OK", "poweredOn": true, "provisioning": {"ID": "", "state": "provisioned", "bootVolume": {
                "connectorId": "iqn.2026-11.org.example:node-0", "deploymentId": "1", "volumeId": "vol-1",
                "iscsiCredentialsName": secret, "targetType": "iscsi", "volumeDriver": "external",
                "iscsiTarget": {"iqn": "iqn.2026-11.org.example:vol-1", "portal": "192.0.2.1:3260"},
            }}},
        }))
    }

    fn unreadable(name: &str) -> Stored {
        parsed(
            json!({"metadata": {"namespace": "metal", "name": name}, "spec": {"online": "perhaps"}}),
        )
    }

    fn parsed(value: Value) -> Stored {
        serde_json::from_value(value).unwrap()
    }

    fn secret(name: &str) -> SecretName {
        ("metal".to_owned(), name.to_owned())
    }

    fn listed(hosts: &[Stored]) -> SecretUsers {
        let users = SecretUsers::default();
        list(&users, hosts);
        users
    }

    fn list(users: &SecretUsers, hosts: &[Stored]) -> Touched {
        users.follow(&Event::Init);
        for host in hosts {
            users.follow(&Event::InitApply(host.clone()));
        }
        users.follow(&Event::InitDone)
    }

    fn touched<const N: usize>(secrets: [&str; N]) -> Touched {
        Touched {
            secrets: secrets.map(secret).into(),
            namespaces: BTreeSet::new(),
        }
    }

    /// All Secrets of the namespace, beside these.
    fn all_and<const N: usize>(secrets: [&str; N]) -> Touched {
        Touched {
            namespaces: ["metal".to_owned()].into(),
            ..touched(secrets)
        }
    }

    #[test]
    fn nothing_is_known_before_all_hosts_are_listed() {
        let users = SecretUsers::default();
        assert_eq!(users.of(&secret("chap")), None);
        users.follow(&Event::Init);
        users.follow(&Event::InitApply(stored("node-0", "chap")));
        assert_eq!(users.of(&secret("chap")), None);
        users.follow(&Event::InitDone);
        assert_eq!(users.of(&secret("chap")), Some(vec![SecretUse::Uses]));
        assert_eq!(users.of(&secret("other")), Some(vec![]));
    }

    #[test]
    fn a_shared_secret_is_used_until_the_last_host_goes() {
        let users = listed(&[stored("node-0", "chap"), stored("node-1", "chap")]);
        let changed = users.follow(&Event::Delete(stored("node-0", "chap")));
        assert_eq!(changed, touched(["chap"]));
        assert_eq!(users.of(&secret("chap")), Some(vec![SecretUse::Uses]));
        users.follow(&Event::Delete(stored("node-1", "chap")));
        assert_eq!(users.of(&secret("chap")), Some(vec![]));
        assert_eq!(users.secrets(), BTreeSet::new());
    }

    #[test]
    fn a_host_that_changes_to_another_secret_touches_both() {
        let users = listed(&[stored("node-0", "old")]);
        let changed = users.follow(&Event::Apply(stored("node-0", "new")));
        assert_eq!(changed, touched(["old", "new"]));
        let changed = users.follow(&Event::Apply(stored("node-0", "new")));
        assert_eq!(changed, touched([]), "nothing is different");
    }

    #[test]
    fn a_host_that_a_new_list_does_not_bring_uses_nothing() {
        let users = listed(&[stored("node-0", "chap")]);
        assert_eq!(list(&users, &[]), touched(["chap"]));
        assert_eq!(users.of(&secret("chap")), Some(vec![]));
    }

    #[test]
    fn while_a_host_cannot_be_read_no_guard_of_its_namespace_changes() {
        let users = listed(&[unreadable("node-0")]);
        assert_eq!(users.of(&secret("chap")), Some(vec![SecretUse::Forbids]));
        let elsewhere = ("other".to_owned(), "chap".to_owned());
        assert_eq!(users.of(&elsewhere), Some(vec![]));
        users.follow(&Event::Apply(stored("node-0", "chap")));
        assert_eq!(users.of(&secret("chap")), Some(vec![SecretUse::Uses]));
        assert_eq!(
            users.follow(&Event::Apply(unreadable("node-0"))),
            touched([])
        );
        users.follow(&Event::Delete(unreadable("node-0")));
        assert_eq!(users.of(&secret("chap")), Some(vec![]));
    }

    /// Another host may have let go of its Secret in the meantime.
    #[test]
    fn once_a_host_can_be_read_again_or_is_gone_all_guards_of_its_namespace_are_looked_at() {
        let begin = || listed(&[stored("node-0", "chap"), unreadable("node-1")]);

        let users = begin();
        let changed = users.follow(&Event::Delete(stored("node-0", "chap")));
        assert_eq!(changed, touched(["chap"]));
        assert_eq!(users.of(&secret("chap")), Some(vec![SecretUse::Forbids]));
        assert_eq!(
            users.follow(&Event::Apply(unreadable("node-1"))),
            touched([])
        );
        let changed = users.follow(&Event::Apply(stored("node-1", "other")));
        assert_eq!(changed, all_and(["other"]));
        assert_eq!(users.of(&secret("chap")), Some(vec![]));

        let users = begin();
        let changed = users.follow(&Event::Delete(unreadable("node-1")));
        assert_eq!(changed, all_and([]));

        let users = begin();
        let left = [stored("node-0", "chap")];
        assert_eq!(list(&users, &left), all_and([]));
    }

    #[test]
    fn as_long_as_one_host_of_a_namespace_cannot_be_read_its_guards_stay() {
        let users = listed(&[unreadable("node-0"), unreadable("node-1")]);
        users.follow(&Event::Delete(unreadable("node-0")));
        assert_eq!(users.of(&secret("chap")), Some(vec![SecretUse::Forbids]));
    }
}
