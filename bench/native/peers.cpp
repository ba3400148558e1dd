/*
 * What one would use in C++: std::map, absl::btree_map where Abseil is installed (-DHAVE_ABSL), and a
 * sorted std::vector. Reads a course (course_file.ts), replays it on each in interleaved blocks,
 * compares every answer with the known one, and prints the blocks' times, a line of JSON for each.
 *
 *   peers COURSE ROUNDS PROCESS
 *
 * Exit codes: 0 fine, 1 the course cannot be read, 2 a wrong answer.
 *
 * Each map goes from a slot's base to the slot. Each has loops of its own (templates), as each
 * contender has in JavaScript.
 */
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>
#ifdef HAVE_ABSL
#include "absl/container/btree_map.h"
#endif

using gfn_t = uint64_t;

struct slot {
  gfn_t base, end;
};

enum class kind { find, range, serial, change };

/* The course; see course_file.ts. Steps and answers are numbers of slots, `none` past them all. */
struct course {
  enum kind kind;
  size_t slot_count, step_count, none;
  std::vector<slot> slots; /* those of the map, ascending, then those that changes bring in */
  std::vector<gfn_t> starts, ends;             /* questions */
  std::vector<size_t> from, to, expected;      /* their answers */
  std::vector<size_t> before, after;           /* changes: what is erased, what is inserted */
  std::vector<gfn_t> old_gfns, other_gfns;     /* what is looked up after each change */
  std::vector<size_t> old_answers, other_answers;
};

static constexpr size_t ALL_RIGHT = SIZE_MAX;

/* The compiler must have this answer here, as a caller would. */
static inline const slot *given(const slot *answer) {
  asm volatile("" : "+r"(answer));
  return answer;
}

/* A map from bases to slots, ordered: find and range by upper bound, as KVM's iterator. */
template <class Map> struct ordered_map {
  Map map;
  using cursor = typename Map::const_iterator;

  void insert(const slot *added) { map.emplace(added->base, added); }
  void erase(const slot *gone) { map.erase(gone->base); }

  const slot *find(gfn_t gfn) const {
    auto at = map.upper_bound(gfn);
    if (at == map.begin()) return nullptr;
    --at;
    return gfn < at->second->end ? at->second : nullptr;
  }

  cursor start(gfn_t gfn) const {
    auto at = map.upper_bound(gfn);
    if (at != map.begin()) {
      auto before = std::prev(at);
      if (before->second->end > gfn) return before;
    }
    return at;
  }

  bool is_valid(const cursor &at, gfn_t end) const { return at != map.end() && at->first < end; }
  static const slot *at(const cursor &at) { return at->second; }
};

/* A sorted vector of bases beside their slots; a change moves all that follow. */
struct sorted_vector {
  std::vector<gfn_t> bases;
  std::vector<const slot *> slots;
  using cursor = size_t;

  size_t upper_bound(gfn_t gfn) const {
    return size_t(std::upper_bound(bases.begin(), bases.end(), gfn) - bases.begin());
  }

  void insert(const slot *added) {
    auto at = ptrdiff_t(upper_bound(added->base));
    bases.insert(bases.begin() + at, added->base);
    slots.insert(slots.begin() + at, added);
  }

  void erase(const slot *gone) {
    auto at = ptrdiff_t(upper_bound(gone->base)) - 1;
    bases.erase(bases.begin() + at);
    slots.erase(slots.begin() + at);
  }

  const slot *find(gfn_t gfn) const {
    size_t at = upper_bound(gfn);
    return at > 0 && gfn < slots[at - 1]->end ? slots[at - 1] : nullptr;
  }

  cursor start(gfn_t gfn) const {
    size_t at = upper_bound(gfn);
    return at > 0 && slots[at - 1]->end > gfn ? at - 1 : at;
  }

  bool is_valid(cursor at, gfn_t end) const { return at < bases.size() && bases[at] < end; }
  const slot *at(cursor at) const { return slots[at]; }
};

/* Replays a course on one index; the number of the first wrong step, or ALL_RIGHT. */
struct entry {
  std::string name;
  size_t steps = 0, next = 0;
  explicit entry(std::string name) : name(std::move(name)) {}
  virtual ~entry() = default;
  virtual size_t replay(const course &course, size_t begin, size_t end) = 0;
};

template <class Index> struct entry_of final : entry {
  Index index;

  entry_of(std::string name, const course &course) : entry(std::move(name)) {
    for (size_t i = 0; i < course.slot_count; i++) index.insert(&course.slots[i]);
  }

  size_t replay(const course &course, size_t begin, size_t end) override {
    switch (course.kind) {
    case kind::find: return finds(course, begin, end);
    case kind::serial: return serial(course, begin, end);
    case kind::range: return ranges(course, begin, end);
    case kind::change: return changes(course, begin, end);
    }
    return begin;
  }

  static const slot *slot_at(const course &course, size_t number) {
    return number == course.none ? nullptr : &course.slots[number];
  }

  size_t finds(const course &course, size_t begin, size_t end) {
    for (size_t i = begin; i < end; i++) {
      if (given(index.find(course.starts[i])) != slot_at(course, course.expected[i])) return i;
    }
    return ALL_RIGHT;
  }

  /* Each lookup waits for the answer before it: see replaySerial in replay.ts. */
  size_t serial(const course &course, size_t begin, size_t end) {
    gfn_t wrong = 0;
    size_t missed = 0;
    for (size_t i = begin; i < end; i++) {
      gfn_t gfn = course.starts[i] + wrong;
      asm volatile("" : "+r"(gfn));
      wrong |= given(index.find(gfn)) != slot_at(course, course.expected[i]);
      asm volatile("" : "+r"(wrong));
      missed += wrong;
    }
    return missed == 0 ? ALL_RIGHT : end - missed;
  }

  size_t ranges(const course &course, size_t begin, size_t end) {
    for (size_t i = begin; i < end; i++) {
      size_t at = course.from[i];
      for (auto cursor = index.start(course.starts[i]); index.is_valid(cursor, course.ends[i]);
           ++cursor) {
        if (given(index.at(cursor)) != slot_at(course, course.expected[at++])) return i;
      }
      if (at != course.to[i]) return i;
    }
    return ALL_RIGHT;
  }

  size_t changes(const course &course, size_t begin, size_t end) {
    for (size_t i = begin; i < end; i++) {
      index.erase(&course.slots[course.before[i]]);
      index.insert(&course.slots[course.after[i]]);
      if (given(index.find(course.old_gfns[i])) != slot_at(course, course.old_answers[i])) return i;
      if (given(index.find(course.other_gfns[i])) != slot_at(course, course.other_answers[i])) {
        return i;
      }
    }
    return ALL_RIGHT;
  }
};

static double now_ns() {
  return std::chrono::duration<double, std::nano>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

/* The entry's next `steps` steps, round and round; their ns. */
static double run_block(entry &entry, const course &course, size_t steps) {
  double began = now_ns();
  while (steps > 0) {
    size_t end = std::min(entry.next + steps, course.step_count);
    size_t wrong = entry.replay(course, entry.next, end);
    if (wrong != ALL_RIGHT) {
      std::fprintf(stderr, "%s in C++ gave a wrong answer at step %zu\n", entry.name.c_str(), wrong);
      std::exit(2);
    }
    steps -= end - entry.next;
    entry.next = end == course.step_count ? 0 : end;
  }
  return now_ns() - began;
}

/* A block lasts this many ns at least: far above the clock's resolution. */
static constexpr double LEAST_BLOCK_NS = 150'000;

static void calibrate(entry &entry, const course &course) {
  run_block(entry, course, course.step_count); /* every answer is checked once before any is timed */
  for (entry.steps = 2; run_block(entry, course, entry.steps) < LEAST_BLOCK_NS;) entry.steps *= 2;
}

/* Who runs at a place of a round: balanced over rounds and processes (order.ts). */
static size_t entry_at(size_t place, size_t round, size_t process, size_t entries) {
  if (process % 2 == 1) place = entries - 1 - place;
  return (place + round + process / 2) % entries;
}

static course read_course(const char *path) {
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  if (!file) {
    std::fprintf(stderr, "Cannot read %s as it is not there\n", path);
    std::exit(1);
  }
  std::vector<double> numbers(size_t(file.tellg()) / sizeof(double));
  file.seekg(0);
  file.read(reinterpret_cast<char *>(numbers.data()), std::streamsize(numbers.size() * sizeof(double)));
  size_t at = 0;
  auto number = [&] {
    if (at < numbers.size()) return numbers[at++];
    std::fprintf(stderr, "Cannot read %s as it is cut off\n", path);
    std::exit(1);
  };
  auto column = [&]<class T>(std::vector<T> &into, size_t count) {
    for (size_t i = 0; i < count; i++) into.push_back(T(number()));
  };
  if (number() != 0x6d736c31) {
    std::fprintf(stderr, "Cannot read %s as it is no course\n", path);
    std::exit(1);
  }
  course course;
  course.kind = kind(int(number()));
  course.slot_count = size_t(number());
  course.step_count = size_t(number());
  size_t more = size_t(number()); /* answers of questions, or slots that changes bring in */
  bool is_change = course.kind == kind::change;
  size_t slots = course.slot_count + (is_change ? more : 0);
  course.none = slots;
  std::vector<gfn_t> bases, ends;
  column(bases, slots);
  column(ends, slots);
  for (size_t i = 0; i < slots; i++) course.slots.push_back({bases[i], ends[i]});
  if (is_change) {
    column(course.before, course.step_count);
    column(course.after, course.step_count);
    column(course.old_gfns, course.step_count);
    column(course.old_answers, course.step_count);
    column(course.other_gfns, course.step_count);
    column(course.other_answers, course.step_count);
  } else {
    column(course.starts, course.step_count);
    column(course.ends, course.step_count);
    column(course.from, course.step_count);
    column(course.to, course.step_count);
    column(course.expected, more);
  }
  return course;
}

int main(int argc, char **argv) {
  if (argc != 4) {
    std::fprintf(stderr, "Cannot read the arguments as they must be COURSE ROUNDS PROCESS\n");
    return 1;
  }
  const course course = read_course(argv[1]);
  size_t rounds = std::strtoul(argv[2], nullptr, 10), process = std::strtoul(argv[3], nullptr, 10);
  using std_map = ordered_map<std::map<gfn_t, const slot *>>;
  std::vector<std::unique_ptr<entry>> entries;
  entries.push_back(std::make_unique<entry_of<std_map>>("std::map", course));
#ifdef HAVE_ABSL
  using absl_btree = ordered_map<absl::btree_map<gfn_t, const slot *>>;
  entries.push_back(std::make_unique<entry_of<absl_btree>>("absl::btree_map", course));
#endif
  entries.push_back(std::make_unique<entry_of<sorted_vector>>("std::vector", course));
  for (auto &entry : entries) calibrate(*entry, course);
  std::vector<std::vector<double>> ns(entries.size());
  for (size_t round = 0; round < rounds; round++) {
    for (size_t place = 0; place < entries.size(); place++) {
      size_t at = entry_at(place, round, process, entries.size());
      /* As in trial_process.ts: untimed steps first, so that caches and predictor are its own. */
      size_t settle = std::max(entries[at]->steps / 8, course.slot_count / 4) / 2 * 2;
      run_block(*entries[at], course, std::min(settle, entries[at]->steps));
      ns[at].push_back(run_block(*entries[at], course, entries[at]->steps));
    }
  }
  for (size_t i = 0; i < entries.size(); i++) {
    std::printf("{\"name\":\"%s\",\"stepsPerBlock\":%zu,\"ns\":[", entries[i]->name.c_str(),
                entries[i]->steps);
    for (size_t round = 0; round < rounds; round++) {
      std::printf("%s%.0f", round > 0 ? "," : "", ns[i][round]);
    }
    std::printf("]}\n");
  }
}
