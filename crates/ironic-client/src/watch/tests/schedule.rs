//! What is asked when.

use std::time::Duration;

use ironic_types::ProvisionState;
use proptest::prelude::*;
use tokio::time::Instant;

use super::id;
use crate::watch::WatchSettings;
use crate::watch::inventory::OnTheirWay;
use crate::watch::schedule::{Kind, Round, Schedule};

const SECOND: Duration = Duration::from_secs(1);

fn idle() -> OnTheirWay {
    OnTheirWay::default()
}

fn deploying() -> OnTheirWay {
    OnTheirWay {
        states: [ProvisionState::Deploying].into(),
        nodes: [].into(),
    }
}

/// A schedule that has everything read, and when. All nodes take so many pages, and a real Ironic a second for each;
/// without a page it has so few nodes that it takes no time.
fn settled(pages: u32) -> (Schedule, Instant) {
    let start = Instant::now();
    let mut schedule = Schedule::new(WatchSettings::default(), start);
    let ended = start + pages * SECOND;
    schedule.answered(&Round::All, start, ended, pages.max(1), false, 1.0);
    let mut now = ended + pages * SECOND;
    for kind in [Kind::Ports, Kind::Connectors, Kind::Targets] {
        let round = Round::Bulk(kind);
        assert_eq!(schedule.next(&idle()), (round.clone(), now));
        schedule.answered(&round, now, now, pages, false, 1.0);
        now += SECOND;
    }
    (schedule, ended)
}

#[test]
fn an_idle_fleet_is_read_every_ten_seconds() {
    let (schedule, now) = settled(0);
    assert_eq!(schedule.next(&idle()), (Round::All, now + 10 * SECOND));
}

#[test]
fn a_large_idle_fleet_is_read_every_ten_seconds_for_each_page_but_every_minute() {
    let (schedule, now) = settled(4);
    assert_eq!(schedule.next(&idle()), (Round::All, now + 40 * SECOND));
    let (schedule, now) = settled(10);
    assert_eq!(schedule.next(&idle()), (Round::All, now + 60 * SECOND));
}

#[test]
fn nodes_on_their_way_are_read_every_second_and_less_often_when_nothing_changes() {
    let (mut schedule, mut now) = settled(0);
    let mut waits = Vec::new();
    for _ in 0..34 {
        let (round, at) = schedule.next(&deploying());
        assert_eq!(round, Round::All, "a small fleet");
        waits.push(at - now);
        now = at;
        schedule.answered(&round, now, now, 1, false, 1.0);
    }
    assert!(waits[1..29].iter().all(|wait| *wait == SECOND), "{waits:?}");
    assert!(
        waits[31..].iter().all(|wait| *wait == 2 * SECOND),
        "{waits:?}"
    );
    schedule.answered(&Round::All, now, now, 1, true, 1.0);
    assert_eq!(schedule.next(&deploying()).1, now + SECOND);
}

/// A deployment that fails at once is seen before Ironic clears its words.
#[test]
fn a_request_of_ours_brings_the_next_look_and_the_pace_back() {
    let (mut schedule, now) = settled(0);
    let deploying = deploying();
    let round = schedule.next(&deploying).0;
    let now = now + 60 * SECOND;
    schedule.answered(&round, now, now, 1, false, 1.0);
    assert_eq!(schedule.next(&deploying).1, now + 2 * SECOND, "quiet");
    schedule.hurry(now);
    assert_eq!(schedule.next(&deploying).1, now + SECOND);
    let now = now + SECOND;
    schedule.answered(&round, now, now, 1, false, 1.0);
    assert_eq!(schedule.next(&deploying).1, now + SECOND);
    // However often: a request a second.
    schedule.hurry(now);
    assert_eq!(schedule.next(&deploying).1, now + SECOND);
}

#[test]
fn in_a_fleet_that_takes_long_to_read_only_what_matters_is_asked_for() {
    let (mut schedule, _) = settled(1);
    let on_their_way = OnTheirWay {
        nodes: [id(1), id(2)].into(),
        ..deploying()
    };
    let (round, at) = schedule.next(&on_their_way);
    let expected = Round::OnTheirWay {
        on_their_way,
        most_requests: 20, // a second, at 50 ms each
    };
    assert_eq!(round, expected);
    schedule.answered(&round, at, at, 3, false, 1.0);
    assert_eq!(schedule.next(&deploying()).1, at + SECOND);
}

#[test]
fn reading_all_is_preferred_where_much_is_on_its_way_or_single_requests_take_as_long() {
    let (mut schedule, _) = settled(2);
    let many = OnTheirWay {
        nodes: (1..=100).map(id).collect(),
        ..deploying()
    };
    assert_eq!(schedule.next(&many).0, Round::All);
    let (round, at) = schedule.next(&deploying());
    assert!(matches!(round, Round::OnTheirWay { .. }));
    schedule.answered(&round, at, at + 3 * SECOND, 1, false, 1.0);
    assert_eq!(schedule.next(&deploying()).0, Round::All);

    let mut now = at + 6 * SECOND;
    for _ in 0..10 {
        schedule.answered(&Round::All, now, now + 2 * SECOND, 2, false, 1.0);
        now += 4 * SECOND;
    }
    let (round, _) = schedule.next(&deploying());
    assert!(
        matches!(round, Round::OnTheirWay { .. }),
        "one slow answer is forgotten"
    );
}

#[test]
fn what_is_due_is_not_put_off_by_what_is_on_its_way() {
    let (mut schedule, _) = settled(10);
    let mut rounds = Vec::new();
    while rounds.len() < 400 {
        let (round, now) = schedule.next(&deploying());
        schedule.answered(&round, now, now, 1, true, 1.0);
        rounds.push(round);
    }
    for round in [
        Round::All,
        Round::Bulk(Kind::Ports),
        Round::Bulk(Kind::Targets),
    ] {
        assert!(rounds.contains(&round), "{round:?}");
    }
}

#[test]
fn an_ironic_that_answers_slowly_gets_as_long_to_rest() {
    let (mut schedule, now) = settled(0);
    let ended = now + 20 * SECOND;
    schedule.answered(&Round::All, now, ended, 1, true, 1.0);
    assert_eq!(schedule.next(&deploying()).1, ended + 20 * SECOND);
    assert_eq!(schedule.next(&idle()).1, ended + 20 * SECOND);
}

#[test]
fn after_errors_all_is_read_later_and_later_and_then_everything() {
    let (mut schedule, mut now) = settled(10);
    let mut waits = Vec::new();
    for _ in 0..8 {
        schedule.failed(&Round::All, now, now, 1.0);
        let (round, at) = schedule.next(&deploying());
        assert_eq!(round, Round::All, "nothing else counts");
        waits.push((at - now).as_secs());
        now = at;
    }
    assert_eq!(waits, [1, 2, 4, 8, 16, 30, 30, 30]);
    schedule.answered(&Round::All, now, now, 10, false, 1.0);
    assert_eq!(schedule.next(&idle()), (Round::Bulk(Kind::Ports), now));
}

#[test]
fn lists_of_things_let_nodes_have_their_turn() {
    let start = Instant::now();
    let mut schedule = Schedule::new(WatchSettings::default(), start);
    schedule.answered(&Round::All, start, start, 1, false, 1.0);
    let ports = Round::Bulk(Kind::Ports);
    assert_eq!(schedule.next(&deploying()).0, ports);
    let ended = start + 20 * SECOND;
    schedule.answered(&ports, start, ended, 20, false, 1.0);
    assert_eq!(
        schedule.next(&deploying()),
        (Round::All, ended + 20 * SECOND)
    );
}

#[test]
fn an_ironic_that_fails_slowly_is_given_a_rest_too() {
    let (mut schedule, now) = settled(0);
    let ended = now + 20 * SECOND;
    schedule.failed(&Round::All, now, ended, 1.0);
    assert_eq!(schedule.next(&deploying()).1, ended + 20 * SECOND);
}

#[test]
fn a_list_of_things_that_cannot_be_read_holds_nothing_else_up() {
    let (mut schedule, now) = settled(0);
    schedule.failed(&Round::Bulk(Kind::Targets), now, now, 1.0);
    assert_eq!(schedule.next(&idle()), (Round::All, now + 10 * SECOND));
}

proptest! {
    /// Whatever is on its way and however long Ironic takes: no more than one round a second and the regular look at
    /// all, bulk lists apart, and never without the rest that Ironic needs.
    #[test]
    fn ironic_is_never_pressed(
        pages in 1_u32..20,
        steps in prop::collection::vec((0_usize..4, 0_u128..4, 0_u64..3_000), 1..60),
    ) {
        let (mut schedule, start) = settled(pages);
        let states = [ProvisionState::Deploying, ProvisionState::Cleaning, ProvisionState::Deleting];
        let mut rested = start;
        let mut rounds = 0;
        for (states_in_use, touched, took) in steps {
            let on_their_way = OnTheirWay {
                states: states.iter().take(states_in_use).cloned().collect(),
                nodes: (0..touched).map(id).collect(),
            };
            let (round, at) = schedule.next(&on_their_way);
            prop_assert!(at >= rested);
            let ended = at + Duration::from_millis(took);
            rested = ended + (ended - at);
            let requests = match &round {
                Round::OnTheirWay { on_their_way, .. } => {
                    u32::try_from(on_their_way.states.len() + on_their_way.nodes.len())?
                }
                Round::All | Round::Bulk(_) => pages,
            };
            schedule.answered(&round, at, ended, requests, false, 1.0);
            if !matches!(round, Round::Bulk(_)) {
                rounds += 1;
            }
            let seconds = (ended - start).as_secs();
            prop_assert!(rounds <= 2 + seconds + seconds / u64::from(10 * pages.min(6)));
        }
    }
}
