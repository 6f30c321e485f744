//! Lives in which nothing goes wrong.

use crate::testing::{Life, diskless};

#[tokio::test(start_paused = true)]
async fn a_diskless_host_is_deployed_released_and_deleted() {
    let mut life = Life::begin();
    life.create(diskless()).await;
    life.expect_state("provisioned")
        .expect_node("active")
        .expect_no_error();
    assert!(life.is_on());

    life.release().await;
    life.expect_state("available")
        .expect_node("available")
        .expect_no_error();

    life.delete().await;
    life.expect_state("gone").expect_node("none");
    assert!(!life.is_on());
}
