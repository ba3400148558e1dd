/*
 * What C++ offers for the same job: std::map, or absl::btree_map where compiled with -DPEER_ABSL.
 * Reads a course (course_file.ts), replays it in blocks, compares each answer with the known one, and
 * prints the blocks' times, a line of JSON.
 *
 *   peers COURSE ROUNDS PROCESS
 *
 * Exit codes: 0 fine, 1 the course cannot be read, 2 a wrong answer.
 *
 * The map goes from a slot's end to its base and the slot: slots do not overlap, so the first one
 * that ends after a gfn is the only one that can hold it, and the one from which a range starts. So a
 * find is one search and one comparison, as in the contenders, and no slot is read. The map is built
 * in ascending order.
 */
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <vector>

using gfn_t = uint64_t;

struct slot {
  gfn_t base, end;
};

struct value {
  gfn_t base;
  const slot *held;
};

#ifdef PEER_ABSL
#include "absl/container/btree_map.h"
using map_t = absl::btree_map<gfn_t, value>;
static constexpr const char *NAME = "absl::btree_map";
#else
#include <map>
using map_t = std::map<gfn_t, value>;
static constexpr const char *NAME = "std::map";
#endif

/* The course, column by column as in its file; null for no slot. */
enum kind { FIND, RANGE, SERIAL, CHURN, CHURN_FIND, KINDS };
static enum kind kind;
static size_t slot_count, step_count;
static std::vector<slot> slots; /* those of the map, ascending, then those that changes insert */
static std::vector<gfn_t> starts, ends, erased, inserted, elsewhere;
static std::vector<size_t> from, to;
static std::vector<const slot *> expected, before, after, others;

static constexpr size_t ALL_RIGHT = SIZE_MAX;
static map_t map;

[[noreturn]] static void fail(const char *path, const char *why) {
  std::fprintf(stderr, "Cannot read %s as %s\n", path, why);
  std::exit(1);
}

static inline void insert(const slot *added) {
  map.emplace(added->end, value{added->base, added});
}

static inline void erase(const slot *gone) { map.erase(gone->end); }

static inline const slot *find(gfn_t gfn) {
  auto at = map.upper_bound(gfn);
  return at != map.end() && at->second.base <= gfn ? at->second.held : nullptr;
}

/* The compiler must have this answer here, as a caller would. */
static inline const slot *given(const slot *answer) {
  asm volatile("" : "+r"(answer));
  return answer;
}

static size_t replay_finds(size_t begin, size_t end) {
  for (size_t i = begin; i < end; i++) {
    if (given(find(starts[i])) != expected[i]) return i;
  }
  return ALL_RIGHT;
}

/* Each lookup waits for the answer before it: see replaySerial in replay.ts. */
static size_t replay_serial(size_t begin, size_t end) {
  gfn_t wrong = 0;
  size_t missed = 0;
  for (size_t i = begin; i < end; i++) {
    gfn_t gfn = starts[i] + wrong;
    asm volatile("" : "+r"(gfn));
    wrong |= given(find(gfn)) != expected[i];
    asm volatile("" : "+r"(wrong));
    missed += wrong;
  }
  return missed == 0 ? ALL_RIGHT : end - missed;
}

static size_t replay_ranges(size_t begin, size_t end) {
  for (size_t i = begin; i < end; i++) {
    size_t at = from[i];
    for (auto cursor = map.upper_bound(starts[i]);
         cursor != map.end() && cursor->second.base < ends[i]; ++cursor) {
      if (given(cursor->second.held) != expected[at++]) return i;
    }
    if (at != to[i]) return i;
  }
  return ALL_RIGHT;
}

static size_t replay_churn(size_t begin, size_t end) {
  const size_t size = map.size();
  for (size_t i = begin; i < end; i++) {
    erase(before[i]);
    insert(after[i]);
    if (map.size() != size) return i;
  }
  return ALL_RIGHT;
}

static size_t replay_churn_find(size_t begin, size_t end) {
  const size_t size = map.size();
  for (size_t i = begin; i < end; i++) {
    erase(before[i]);
    if (given(find(erased[i])) != nullptr) return i;
    insert(after[i]);
    if (given(find(inserted[i])) != after[i]) return i;
    if (given(find(elsewhere[i])) != others[i]) return i;
    if (map.size() != size) return i;
  }
  return ALL_RIGHT;
}

/* Steps [begin, end): the number of the first with a wrong answer, or ALL_RIGHT. */
static size_t replay(size_t begin, size_t end) {
  switch (kind) {
  case FIND: return replay_finds(begin, end);
  case RANGE: return replay_ranges(begin, end);
  case SERIAL: return replay_serial(begin, end);
  case CHURN: return replay_churn(begin, end);
  default: return replay_churn_find(begin, end);
  }
}

static double now_ns() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration<double, std::nano>(now).count();
}

/* Runs the next `steps` steps, round and round, and gives their ns. */
static double run_block(size_t steps) {
  static size_t next = 0;
  const double began = now_ns();
  while (steps > 0) {
    const size_t end = std::min(next + steps, step_count), wrong = replay(next, end);
    if (wrong != ALL_RIGHT) {
      std::fprintf(stderr, "%s gave a wrong answer at step %zu\n", NAME, wrong);
      std::exit(2);
    }
    steps -= end - next;
    next = end == step_count ? 0 : end;
  }
  return now_ns() - began;
}

static constexpr double LEAST_BLOCK_NS = 150'000;

/* The steps of a block, an even number. All answers are checked here first. */
static size_t calibrated() {
  run_block(step_count);
  size_t steps = 16;
  while (run_block(steps) < LEAST_BLOCK_NS) steps *= 2;
  return steps;
}

/* The course's file: doubles, as course_file.ts says. */

static std::vector<double> numbers;
static size_t next_number = 0;

static size_t number() { return size_t(numbers[next_number++]); }

template <class T> static void read_column(std::vector<T> &column, size_t count) {
  for (size_t i = 0; i < count; i++) column.push_back(number());
}

static void read_slots(std::vector<const slot *> &column, size_t count) {
  for (size_t i = 0; i < count; i++) {
    const size_t at = number();
    column.push_back(at < slots.size() ? &slots[at] : nullptr);
  }
}

static void read_course(const char *path) {
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  if (!file) fail(path, "it is not there");
  numbers.resize(size_t(file.tellg()) / sizeof(double));
  file.seekg(0);
  file.read(reinterpret_cast<char *>(numbers.data()),
            std::streamsize(numbers.size() * sizeof(double)));
  if (numbers.size() < 6 || number() != 0x6d736c31) fail(path, "it is no course");
  kind = static_cast<enum kind>(number());
  slot_count = number();
  const size_t added = number();
  step_count = number();
  const size_t answers = number(), columns = kind == CHURN ? 2 : kind == CHURN_FIND ? 6 : 4;
  if (kind >= KINDS) fail(path, "its kind is unknown");
  if (numbers.size() != 6 + 2 * (slot_count + added) + columns * step_count + answers) {
    fail(path, "it is cut off");
  }
  slots.resize(slot_count + added);
  for (slot &each : slots) each.base = number();
  for (slot &each : slots) each.end = number();
  if (kind == CHURN || kind == CHURN_FIND) {
    read_slots(before, step_count);
    read_slots(after, step_count);
    if (kind == CHURN) return;
    read_column(erased, step_count);
    read_column(inserted, step_count);
    read_column(elsewhere, step_count);
    read_slots(others, step_count);
  } else {
    read_column(starts, step_count);
    read_column(ends, step_count);
    read_column(from, step_count);
    read_column(to, step_count);
    read_slots(expected, answers);
    expected.push_back(nullptr); /* what a range that hands out too much is compared with */
  }
}

int main(int argc, char **argv) {
  if (argc != 4) fail("the arguments", "they must be COURSE ROUNDS PROCESS");
  const size_t rounds = std::strtoul(argv[2], nullptr, 10);
  read_course(argv[1]);
  for (size_t i = 0; i < slot_count; i++) insert(&slots[i]);
  const size_t steps = calibrated();
  std::printf("{\"name\":\"%s\",\"stepsPerBlock\":%zu,\"ns\":[", NAME, steps);
  for (size_t round = 0; round < rounds; round++) {
    std::printf("%s%.0f", round > 0 ? "," : "", run_block(steps));
  }
  std::printf("]}\n");
}
