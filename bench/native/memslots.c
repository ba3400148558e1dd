/*
 * The same questions in C: what is left of an index's time without JavaScript. Reads a course
 * (course_file.ts), replays it on each entry in interleaved blocks, compares each answer with the
 * known one, and prints the blocks' times, a line of JSON for each entry.
 *
 *   memslots COURSE ROUNDS PROCESS
 *
 * Exit codes: 0 fine, 1 the course cannot be read, 2 a wrong answer.
 *
 * Indexes are built once and never changed: what it takes to find is all that is measured. There is
 * one course a process, so that all is static. Each entry has a replay of its own, with its search
 * inlined, as each contender has in JavaScript.
 */
#define _POSIX_C_SOURCE 200809L
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define INLINE static inline __attribute__((always_inline))
#define PAST_ALL UINT64_MAX /* an end or base that no gfn reaches */
#define ALL_RIGHT SIZE_MAX

typedef uint64_t gfn_t;
typedef unsigned __int128 wide_t;

/* A slot is its own tree node, as in Linux. Nobody but rb_tree looks into it. */
struct slot {
  struct slot *parent, *left, *right;
  gfn_t base, end;
};

/* The course. Step i asks for starts[i], or for all of [starts[i], ends[i]); the answers are
 * expected[from[i]] up to, not including, expected[to[i]]. SERIAL is FIND, one after the other. */
enum kind { FIND, RANGE, SERIAL };
static enum kind kind;
static size_t slot_count, step_count, expected_count;
static struct slot *slots; /* ascending */
static gfn_t *starts, *ends;
static size_t *from, *to;
static struct slot **expected;

/* Where a range stands; each entry uses what it needs. */
struct cursor {
  struct slot *slot;
  size_t at, to;
};

static void fail(const char *path, const char *why) {
  fprintf(stderr, "Cannot read %s as %s\n", path, why);
  exit(1);
}

static void *room_for(size_t count, size_t size) {
  void *room = aligned_alloc(64, (count * size + 127) / 64 * 64);
  if (room == NULL) fail("the course", "there is no memory for it");
  memset(room, 0, count * size);
  return room;
}

/* rb_tree: what Linux does, on a tree built balanced. Colours are for changes: there are none. */

static struct slot *root;

static struct slot *subtree(struct slot *parent, size_t low, size_t high) {
  if (low == high) return NULL;
  size_t middle = (low + high) / 2;
  struct slot *node = &slots[middle];
  node->parent = parent;
  node->left = subtree(node, low, middle);
  node->right = subtree(node, middle + 1, high);
  return node;
}

static void rb_tree_build(void) { root = subtree(NULL, 0, slot_count); }

INLINE struct slot *rb_tree_find(gfn_t gfn, size_t step) {
  struct slot *node = root;
  while (node != NULL) {
    if (gfn < node->base) node = node->left;
    else if (gfn < node->end) return node;
    else node = node->right;
  }
  return NULL;
}

INLINE void rb_tree_next(struct cursor *cursor) {
  struct slot *node = cursor->slot;
  if (node->right != NULL) {
    for (node = node->right; node->left != NULL;) node = node->left;
  } else {
    struct slot *below;
    do {
      below = node;
      node = node->parent;
    } while (node != NULL && node->right == below);
  }
  cursor->slot = node;
}

INLINE void rb_tree_start(struct cursor *cursor, gfn_t gfn, size_t step) {
  struct slot *node = root, *above = NULL, *before = NULL;
  while (node != NULL) {
    if (gfn < node->base) {
      above = node;
      node = node->left;
    } else {
      before = node; /* the last right turn: where a step back from the upper bound leads */
      node = node->right;
    }
  }
  cursor->slot = before != NULL ? before : above;
  if (cursor->slot != NULL && cursor->slot->end <= gfn) rb_tree_next(cursor);
}

INLINE bool rb_tree_is_valid(const struct cursor *cursor, gfn_t end) {
  return cursor->slot != NULL && cursor->slot->base < end;
}

/* sorted_array: bases, ends and slots side by side, an entry past all at the end. */

static gfn_t *array_bases, *array_ends;
static struct slot **array_slots;

static void sorted_array_build(void) {
  array_bases = room_for(slot_count + 1, sizeof *array_bases);
  array_ends = room_for(slot_count + 1, sizeof *array_ends);
  array_slots = room_for(slot_count + 1, sizeof *array_slots);
  for (size_t i = 0; i < slot_count; i++) {
    array_bases[i] = slots[i].base;
    array_ends[i] = slots[i].end;
    array_slots[i] = &slots[i];
  }
  array_bases[slot_count] = array_ends[slot_count] = PAST_ALL;
}

/* The first of keys[low, high) that is greater than gfn, each of them `stride` after the other. */
INLINE size_t upper_bound(const gfn_t *keys, size_t stride, size_t low, size_t high, gfn_t gfn) {
  while (low < high) {
    size_t middle = (low + high) / 2;
    if (keys[stride * middle] > gfn) high = middle;
    else low = middle + 1;
  }
  return low;
}

INLINE struct slot *sorted_array_find(gfn_t gfn, size_t step) {
  size_t at = upper_bound(array_bases, 1, 0, slot_count, gfn);
  return at > 0 && gfn < array_ends[at - 1] ? array_slots[at - 1] : NULL;
}

INLINE void sorted_array_start(struct cursor *cursor, gfn_t gfn, size_t step) {
  cursor->at = upper_bound(array_ends, 1, 0, slot_count, gfn);
  cursor->slot = array_slots[cursor->at];
}

INLINE bool sorted_array_is_valid(const struct cursor *cursor, gfn_t end) {
  return array_bases[cursor->at] < end;
}

INLINE void sorted_array_next(struct cursor *cursor) {
  cursor->slot = array_slots[++cursor->at];
}

/* radix_table: buckets over the span say which slot to start from; then steps over ends. */

static gfn_t *bounds; /* base and end in turn */
static uint16_t *table;
static gfn_t table_origin;
static uint64_t table_scale; /* buckets a gfn, 64 bits after the point */
static size_t table_buckets;

/* What multiplies a gfn below `span` to a number below `count`, 64 bits after the point. */
static uint64_t scale_of(size_t count, gfn_t span) {
  return count >= span ? UINT64_MAX : (uint64_t)(((wide_t)count << 64) / span);
}

INLINE size_t scaled(gfn_t gfn, uint64_t scale) { return (size_t)((wide_t)gfn * scale >> 64); }

INLINE size_t bucket_of(gfn_t gfn) {
  size_t bucket = gfn > table_origin ? scaled(gfn - table_origin, table_scale) : 0;
  return bucket < table_buckets ? bucket : table_buckets - 1;
}

static void radix_table_build(void) {
  bounds = room_for(2 * slot_count + 2, sizeof *bounds);
  for (size_t i = 0; i < slot_count; i++) {
    bounds[2 * i] = slots[i].base;
    bounds[2 * i + 1] = slots[i].end;
  }
  bounds[2 * slot_count] = bounds[2 * slot_count + 1] = PAST_ALL;
  for (table_buckets = 1; table_buckets < 2 * slot_count + 2;) table_buckets *= 2;
  table = room_for(table_buckets + 1, sizeof *table);
  table_origin = slots[0].base;
  table_scale = scale_of(table_buckets, slots[slot_count - 1].end - table_origin);
  size_t bucket = 0;
  for (size_t i = 0; i < slot_count; i++) {
    for (size_t last = bucket_of(slots[i].end); bucket <= last;) table[bucket++] = (uint16_t)i;
  }
  while (bucket <= table_buckets) table[bucket++] = (uint16_t)slot_count;
}

INLINE size_t locate(gfn_t gfn) {
  size_t bucket = bucket_of(gfn), at = table[bucket];
  at += bounds[2 * at + 1] <= gfn;
  at += bounds[2 * at + 1] <= gfn;
  if (bounds[2 * at + 1] > gfn) return at;
  return upper_bound(bounds + 1, 2, at + 1, table[bucket + 1], gfn);
}

INLINE struct slot *radix_table_find(gfn_t gfn, size_t step) {
  size_t at = locate(gfn);
  return bounds[2 * at] <= gfn ? array_slots[at] : NULL;
}

INLINE void radix_table_start(struct cursor *cursor, gfn_t gfn, size_t step) {
  cursor->at = locate(gfn);
  cursor->slot = array_slots[cursor->at];
}

INLINE bool radix_table_is_valid(const struct cursor *cursor, gfn_t end) {
  return bounds[2 * cursor->at] < end;
}

#define radix_table_next sorted_array_next

/* radix_chunks: hints, the directory's root table, chunks in windows of 32 entries. Without the
 * tree: where many chunks begin in a bucket, the walk along the list is long. */

enum { WINDOW = 32, PACKED = 25, BUCKETS = 8, CROWD = 3 };
static gfn_t *pool_bases, *pool_ends, *chunk_upper;
static struct slot **pool_slots;
static int32_t *chunk_first, *chunk_next, *directory;
static gfn_t zone, hint_zone;
static unsigned zone_shift;
static size_t directory_length, hint_count;
static uint32_t *hints;
static uint64_t hint_scale;

static void fill_chunk(size_t chunk, size_t first_slot, size_t count) {
  size_t window = chunk * WINDOW, first = window + (WINDOW - 1 - count) / 2;
  chunk_first[chunk] = (int32_t)first;
  for (size_t at = window; at < window + WINDOW; at++) {
    bool is_held = at >= first && at < first + count;
    struct slot *slot = is_held ? &slots[first_slot + at - first] : NULL;
    pool_slots[at] = slot;
    pool_bases[at] = is_held ? slot->base : PAST_ALL;
    pool_ends[at] = is_held ? slot->end : at < first ? 0 : PAST_ALL;
  }
}

static void fill_directory(size_t chunks) {
  gfn_t low = slots[0].base, high = slots[slot_count - 1].end;
  gfn_t margin = chunks == 1 ? 0 : (high - low) / chunks + 1;
  zone = low > margin ? low - margin : 0;
  gfn_t width = high + margin - zone;
  for (zone_shift = 0; (width >> zone_shift) > BUCKETS * (chunks + 2);) zone_shift++;
  directory_length = (width >> zone_shift) + 1;
  directory = room_for(directory_length, sizeof *directory);
  for (size_t bucket = 0, chunk = 0; bucket < directory_length; bucket++) {
    while (chunk_upper[chunk] <= zone + ((gfn_t)bucket << zone_shift)) chunk++;
    directory[bucket] = (int32_t)chunk;
  }
  hint_zone = zone;
  hint_scale = scale_of(slot_count, width);
}

INLINE size_t hint_of(gfn_t gfn) { return scaled(gfn - hint_zone, hint_scale); }

/* A hint leads to three slots: do a bucket's slots lie within, for most? */
static bool hints_help(void) {
  size_t crowded = 0;
  for (size_t i = CROWD; i < slot_count; i++) {
    crowded += hint_of(slots[i].base) == hint_of(slots[i - CROWD].base);
  }
  return 4 * crowded <= slot_count;
}

static void radix_chunks_build(void) {
  size_t chunks = (slot_count + PACKED - 1) / PACKED;
  pool_bases = room_for(chunks * WINDOW, sizeof *pool_bases);
  pool_ends = room_for(chunks * WINDOW, sizeof *pool_ends);
  pool_slots = room_for(chunks * WINDOW, sizeof *pool_slots);
  chunk_upper = room_for(chunks, sizeof *chunk_upper);
  chunk_first = room_for(chunks, sizeof *chunk_first);
  chunk_next = room_for(chunks, sizeof *chunk_next);
  for (size_t chunk = 0; chunk < chunks; chunk++) {
    size_t low = slot_count * chunk / chunks, high = slot_count * (chunk + 1) / chunks;
    fill_chunk(chunk, low, high - low);
    chunk_upper[chunk] = high < slot_count ? slots[high].base : PAST_ALL;
    chunk_next[chunk] = high < slot_count ? (int32_t)chunk + 1 : -1;
  }
  fill_directory(chunks);
  hint_count = hints_help() ? slot_count : 0;
  hints = room_for(slot_count, sizeof *hints);
}

INLINE size_t chunk_of(gfn_t gfn) {
  size_t bucket = gfn > zone ? (gfn - zone) >> zone_shift : 0;
  size_t chunk = (size_t)directory[bucket < directory_length ? bucket : directory_length - 1];
  while (chunk_upper[chunk] <= gfn) chunk = (size_t)chunk_next[chunk];
  return chunk;
}

INLINE struct slot *radix_chunks_find(gfn_t gfn, size_t step) {
  size_t hint = hint_of(gfn), at;
  if (hint < hint_count) {
    at = hints[hint];
    at += pool_ends[at] <= gfn;
    at += pool_ends[at] <= gfn;
    if (pool_bases[at] <= gfn && gfn < pool_ends[at]) return pool_slots[at];
  }
  at = chunk_of(gfn) * WINDOW;
  for (size_t half = 16; half > 0; half /= 2) {
    at += pool_ends[at + half - 1] <= gfn ? half : 0;
  }
  if (pool_bases[at] > gfn) return NULL;
  if (hint < hint_count) hints[hint] = (uint32_t)at;
  return pool_slots[at];
}

/* Past a chunk's last slot on to the next chunk's first. */
INLINE void settle_in_chunk(struct cursor *cursor) {
  cursor->slot = pool_slots[cursor->at];
  if (cursor->slot != NULL) return;
  int32_t next = chunk_next[cursor->at / WINDOW];
  if (next < 0) return;
  cursor->at = (size_t)chunk_first[next];
  cursor->slot = pool_slots[cursor->at];
}

INLINE void radix_chunks_start(struct cursor *cursor, gfn_t gfn, size_t step) {
  size_t at = chunk_of(gfn) * WINDOW, eighths = 0, ones = 0;
  for (size_t i = 7; i < WINDOW - 1; i += 8) eighths += pool_ends[at + i] <= gfn;
  at += 8 * eighths;
  for (size_t i = 0; i < 7; i++) ones += pool_ends[at + i] <= gfn;
  cursor->at = at + ones;
  settle_in_chunk(cursor);
}

INLINE bool radix_chunks_is_valid(const struct cursor *cursor, gfn_t end) {
  return pool_bases[cursor->at] < end;
}

INLINE void radix_chunks_next(struct cursor *cursor) {
  cursor->at++;
  settle_in_chunk(cursor);
}

/* The floor: the known answers, in the order of the steps. Loop, cursor and comparison alone. */

static struct slot **answers;

static void floor_build(void) {
  answers = room_for(expected_count, sizeof *answers);
  memcpy(answers, expected, expected_count * sizeof *answers);
}

INLINE struct slot *floor_find(gfn_t gfn, size_t step) {
  return answers[step];
}

/* Where questions wait for each other, the answer stands where the gfn says, as in floor.ts. */
INLINE struct slot *floor_serial(gfn_t gfn, size_t step) {
  return answers[step + (gfn - starts[step])];
}

INLINE void floor_start(struct cursor *cursor, gfn_t gfn, size_t step) {
  *cursor = (struct cursor){.at = from[step], .to = to[step]};
  cursor->slot = answers[cursor->at < cursor->to ? cursor->at : 0];
}

INLINE bool floor_is_valid(const struct cursor *cursor, gfn_t end) {
  return cursor->at < cursor->to;
}

INLINE void floor_next(struct cursor *cursor) { cursor->slot = answers[++cursor->at]; }

/* The touch: an array of 8 bytes a slot, read where the answer is known to stand. What memory takes
 * for any index that has to look at least once. */

static uint32_t *places; /* by step: the number of its first slot, or that past all for none */

static void touch_build(void) {
  places = room_for(step_count, sizeof *places);
  for (size_t i = 0; i < step_count; i++) {
    struct slot *first = from[i] < to[i] ? expected[from[i]] : NULL;
    places[i] = (uint32_t)(first == NULL ? slot_count : (size_t)(first - slots));
  }
}

INLINE struct slot *touch_find(gfn_t gfn, size_t step) {
  return array_slots[places[step]];
}

INLINE struct slot *touch_serial(gfn_t gfn, size_t step) {
  return array_slots[places[step + (gfn - starts[step])]];
}

INLINE void touch_start(struct cursor *cursor, gfn_t gfn, size_t step) {
  size_t at = places[step];
  *cursor = (struct cursor){array_slots[at], at, at + to[step] - from[step]};
}

#define touch_is_valid floor_is_valid
#define touch_next sorted_array_next

/* The replay: replay.ts in C. */

typedef struct slot *find_fn(gfn_t gfn, size_t step);
typedef void start_fn(struct cursor *, gfn_t gfn, size_t step);
typedef bool is_valid_fn(const struct cursor *, gfn_t end);
typedef void next_fn(struct cursor *);

/* The compiler must have this answer, here and now: no loop is unlike what callers would write. */
INLINE struct slot *given(struct slot *slot) {
  __asm__ volatile("" : "+r"(slot));
  return slot;
}

INLINE size_t replay_finds(find_fn *find, size_t begin, size_t end) {
  for (size_t i = begin; i < end; i++) {
    if (given(find(starts[i], i)) != expected[i]) return i;
  }
  return ALL_RIGHT;
}

/* As replaySerial in replay.ts, whose doc says why. The compiler is made to forget what it knows of
 * the gfn and of `wrong`: it can neither shorten the way from one to the next nor guess. */
INLINE size_t replay_serial(find_fn *find, size_t begin, size_t end) {
  gfn_t wrong = 0;
  size_t missed = 0;
  for (size_t i = begin; i < end; i++) {
    gfn_t gfn = starts[i] + wrong;
    __asm__ volatile("" : "+r"(gfn));
    wrong |= given(find(gfn, i)) != expected[i];
    __asm__ volatile("" : "+r"(wrong));
    missed += wrong;
  }
  return missed == 0 ? ALL_RIGHT : end - missed;
}

INLINE size_t replay_ranges(start_fn *start, is_valid_fn *is_valid, next_fn *next, size_t begin,
                            size_t end) {
  for (size_t i = begin; i < end; i++) {
    struct cursor cursor;
    size_t at = from[i];
    for (start(&cursor, starts[i], i); is_valid(&cursor, ends[i]); next(&cursor)) {
      if (given(cursor.slot) != expected[at++]) return i;
    }
    if (at != to[i]) return i;
  }
  return ALL_RIGHT;
}

/* Indexes need their gfn as it is. */
#define sorted_array_serial sorted_array_find
#define rb_tree_serial rb_tree_find
#define radix_table_serial radix_table_find
#define radix_chunks_serial radix_chunks_find

/* Steps [begin, end) on one entry: the number of the first with a wrong answer, or ALL_RIGHT. */
#define REPLAY(name)                                                                    \
  static size_t name##_replay(size_t begin, size_t end) {                               \
    if (kind == FIND) return replay_finds(name##_find, begin, end);                     \
    if (kind == SERIAL) return replay_serial(name##_serial, begin, end);                \
    return replay_ranges(name##_start, name##_is_valid, name##_next, begin, end);       \
  }

REPLAY(sorted_array)
REPLAY(rb_tree)
REPLAY(radix_table)
REPLAY(radix_chunks)
REPLAY(floor)
REPLAY(touch)

/* sorted_array first: others use its array of slots. */
static struct entry {
  const char *name;
  void (*build)(void);
  size_t (*replay)(size_t begin, size_t end);
  size_t steps, at;
} entries[] = {
#define ENTRY(name) {#name, name##_build, name##_replay, 0, 0}
  ENTRY(sorted_array), ENTRY(rb_tree), ENTRY(radix_table),
  ENTRY(radix_chunks), ENTRY(floor),   ENTRY(touch),
};
enum { ENTRIES = sizeof entries / sizeof entries[0] };

static double now_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

/* Runs the entry's next `steps` steps, round and round, and gives their ns. */
static double run_block(struct entry *entry, size_t steps) {
  double began = now_ns();
  while (steps > 0) {
    size_t end = entry->at + steps < step_count ? entry->at + steps : step_count;
    size_t wrong = entry->replay(entry->at, end);
    if (wrong != ALL_RIGHT) {
      fprintf(stderr, "%s in C gave a wrong answer at step %zu\n", entry->name, wrong);
      exit(2);
    }
    steps -= end - entry->at;
    entry->at = end == step_count ? 0 : end;
  }
  return now_ns() - began;
}

enum { LEAST_BLOCK_NS = 150000 };

/* The steps of a block. All answers are checked here first. */
static void calibrate(struct entry *entry) {
  run_block(entry, step_count);
  for (entry->steps = 16; run_block(entry, entry->steps) < LEAST_BLOCK_NS;) entry->steps *= 2;
}

/* Who stands at a place of a round: the Williams square of order.ts, for an even number. */
static size_t entry_at(size_t place, size_t round, size_t process) {
  _Static_assert(ENTRIES % 2 == 0, "an odd number needs mirrored rounds");
  if (process % 2 == 1) place = ENTRIES - 1 - place;
  size_t zigzag = place % 2 == 1 ? (place + 1) / 2 : (ENTRIES - place / 2) % ENTRIES;
  return (zigzag + round + process / 2) % ENTRIES;
}

static void race(size_t rounds, size_t process, double (*ns)[ENTRIES]) {
  for (size_t round = 0; round < rounds; round++) {
    for (size_t place = 0; place < ENTRIES; place++) {
      size_t at = entry_at(place, round, process), share = entries[at].steps / 8;
      /* As in trial_process.ts: the caches and the predictor are its own again. */
      run_block(&entries[at], share > slot_count / 4 ? share : slot_count / 4);
      ns[round][at] = run_block(&entries[at], entries[at].steps);
    }
  }
}

static void print_blocks(size_t rounds, double (*ns)[ENTRIES]) {
  for (size_t i = 0; i < ENTRIES; i++) {
    printf("{\"name\":\"%s\",\"stepsPerBlock\":%zu,\"ns\":[", entries[i].name, entries[i].steps);
    for (size_t round = 0; round < rounds; round++) {
      printf("%s%.0f", round > 0 ? "," : "", ns[round][i]);
    }
    printf("]}\n");
  }
}

/* The course's file: doubles, as course_file.ts says. */

enum { MAGIC = 0x6d736c31 };
static const double *next_number;

static size_t number(void) { return (size_t)*next_number++; }

static gfn_t *numbers(size_t count) {
  gfn_t *column = room_for(count, sizeof *column);
  for (size_t i = 0; i < count; i++) column[i] = number();
  return column;
}

static void read_course(const char *path) {
  FILE *file = fopen(path, "rb");
  if (file == NULL || fseek(file, 0, SEEK_END) != 0) fail(path, "it is not there");
  size_t length = (size_t)ftell(file) / sizeof(double);
  double *all = room_for(length, sizeof *all);
  rewind(file);
  if (fread(all, sizeof *all, length, file) != length) fail(path, "it cannot be read");
  fclose(file);
  next_number = all;
  if (length < 5 || number() != MAGIC) fail(path, "it is no course");
  kind = (enum kind)number();
  slot_count = number();
  step_count = number();
  expected_count = number();
  if (slot_count < 1 || slot_count > UINT16_MAX - 1) fail(path, "it has no slots, or too many");
  if (length != 5 + 2 * slot_count + 4 * step_count + expected_count) fail(path, "it is cut off");
  slots = room_for(slot_count, sizeof *slots);
  for (size_t i = 0; i < slot_count; i++) slots[i].base = number();
  for (size_t i = 0; i < slot_count; i++) slots[i].end = number();
  starts = numbers(step_count);
  ends = numbers(step_count);
  from = numbers(step_count);
  to = numbers(step_count);
  expected = room_for(expected_count + 1, sizeof *expected);
  for (size_t i = 0; i < expected_count; i++) {
    size_t slot = number();
    expected[i] = slot < slot_count ? &slots[slot] : NULL;
  }
}

int main(int argc, char **argv) {
  if (argc != 4) fail("the arguments", "they must be COURSE ROUNDS PROCESS");
  size_t rounds = strtoul(argv[2], NULL, 10), process = strtoul(argv[3], NULL, 10);
  read_course(argv[1]);
  for (size_t i = 0; i < ENTRIES; i++) entries[i].build();
  for (size_t i = 0; i < ENTRIES; i++) calibrate(&entries[i]);
  double(*ns)[ENTRIES] = room_for(rounds, sizeof *ns);
  race(rounds, process, ns);
  print_blocks(rounds, ns);
  return 0;
}
