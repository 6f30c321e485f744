//! The lives that the matrices disturb.

use std::fmt;

use ironic_sim::Power;
use serde_json::{Value, json};

use crate::testing::{
    Asked, DATA_PASSWORD, Life, USER_DATA, diskless, external, for_claims, picture, with_data,
    with_user_data,
};

const DETACHED: &str = "baremetalhost.metal3.io/detached";
const REBOOT: &str = "reboot.metal3.io";
const REDEPLOY: &str = "ironboot.io/redeploy";
const NEW_PASSWORD: &str = "zebra-of-now";
const NEW_USER_DATA: &str = "zebra-of-new-data";

/// What happens to a host from its creation to its deletion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Course {
    /// A diskless host is enrolled, deployed, released and deleted.
    Deployed,
    /// A host that somebody else deployed is enrolled, adopted, rebooted, detached, attached again and deleted.
    External,
    /// A diskless host is deployed with user data, deployed anew with another password and other data, released and deleted.
    Redeployed,
    /// A diskless host is deployed, lost with Ironic's database, adopted with its volume, released and deleted.
    Lost,
    /// A diskless host is offered, claimed, released and held, given free, claimed again and deleted.
    Claimed,
    /// The same with two portals and two data volumes.
    Data,
}

impl Course {
    /// Leads the life; what stood where at the end of each part of it.
    pub(super) async fn lead(self, life: &mut Life) -> Value {
        match self {
            Self::Deployed => deployed(life).await,
            Self::External => adopted(life).await,
            Self::Redeployed => redeployed(life).await,
            Self::Lost => lost(life, diskless()).await,
            Self::Data => lost(life.data_secret(DATA_PASSWORD), with_data()).await,
            Self::Claimed => claimed(life).await,
        }
    }

    /// The ends of its parts.
    fn parts(self) -> &'static [&'static str] {
        match self {
            Self::Deployed => &["deployment", "release", "deletion"],
            Self::External => &[
                "adoption",
                "reboot",
                "detachment",
                "second adoption",
                "deletion",
            ],
            Self::Redeployed => &["deployment", "redeployment", "release", "deletion"],
            Self::Lost | Self::Data => {
                &["deployment", "loss of the database", "release", "deletion"]
            }
            Self::Claimed => &[
                "offer",
                "claim",
                "release",
                "reuse",
                "second claim",
                "deletion",
            ],
        }
    }

    pub(super) async fn undisturbed(self) -> Undisturbed {
        let mut life = Life::begin();
        let pictures = self.lead(&mut life).await;
        life.expect_state("gone").expect_no_warning("undisturbed");
        Undisturbed {
            course: self,
            pictures,
            requests: life.door.asked(),
            writes: life.kubernetes.writes(),
        }
    }
}

impl fmt::Display for Course {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self:?}")
    }
}

async fn deployed(life: &mut Life) -> Value {
    let mut pictures = Vec::new();
    life.create(diskless()).await;
    pictures.push(life.picture());
    life.release().await;
    pictures.push(life.picture());
    life.delete().await;
    pictures.push(life.picture());
    json!(pictures)
}

async fn adopted(life: &mut Life) -> Value {
    let mut pictures = Vec::new();
    life.machine(|machine| machine.power = Power::On);
    life.create(external()).await;
    pictures.push(life.picture());
    life.annotate(REBOOT, "").await;
    pictures.push(life.picture());
    life.annotate(DETACHED, "").await;
    pictures.push(life.picture());
    life.annotate(DETACHED, Value::Null).await;
    pictures.push(life.picture());
    life.delete().await;
    pictures.push(life.picture());
    json!(pictures)
}

async fn redeployed(life: &mut Life) -> Value {
    let mut pictures = Vec::new();
    life.user_data(USER_DATA).create(with_user_data()).await;
    pictures.push(life.picture());
    life.iscsi_secret(NEW_PASSWORD)
        .user_data(NEW_USER_DATA)
        .annotate(REDEPLOY, "1")
        .await;
    pictures.push(life.picture());
    assert_eq!(life.boots_with().as_deref(), Some(NEW_PASSWORD));
    life.spec(json!({"bootVolume": null, "userData": null}))
        .await;
    pictures.push(life.picture());
    life.delete().await;
    pictures.push(life.picture());
    json!(pictures)
}

async fn lost(life: &mut Life, host: Value) -> Value {
    let mut pictures = Vec::new();
    life.create(host).await;
    pictures.push(life.picture());
    life.lose_database().settle().await;
    pictures.push(life.picture());
    life.release().await;
    pictures.push(life.picture());
    life.delete().await;
    pictures.push(life.picture());
    json!(pictures)
}

async fn claimed(life: &mut Life) -> Value {
    let mut pictures = Vec::new();
    life.create(for_claims()).await;
    pictures.push(life.picture());
    life.claim().await;
    pictures.push(without_words(life.picture()));
    life.let_go().await;
    let released = life.annotation("ironboot.io/released-volume");
    pictures.push(without_words(life.picture()));
    life.annotate("ironboot.io/reuse-volume", released).await;
    pictures.push(life.picture());
    life.claim().await;
    pictures.push(life.picture());
    life.delete().await;
    pictures.push(life.picture());
    json!(pictures)
}

/// The hold's words name the deployment, which is another in each life.
fn without_words(mut picture: Value) -> Value {
    let message = &mut picture["host"]["errorMessage"];
    let is_held = message
        .as_str()
        .is_some_and(|message| message.contains("is held"));
    *message = is_held.into();
    picture
}

/// The same without any disturbance: what it must look like, and what it asks for.
pub(super) struct Undisturbed {
    course: Course,
    pub(super) pictures: Value,
    pub(super) requests: Vec<Asked>,
    pub(super) writes: usize,
}

impl Undisturbed {
    /// The numbers of all requests but those that repeat the one before: the watch asks the same again and again.
    pub(super) fn telling_requests(&self) -> Vec<usize> {
        let mut telling = Vec::new();
        let mut before = "";
        for (index, asked) in self.requests.iter().enumerate() {
            if asked.method != "GET" || asked.target != before {
                telling.push(index + 1);
            }
            before = &asked.target;
        }
        telling
    }

    /// The numbers of the requests that ask for a change.
    pub(super) fn changes(&self) -> Vec<usize> {
        let numbered = self.requests.iter().enumerate();
        let changes = numbered.filter(|(_, asked)| asked.method != "GET");
        changes.map(|(index, _)| index + 1).collect()
    }

    /// How often Ironic agreed to this verb, or this power target.
    pub(super) fn agreed_to(&self, verb: &str) -> usize {
        let agreed = self.requests.iter().filter(|asked| asked.agreed_to(verb));
        agreed.count()
    }

    /// A request in words.
    pub(super) fn words(&self, request: usize) -> String {
        let asked = &self.requests[request - 1];
        let verb = asked.verb.as_deref().unwrap_or_default();
        format!("{request}: {} {} {verb}", asked.method, asked.target)
    }

    /// Fails unless everything is as if nothing had disturbed it.
    #[track_caller]
    pub(super) fn expect(&self, pictures: &Value, disturbance: &str) {
        for (index, part) in self.course.parts().iter().enumerate() {
            let (found, wanted) = (&pictures[index], &self.pictures[index]);
            assert!(
                found == wanted,
                "{}: {disturbance}: after the {part} it differs: {:#}",
                self.course,
                picture::difference(found, wanted)
            );
        }
    }
}

/// Each life is as it is meant to be, before anybody disturbs it.
#[tokio::test(start_paused = true)]
async fn every_life_goes_through_its_parts() {
    for (course, states) in [
        (Course::Deployed, vec!["provisioned", "available"]),
        (Course::External, vec!["externally provisioned"; 4]),
        (
            Course::Redeployed,
            vec!["provisioned", "provisioned", "available"],
        ),
        (
            Course::Lost,
            vec!["provisioned", "provisioned", "available"],
        ),
        (
            Course::Claimed,
            vec![
                "available",
                "provisioned",
                "available",
                "available",
                "provisioned",
            ],
        ),
        (
            Course::Data,
            vec!["provisioned", "provisioned", "available"],
        ),
    ] {
        let whole = course.undisturbed().await;
        let pictures = whole.pictures.as_array().unwrap();
        assert_eq!(pictures.len(), course.parts().len(), "{course}");
        for (picture, state) in pictures.iter().zip(&states) {
            assert_eq!(picture["host"]["state"], *state, "{course}");
        }
        assert_eq!(pictures.last().unwrap()["host"], Value::Null, "{course}");
    }
    let external = Course::External.undisturbed().await;
    assert_eq!(external.agreed_to("adopt"), 2);
    assert_eq!(
        external.agreed_to("soft power off"),
        1,
        "a reboot; the end is hard"
    );
    assert_eq!(external.pictures[2]["ironic"]["nodes"], json!([]));
    let redeployed = Course::Redeployed.undisturbed().await;
    assert_eq!(redeployed.agreed_to("active"), 2, "one for the token");
    assert_eq!(redeployed.agreed_to("deleted"), 2);
    assert_eq!(
        redeployed.agreed_to("soft power off"),
        2,
        "it was asked to shut down"
    );
    let lost = Course::Lost.undisturbed().await;
    assert_eq!(lost.pictures[1], lost.pictures[0]);
    assert_eq!((lost.agreed_to("active"), lost.agreed_to("adopt")), (1, 1));
}
