//! Makes a sequence that fails as short as it can be.

use super::acts::{Moment, Pause};

/// The shortest sequence that can be had of this one by leaving things out, and still fails.
pub(super) fn shrunk(mut sequence: Vec<Moment>, fails: impl Fn(&[Moment]) -> bool) -> Vec<Moment> {
    loop {
        let next = simpler(&sequence).find(|simpler| fails(simpler));
        match next {
            Some(simpler) => sequence = simpler,
            None => return sequence,
        }
    }
}

/// What is simpler by one thing: halves and quarters left out, then single acts, then pauses.
fn simpler(sequence: &[Moment]) -> impl Iterator<Item = Vec<Moment>> {
    let length = sequence.len();
    let sizes = [length / 2, length / 4, 1]
        .into_iter()
        .filter(|size| *size > 0);
    let shorter = sizes.flat_map(move |size| {
        (0..length).step_by(size).map(move |from| {
            let to = length.min(from + size);
            [&sequence[..from], &sequence[to..]].concat()
        })
    });
    let calmer = (0..length).flat_map(move |at| {
        [Pause::Rest, Pause::None]
            .into_iter()
            .filter(move |pause| *pause != sequence[at].1 && sequence[at].1 != Pause::Rest)
            .map(move |pause| {
                let mut calmer = sequence.to_vec();
                calmer[at].1 = pause;
                calmer
            })
    });
    shorter.chain(calmer)
}

#[cfg(test)]
mod tests {
    use super::super::acts::Act;
    use super::*;

    #[test]
    fn only_what_makes_it_fail_is_left() {
        let all: Vec<Moment> = (0..10)
            .map(|host| (Act::Delete(host), Pause::Requests(3)))
            .collect();
        let fails = |sequence: &[Moment]| {
            let has = |host| sequence.iter().any(|(act, _)| *act == Act::Delete(host));
            has(3) && has(8)
        };
        let left = shrunk(all, fails);
        assert_eq!(
            left,
            [(Act::Delete(3), Pause::Rest), (Act::Delete(8), Pause::Rest)]
        );
    }
}
