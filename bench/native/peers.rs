//! What one would use in Rust: `BTreeMap`, and a sorted `Vec` searched by `partition_point`. Reads a
//! course (course_file.ts), replays it on each in interleaved blocks, compares every answer with the
//! known one, and prints the blocks' times, a line of JSON for each.
//!
//!     peers COURSE ROUNDS PROCESS
//!
//! Exit codes: 0 fine, 1 the course cannot be read, 2 a wrong answer.
//!
//! A slot is its number in the course; `NONE` stands for no slot.

use std::collections::BTreeMap;
use std::hint::black_box;
use std::ops::Bound::{Excluded, Included, Unbounded};
use std::process::exit;
use std::time::Instant;

type Gfn = u64;
const NONE: u32 = u32::MAX;

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Find,
    Range,
    Serial,
    Change,
}

#[derive(Clone, Copy)]
struct Slot {
    base: Gfn,
    end: Gfn,
}

/// The course; see course_file.ts.
struct Course {
    kind: Kind,
    slot_count: usize,
    step_count: usize,
    /// Those of the map, ascending, then those that changes bring in.
    slots: Vec<Slot>,
    starts: Vec<Gfn>,
    ends: Vec<Gfn>,
    from: Vec<usize>,
    to: Vec<usize>,
    expected: Vec<u32>,
    before: Vec<usize>,
    after: Vec<usize>,
    old_gfns: Vec<Gfn>,
    old_answers: Vec<u32>,
    other_gfns: Vec<Gfn>,
    other_answers: Vec<u32>,
}

/// An index of slots by base; values are [end, number].
trait Index {
    fn insert(&mut self, slot: Slot, number: u32);
    fn erase(&mut self, base: Gfn);
    fn find(&self, gfn: Gfn) -> u32;
    /// Visits the slots of [start, end) in order, until `visit` says false.
    fn range(&self, start: Gfn, end: Gfn, visit: impl FnMut(u32) -> bool);
}

#[derive(Default)]
struct Tree(BTreeMap<Gfn, (Gfn, u32)>);

impl Index for Tree {
    fn insert(&mut self, slot: Slot, number: u32) {
        self.0.insert(slot.base, (slot.end, number));
    }

    fn erase(&mut self, base: Gfn) {
        self.0.remove(&base);
    }

    #[inline(always)]
    fn find(&self, gfn: Gfn) -> u32 {
        match self.0.range((Unbounded, Included(gfn))).next_back() {
            Some((_, &(end, number))) if gfn < end => number,
            _ => NONE,
        }
    }

    #[inline(always)]
    fn range(&self, start: Gfn, end: Gfn, mut visit: impl FnMut(u32) -> bool) {
        if let Some((_, &(last, number))) = self.0.range((Unbounded, Included(start))).next_back() {
            if last > start && !visit(number) {
                return;
            }
        }
        if end <= start + 1 {
            return;
        }
        for (_, &(_, number)) in self.0.range((Excluded(start), Excluded(end))) {
            if !visit(number) {
                return;
            }
        }
    }
}

#[derive(Default)]
struct SortedVec {
    bases: Vec<Gfn>,
    rest: Vec<(Gfn, u32)>,
}

impl SortedVec {
    #[inline(always)]
    fn upper_bound(&self, gfn: Gfn) -> usize {
        self.bases.partition_point(|&base| base <= gfn)
    }
}

impl Index for SortedVec {
    fn insert(&mut self, slot: Slot, number: u32) {
        let at = self.upper_bound(slot.base);
        self.bases.insert(at, slot.base);
        self.rest.insert(at, (slot.end, number));
    }

    fn erase(&mut self, base: Gfn) {
        let at = self.upper_bound(base) - 1;
        self.bases.remove(at);
        self.rest.remove(at);
    }

    #[inline(always)]
    fn find(&self, gfn: Gfn) -> u32 {
        let at = self.upper_bound(gfn);
        if at > 0 && gfn < self.rest[at - 1].0 {
            self.rest[at - 1].1
        } else {
            NONE
        }
    }

    #[inline(always)]
    fn range(&self, start: Gfn, end: Gfn, mut visit: impl FnMut(u32) -> bool) {
        let mut at = self.upper_bound(start);
        if at > 0 && self.rest[at - 1].0 > start {
            at -= 1;
        }
        while at < self.bases.len() && self.bases[at] < end {
            if !visit(self.rest[at].1) {
                return;
            }
            at += 1;
        }
    }
}

/// Steps [begin, end): the number of the first wrong one. Each index has a copy of its own.
fn replay<I: Index>(index: &mut I, course: &Course, begin: usize, end: usize) -> Option<usize> {
    match course.kind {
        Kind::Find => (begin..end)
            .find(|&i| black_box(index.find(course.starts[i])) != course.expected[i]),
        Kind::Serial => {
            // Each lookup waits for the answer before it: see replaySerial in replay.ts.
            let (mut wrong, mut missed) = (0u64, 0usize);
            for i in begin..end {
                let gfn = black_box(course.starts[i] + wrong);
                wrong |= u64::from(black_box(index.find(gfn)) != course.expected[i]);
                wrong = black_box(wrong);
                missed += wrong as usize;
            }
            (missed > 0).then(|| end - missed)
        }
        Kind::Range => (begin..end).find(|&i| {
            let mut at = course.from[i];
            index.range(course.starts[i], course.ends[i], |number| {
                let is_right = black_box(number) == course.expected[at];
                at += usize::from(is_right);
                is_right
            });
            at != course.to[i]
        }),
        Kind::Change => {
            for i in begin..end {
                let after = course.after[i];
                index.erase(course.slots[course.before[i]].base);
                index.insert(course.slots[after], after as u32);
                if black_box(index.find(course.old_gfns[i])) != course.old_answers[i]
                    || black_box(index.find(course.other_gfns[i])) != course.other_answers[i]
                {
                    return Some(i);
                }
            }
            None
        }
    }
}

/// An index and where it stands in the script.
struct Entry<I> {
    name: &'static str,
    index: I,
    steps: usize,
    next: usize,
}

/// What the race needs of an entry, whatever its index.
trait Racer {
    fn name(&self) -> &'static str;
    fn steps(&self) -> usize;
    fn set_steps(&mut self, steps: usize);
    fn run_block(&mut self, course: &Course, steps: usize) -> f64;
}

impl<I: Index> Racer for Entry<I> {
    fn name(&self) -> &'static str {
        self.name
    }

    fn steps(&self) -> usize {
        self.steps
    }

    fn set_steps(&mut self, steps: usize) {
        self.steps = steps;
    }

    /// The next `steps` steps, round and round; their ns.
    fn run_block(&mut self, course: &Course, mut steps: usize) -> f64 {
        let began = Instant::now();
        while steps > 0 {
            let end = course.step_count.min(self.next + steps);
            if let Some(wrong) = replay(&mut self.index, course, self.next, end) {
                eprintln!("{} in Rust gave a wrong answer at step {wrong}", self.name);
                exit(2);
            }
            steps -= end - self.next;
            self.next = if end == course.step_count { 0 } else { end };
        }
        began.elapsed().as_nanos() as f64
    }
}

fn entry<I: Index + Default + 'static>(name: &'static str, course: &Course) -> Box<dyn Racer> {
    let mut index = I::default();
    for (number, &slot) in course.slots[..course.slot_count].iter().enumerate() {
        index.insert(slot, number as u32);
    }
    Box::new(Entry { name, index, steps: 2, next: 0 })
}

/// A block lasts this many ns at least: far above the clock's resolution.
const LEAST_BLOCK_NS: f64 = 150_000.0;

fn fail(path: &str, why: &str) -> ! {
    eprintln!("Cannot read {path} as {why}");
    exit(1)
}

fn read_course(path: &str) -> Course {
    let bytes = std::fs::read(path).unwrap_or_else(|_| fail(path, "it is not there"));
    let mut numbers = bytes
        .chunks_exact(8)
        .map(|eight| f64::from_ne_bytes(eight.try_into().unwrap()));
    let mut number = || numbers.next().unwrap_or_else(|| fail(path, "it is cut off"));
    if number() != f64::from(0x6d73_6c31) {
        fail(path, "it is no course");
    }
    let kind = [Kind::Find, Kind::Range, Kind::Serial, Kind::Change][number() as usize];
    let (slot_count, step_count) = (number() as usize, number() as usize);
    let more = number() as usize; // answers of questions, or slots that changes bring in
    let is_change = kind == Kind::Change;
    let all = slot_count + if is_change { more } else { 0 };
    let mut column = |count: usize| (0..count).map(|_| number()).collect::<Vec<f64>>();
    let gfns = |column: Vec<f64>| column.into_iter().map(|x| x as Gfn).collect::<Vec<_>>();
    let places = |column: Vec<f64>| column.into_iter().map(|x| x as usize).collect::<Vec<_>>();
    let answers = |column: Vec<f64>| {
        column.into_iter().map(|x| if x as usize == all { NONE } else { x as u32 }).collect()
    };
    let (bases, ends) = (gfns(column(all)), gfns(column(all)));
    let slots = bases.into_iter().zip(ends).map(|(base, end)| Slot { base, end }).collect();
    let questions = if is_change { 0 } else { step_count };
    let changes = step_count - questions;
    Course {
        kind,
        slot_count,
        step_count,
        slots,
        starts: gfns(column(questions)),
        ends: gfns(column(questions)),
        from: places(column(questions)),
        to: places(column(questions)),
        expected: answers(column(if is_change { 0 } else { more })),
        before: places(column(changes)),
        after: places(column(changes)),
        old_gfns: gfns(column(changes)),
        old_answers: answers(column(changes)),
        other_gfns: gfns(column(changes)),
        other_answers: answers(column(changes)),
    }
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, path, rounds, process] = arguments.as_slice() else {
        fail("the arguments", "they must be COURSE ROUNDS PROCESS")
    };
    let rounds: usize = rounds.parse().unwrap_or_else(|_| fail("ROUNDS", "it is no number"));
    let process: usize = process.parse().unwrap_or_else(|_| fail("PROCESS", "it is no number"));
    let course = read_course(path);
    let mut entries = [
        entry::<Tree>("BTreeMap", &course),
        entry::<SortedVec>("Vec, partition_point", &course),
    ];
    for entry in &mut entries {
        // Every answer is checked once before any is timed.
        entry.run_block(&course, course.step_count);
        while entry.run_block(&course, entry.steps()) < LEAST_BLOCK_NS {
            entry.set_steps(entry.steps() * 2);
        }
    }
    let mut ns = vec![Vec::new(); entries.len()];
    for round in 0..rounds {
        for place in 0..entries.len() {
            let at = (place + round + process) % entries.len();
            let steps = entries[at].steps();
            // As in trial_process.ts: untimed steps first, so that caches and predictor are its own.
            let settle = (steps / 8).max(course.slot_count / 4) / 2 * 2;
            entries[at].run_block(&course, settle.min(steps));
            ns[at].push(entries[at].run_block(&course, steps));
        }
    }
    for (entry, ns) in entries.iter().zip(&ns) {
        let ns: Vec<String> = ns.iter().map(|ns| format!("{ns:.0}")).collect();
        let (name, steps) = (entry.name(), entry.steps());
        println!("{{\"name\":\"{name}\",\"stepsPerBlock\":{steps},\"ns\":[{}]}}", ns.join(","));
    }
}
