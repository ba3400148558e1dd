//! What Rust offers for the same job: `BTreeMap`, and a sorted `Vec` with `partition_point`. Reads
//! a course (course_file.ts), replays it on each in interleaved blocks, compares each answer with
//! the known one, and prints the blocks' times, a line of JSON for each.
//!
//!     peers COURSE ROUNDS PROCESS
//!
//! Exit codes: 0 fine, 1 the course cannot be read, 2 a wrong answer.
//!
//! Both go from a slot's end to its base and the slot: slots do not overlap, so the first one that
//! ends after a gfn is the only one that can hold it, and the one from which a range starts. So a
//! find is one search and one comparison, as in the contenders, and no slot is read. Both are built
//! in ascending order. Written for Rust 1.63, which Debian 12 has.

use std::arch::asm;
use std::collections::BTreeMap;
use std::ops::Bound::{Excluded, Unbounded};
use std::process::exit;
use std::ptr::null;
use std::time::Instant;

type Gfn = u64;

struct Slot {
    base: Gfn,
    end: Gfn,
}

/// A slot, or null for none. Compared, never followed.
type Held = *const Slot;

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Find,
    Range,
    Serial,
    Churn,
    ChurnFind,
}

const KINDS: [Kind; 5] = [Kind::Find, Kind::Range, Kind::Serial, Kind::Churn, Kind::ChurnFind];

/// The course, column by column as in its file.
struct Course {
    kind: Kind,
    slot_count: usize,
    step_count: usize,
    /// Those of the map, ascending, then those that changes insert.
    slots: &'static [Slot],
    starts: Vec<Gfn>,
    ends: Vec<Gfn>,
    from: Vec<usize>,
    to: Vec<usize>,
    expected: Vec<Held>,
    before: Vec<&'static Slot>,
    after: Vec<&'static Slot>,
    erased: Vec<Gfn>,
    inserted: Vec<Gfn>,
    elsewhere: Vec<Gfn>,
    others: Vec<Held>,
}

trait Index: Default {
    fn size(&self) -> usize;
    fn insert(&mut self, slot: &'static Slot);
    fn erase(&mut self, slot: &Slot);
    fn find(&self, gfn: Gfn) -> Held;
    /// Hands the slots of [start, end), ascending, to `visit`, until that is false.
    fn range(&self, start: Gfn, end: Gfn, visit: impl FnMut(Held) -> bool);
}

#[derive(Default)]
struct Tree(BTreeMap<Gfn, (Gfn, Held)>);

impl Index for Tree {
    fn size(&self) -> usize {
        self.0.len()
    }

    fn insert(&mut self, slot: &'static Slot) {
        self.0.insert(slot.end, (slot.base, slot));
    }

    fn erase(&mut self, slot: &Slot) {
        self.0.remove(&slot.end);
    }

    #[inline(always)]
    fn find(&self, gfn: Gfn) -> Held {
        match self.0.range((Excluded(gfn), Unbounded)).next() {
            Some((_, &(base, held))) if base <= gfn => held,
            _ => null(),
        }
    }

    #[inline(always)]
    fn range(&self, start: Gfn, end: Gfn, mut visit: impl FnMut(Held) -> bool) {
        for (_, &(base, held)) in self.0.range((Excluded(start), Unbounded)) {
            if base >= end || !visit(held) {
                return;
            }
        }
    }
}

#[derive(Default)]
struct SortedVec {
    ends: Vec<Gfn>,
    rest: Vec<(Gfn, Held)>,
}

impl SortedVec {
    #[inline(always)]
    fn upper_bound(&self, gfn: Gfn) -> usize {
        self.ends.partition_point(|&end| end <= gfn)
    }
}

impl Index for SortedVec {
    fn size(&self) -> usize {
        self.ends.len()
    }

    fn insert(&mut self, slot: &'static Slot) {
        let at = self.upper_bound(slot.end);
        self.ends.insert(at, slot.end);
        self.rest.insert(at, (slot.base, slot));
    }

    fn erase(&mut self, slot: &Slot) {
        let at = self.upper_bound(slot.base);
        self.ends.remove(at);
        self.rest.remove(at);
    }

    #[inline(always)]
    fn find(&self, gfn: Gfn) -> Held {
        match self.rest.get(self.upper_bound(gfn)) {
            Some(&(base, held)) if base <= gfn => held,
            _ => null(),
        }
    }

    #[inline(always)]
    fn range(&self, start: Gfn, end: Gfn, mut visit: impl FnMut(Held) -> bool) {
        for &(base, held) in &self.rest[self.upper_bound(start)..] {
            if base >= end || !visit(held) {
                return;
            }
        }
    }
}

/// The compiler must have this answer here, as a caller would. `black_box` goes through memory.
#[inline(always)]
fn given(mut answer: Held) -> Held {
    // SAFETY: no instruction.
    unsafe { asm!("/* {0} */", inout(reg) answer, options(nomem, nostack, preserves_flags)) };
    answer
}

/// The compiler must not know this number.
#[inline(always)]
fn unknown(mut number: u64) -> u64 {
    // SAFETY: no instruction.
    unsafe { asm!("/* {0} */", inout(reg) number, options(nomem, nostack, preserves_flags)) };
    number
}

/// Steps [begin, end): the number of the first with a wrong answer. Each index has its own copy.
fn replay<I: Index>(index: &mut I, course: &Course, begin: usize, end: usize) -> Option<usize> {
    match course.kind {
        Kind::Find => {
            (begin..end).find(|&i| given(index.find(course.starts[i])) != course.expected[i])
        }
        Kind::Serial => replay_serial(index, course, begin, end),
        Kind::Range => (begin..end).find(|&i| !is_range_right(index, course, i)),
        Kind::Churn => {
            let size = index.size();
            (begin..end).find(|&i| {
                index.erase(course.before[i]);
                index.insert(course.after[i]);
                index.size() != size
            })
        }
        Kind::ChurnFind => {
            let size = index.size();
            (begin..end).find(|&i| !is_change_right(index, course, i) || index.size() != size)
        }
    }
}

/// Each lookup waits for the answer before it: see replaySerial in replay.ts.
fn replay_serial<I: Index>(index: &I, course: &Course, begin: usize, end: usize) -> Option<usize> {
    let (mut wrong, mut missed) = (0u64, 0u64);
    for i in begin..end {
        let gfn = unknown(course.starts[i] + wrong);
        wrong = unknown(wrong | u64::from(given(index.find(gfn)) != course.expected[i]));
        missed += wrong;
    }
    (missed > 0).then(|| end - missed as usize)
}

#[inline(always)]
fn is_range_right<I: Index>(index: &I, course: &Course, step: usize) -> bool {
    let (mut at, mut is_right) = (course.from[step], true);
    index.range(course.starts[step], course.ends[step], |held| {
        is_right = given(held) == course.expected[at];
        at += 1;
        is_right
    });
    is_right && at == course.to[step]
}

#[inline(always)]
fn is_change_right<I: Index>(index: &mut I, course: &Course, step: usize) -> bool {
    let after = course.after[step];
    index.erase(course.before[step]);
    if !given(index.find(course.erased[step])).is_null() {
        return false;
    }
    index.insert(after);
    given(index.find(course.inserted[step])) == after as Held
        && given(index.find(course.elsewhere[step])) == course.others[step]
}

/// An index and where it stands in the script.
struct Entry<I> {
    name: &'static str,
    index: I,
    next: usize,
}

/// What the race needs of an entry, whatever its index.
trait Racer {
    fn name(&self) -> &'static str;
    /// Runs the next `steps` steps, round and round, and gives their ns.
    fn run_block(&mut self, course: &Course, steps: usize) -> f64;
}

impl<I: Index> Racer for Entry<I> {
    fn name(&self) -> &'static str {
        self.name
    }

    fn run_block(&mut self, course: &Course, mut steps: usize) -> f64 {
        let began = Instant::now();
        while steps > 0 {
            let end = course.step_count.min(self.next + steps);
            if let Some(wrong) = replay(&mut self.index, course, self.next, end) {
                eprintln!("{} gave a wrong answer at step {wrong}", self.name);
                exit(2);
            }
            steps -= end - self.next;
            self.next = if end == course.step_count { 0 } else { end };
        }
        began.elapsed().as_nanos() as f64
    }
}

fn entry<I: Index + 'static>(name: &'static str, course: &Course) -> Box<dyn Racer> {
    let mut index = I::default();
    for slot in &course.slots[..course.slot_count] {
        index.insert(slot);
    }
    Box::new(Entry { name, index, next: 0 })
}

const LEAST_BLOCK_NS: f64 = 150_000.0;

/// The steps of a block, an even number. All answers are checked here first.
fn calibrated(entry: &mut dyn Racer, course: &Course) -> usize {
    entry.run_block(course, course.step_count);
    let mut steps = 16;
    while entry.run_block(course, steps) < LEAST_BLOCK_NS {
        steps *= 2;
    }
    steps
}

fn fail(path: &str, why: &str) -> ! {
    eprintln!("Cannot read {path} as {why}");
    exit(1)
}

/// The course's file: doubles, as course_file.ts says.
fn read_course(path: &str) -> Course {
    let bytes = std::fs::read(path).unwrap_or_else(|_| fail(path, "it is not there"));
    let numbers: Vec<f64> =
        bytes.chunks_exact(8).map(|eight| f64::from_ne_bytes(eight.try_into().unwrap())).collect();
    if numbers.len() < 6 || numbers[0] != f64::from(0x6d73_6c31) {
        fail(path, "it is no course");
    }
    let head: Vec<usize> = numbers[1..6].iter().map(|&number| number as usize).collect();
    let (kind, slot_count, added, step_count, answers) =
        (head[0], head[1], head[2], head[3], head[4]);
    let kind = *KINDS.get(kind).unwrap_or_else(|| fail(path, "its kind is unknown"));
    let (questions, changes, lookups) = match kind {
        Kind::Churn => (0, step_count, 0),
        Kind::ChurnFind => (0, step_count, step_count),
        _ => (step_count, 0, 0),
    };
    let all = slot_count + added;
    if numbers.len() != 6 + 2 * all + 4 * questions + answers + 2 * changes + 4 * lookups {
        fail(path, "it is cut off");
    }
    let mut rest = numbers[6..].iter().map(|&number| number as usize);
    let mut column = |count: usize| rest.by_ref().take(count).collect::<Vec<usize>>();
    let gfns = |column: Vec<usize>| column.into_iter().map(|gfn| gfn as Gfn).collect::<Vec<_>>();
    let (bases, slot_ends) = (gfns(column(all)), gfns(column(all)));
    let slots = bases.into_iter().zip(slot_ends).map(|(base, end)| Slot { base, end });
    let slots: &'static [Slot] = slots.collect::<Vec<_>>().leak();
    let held = |column: Vec<usize>| {
        let slot = |at: usize| slots.get(at).map_or(null(), |slot| slot as Held);
        column.into_iter().map(slot).collect::<Vec<_>>()
    };
    let changed = |column: Vec<usize>| column.into_iter().map(|at| &slots[at]).collect::<Vec<_>>();
    let mut course = Course {
        kind,
        slot_count,
        step_count,
        slots,
        starts: gfns(column(questions)),
        ends: gfns(column(questions)),
        from: column(questions),
        to: column(questions),
        expected: held(column(answers)),
        before: changed(column(changes)),
        after: changed(column(changes)),
        erased: gfns(column(lookups)),
        inserted: gfns(column(lookups)),
        elsewhere: gfns(column(lookups)),
        others: held(column(lookups)),
    };
    course.expected.push(null()); // what a range that hands out too much is compared with
    course
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    if arguments.len() != 4 {
        fail("the arguments", "they must be COURSE ROUNDS PROCESS");
    }
    let number = |word: &str| word.parse().unwrap_or_else(|_| fail(word, "it is no number"));
    let (rounds, process): (usize, usize) = (number(&arguments[2]), number(&arguments[3]));
    let course = read_course(&arguments[1]);
    let mut entries =
        [entry::<Tree>("BTreeMap", &course), entry::<SortedVec>("sorted Vec", &course)];
    let steps: Vec<usize> =
        entries.iter_mut().map(|entry| calibrated(entry.as_mut(), &course)).collect();
    let mut ns = [Vec::new(), Vec::new()];
    for round in 0..rounds {
        for place in 0..entries.len() {
            let at = (place + round + process) % entries.len();
            // As in trial_process.ts: the caches and the predictor are its own again.
            let settling = (steps[at] / 8).max(course.slot_count / 4).min(steps[at]);
            entries[at].run_block(&course, settling / 2 * 2);
            ns[at].push(format!("{:.0}", entries[at].run_block(&course, steps[at])));
        }
    }
    for (at, entry) in entries.iter().enumerate() {
        let (name, steps, ns) = (entry.name(), steps[at], ns[at].join(","));
        println!("{{\"name\":\"{name}\",\"stepsPerBlock\":{steps},\"ns\":[{ns}]}}");
    }
}
