//! The life that the matrices disturb: a diskless host is enrolled, deployed, released and deleted.

use serde_json::{Value, json};

use crate::testing::{Asked, Life, diskless, picture};

/// Leads the life; what stood where at the end of each part of it.
pub(super) async fn live(life: &mut Life) -> Value {
    let mut pictures = Vec::new();
    life.create(diskless()).await;
    pictures.push(life.picture());
    life.release().await;
    pictures.push(life.picture());
    life.delete().await;
    pictures.push(life.picture());
    json!(pictures)
}

/// The same without any disturbance: what it must look like, and what it asks for.
pub(super) struct Undisturbed {
    pub(super) pictures: Value,
    pub(super) requests: Vec<Asked>,
    pub(super) writes: usize,
}

pub(super) async fn undisturbed() -> Undisturbed {
    let mut life = Life::begin();
    let pictures = live(&mut life).await;
    life.expect_state("gone");
    Undisturbed {
        pictures,
        requests: life.door.asked(),
        writes: life.kubernetes.writes(),
    }
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

    /// Fails unless everything is as if nothing had disturbed it.
    #[track_caller]
    pub(super) fn expect(&self, pictures: &Value, disturbance: &str) {
        let parts = [
            "after the deployment",
            "after the release",
            "after the deletion",
        ];
        for (index, part) in parts.into_iter().enumerate() {
            let (found, wanted) = (&pictures[index], &self.pictures[index]);
            assert!(
                found == wanted,
                "{disturbance}: {part} differs: {:#}",
                picture::difference(found, wanted)
            );
        }
    }
}
