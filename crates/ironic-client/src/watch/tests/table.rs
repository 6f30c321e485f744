//! Whole lists, and what is learned between them.

use std::collections::BTreeSet;

use super::id;
use crate::watch::inventory::Inventory;
use crate::watch::table::Table;

#[tokio::test(start_paused = true)]
async fn lists_tell_of_what_came_went_and_changed_but_not_of_the_order() {
    let clock = Inventory::default();
    let mut table = Table::default();
    assert_eq!(table.of(id(1)), None);
    let first = table.absorb(clock.begin(), [(id(1), 'a'), (id(1), 'b'), (id(2), 'c')]);
    assert_eq!(first, BTreeSet::new(), "the first list is no change");
    let second = table.absorb(clock.begin(), [(id(1), 'b'), (id(1), 'a'), (id(3), 'd')]);
    assert_eq!(second, [id(2), id(3)].into());
    assert_eq!(table.of(id(2)), Some(vec![]));
}

#[tokio::test(start_paused = true)]
async fn a_list_does_not_overwrite_what_was_learned_after_it_was_asked_for() {
    let clock = Inventory::default();
    let mut table = Table::default();
    table.absorb(clock.begin(), [(id(1), 'a')]);
    let asked = clock.begin();
    table.add(id(1), clock.begin(), 'b', |other| *other == 'b');
    table.set(id(2), clock.begin(), vec!['c']);
    assert_eq!(table.absorb(asked, [(id(1), 'a')]), BTreeSet::new());
    assert_eq!(table.of(id(1)), Some(vec!['a', 'b']));
    assert_eq!(table.of(id(2)), Some(vec!['c']));
}

#[tokio::test(start_paused = true)]
async fn a_node_that_no_list_has_is_known_to_have_nothing_unless_it_was_forgotten() {
    let clock = Inventory::default();
    let mut table = Table::default();
    assert_eq!(table.known(id(1)), None, "nothing was read yet");
    let asked = clock.begin();
    table.absorb(asked, [(id(2), 'a')]);
    assert_eq!(table.known(id(1)), Some(vec![]));
    assert_eq!(table.of(id(1)), None, "it was never read itself");

    table.forget(id(1), clock.begin());
    table.forget(id(2), clock.begin());
    assert_eq!((table.known(id(1)), table.known(id(2))), (None, None));
    table.absorb(asked, [(id(2), 'a')]);
    assert_eq!(table.known(id(2)), None, "that list was asked for before");
    table.set(id(1), asked, vec!['b']);
    assert_eq!(table.known(id(1)), None, "so was that reading");
    table.absorb(clock.begin(), [(id(2), 'c')]);
    assert_eq!(table.known(id(1)), Some(vec![]));
    assert_eq!(table.known(id(2)), Some(vec!['c']));
}
