/*
 * The contenders' designs in C: what is left of an index's time without JavaScript. Reads a course
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

/* A slot is its own tree node, as in Linux. Only rb_tree reads its fields. */
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

/* rb_tree: the searches of Linux, on a tree built balanced. Without changes it needs no colours. */

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

/* radix_chunks, up to 14 slots: flat_pool.ts. Entry 0 has no slot and ends at 0, entries past the
 * slots are at PAST_ALL. */

enum { FLAT_SLOTS = 14, FLAT_ENTRIES = 17 };
static gfn_t flat_bases[FLAT_ENTRIES], flat_ends[FLAT_ENTRIES];
static struct slot *flat_slots[FLAT_ENTRIES];

static void flat_pool_build(void) {
  for (size_t at = 1; at < FLAT_ENTRIES; at++) {
    bool is_held = at <= slot_count;
    flat_slots[at] = is_held ? &slots[at - 1] : NULL;
    flat_bases[at] = is_held ? slots[at - 1].base : PAST_ALL;
    flat_ends[at] = is_held ? slots[at - 1].end : PAST_ALL;
  }
}

/* The first entry that ends after gfn: of a slot, or past them. */
INLINE size_t flat_entry_of(gfn_t gfn) {
  const gfn_t *ends = flat_ends;
  size_t at = 1 + 4 * (size_t)((ends[4] <= gfn) + (ends[8] <= gfn) + (ends[12] <= gfn));
  return at + (ends[at] <= gfn) + (ends[at + 1] <= gfn) + (ends[at + 2] <= gfn);
}

INLINE struct slot *flat_pool_find(gfn_t gfn, size_t step) {
  size_t at = flat_entry_of(gfn);
  return flat_slots[at & -(size_t)(flat_bases[at] <= gfn)];
}

INLINE void flat_pool_start(struct cursor *cursor, gfn_t gfn, size_t step) {
  cursor->at = flat_entry_of(gfn);
  cursor->slot = flat_slots[cursor->at];
}

INLINE bool flat_pool_is_valid(const struct cursor *cursor, gfn_t end) {
  return flat_bases[cursor->at] < end;
}

INLINE void flat_pool_next(struct cursor *cursor) { cursor->slot = flat_slots[++cursor->at]; }

/* radix_chunks, of more slots: chunk_pool.ts. Slots in chunks of 25 in the middle of windows of 32
 * entries, hints that lead to them, and where a hint is wrong a search over the chunks' last ends.
 * The pool is as new, with the chunks to spare of a new one; links between chunks are followed although
 * chunks that never change lie in order. Infinity is PAST_ALL, and -Infinity, as an end, 0. */

enum { WINDOW = 32, PACKED = 25, SPARE = 12, ROOMY = 24, BLOCK = WINDOW, BLOCKS = 64 };
enum { CHUNK_POOL_SLOTS = 36864 };
static gfn_t *pool_bounds; /* base and end in turn */
static struct slot **pool_slots;
static size_t chunk_count;    /* in use, without chunk 0, which has no slots */
static size_t chunk_capacity; /* with it */
static uint16_t *chunk_first, *chunk_last, *chunk_next;
/* The directory: the chunks in order, their last ends, and the last one of each 32 of these. */
static uint16_t *places_chunk;
static gfn_t *places_end, top_ends[BLOCKS];

static void fill_chunk(size_t chunk) {
  size_t low = PACKED * (chunk - 1), window = chunk * WINDOW;
  size_t high = low + PACKED < slot_count ? low + PACKED : slot_count;
  size_t first = window + (WINDOW - (high - low)) / 2, last = first + high - low;
  chunk_first[chunk] = (uint16_t)first;
  chunk_last[chunk] = (uint16_t)last;
  chunk_next[chunk] = (uint16_t)(chunk < chunk_count ? chunk + 1 : 0);
  places_chunk[chunk - 1] = (uint16_t)chunk;
  places_end[chunk - 1] = slots[high - 1].end;
  gfn_t end = low > 0 ? slots[low - 1].end : 0; /* of the slot before */
  for (size_t at = window; at < window + WINDOW; at++) {
    struct slot *slot = at >= first && at < last ? &slots[low + at - first] : NULL;
    if (slot != NULL) end = slot->end;
    pool_slots[at] = slot;
    pool_bounds[2 * at] = slot != NULL ? slot->base : PAST_ALL;
    pool_bounds[2 * at + 1] = end;
  }
}

static void fill_pool(void) {
  chunk_count = (slot_count + PACKED - 1) / PACKED;
  size_t spare = (chunk_count + SPARE - 1) / SPARE;
  size_t roomy = chunk_count < ROOMY - 1 ? ROOMY - 1 - chunk_count : 0;
  if (roomy > chunk_count) roomy = chunk_count;
  chunk_capacity = 1 + chunk_count + (spare > roomy ? spare : roomy);
  size_t entries = chunk_capacity * WINDOW, all_places = (chunk_capacity / BLOCK + 1) * BLOCK;
  pool_bounds = room_for(2 * entries, sizeof *pool_bounds);
  pool_slots = room_for(entries, sizeof *pool_slots);
  chunk_first = room_for(chunk_capacity, sizeof *chunk_first);
  chunk_last = room_for(chunk_capacity, sizeof *chunk_last);
  chunk_next = room_for(chunk_capacity, sizeof *chunk_next);
  places_chunk = room_for(all_places, sizeof *places_chunk);
  places_end = room_for(all_places, sizeof *places_end);
  for (size_t i = 0; i < 2 * entries; i++) pool_bounds[i] = PAST_ALL;
  for (size_t i = 0; i < all_places; i++) places_end[i] = PAST_ALL;
  chunk_first[0] = chunk_last[0] = chunk_next[0] = 1;
  for (size_t chunk = 1; chunk <= chunk_count; chunk++) fill_chunk(chunk);
  pool_bounds[1] = slots[slot_count - 1].end; /* entry 0, which is past all slots as well */
  for (size_t block = 0; block < BLOCKS; block++) {
    size_t last = block * BLOCK + BLOCK - 1;
    top_ends[block] = last < all_places ? places_end[last] : PAST_ALL;
  }
}

/* Its hints, chosen as in hints.ts: gfns of a set share a hint, which leads to its entry and to the
 * two after it. Where JavaScript multiplies doubles, C multiplies by a fraction of 64 bits. */

enum { FEWEST_SETS = 64, MANY_CHUNKS = 256, SAMPLED_SETS = 2048, SAMPLED_CHUNKS = 6 };
static const double EVEN_SETS = 1.2, UNEVEN_SETS = 2.02, ENOUGH = 0.04, ENOUGH_OF_MANY = 0.12;
static const double FACTORS[] = {1.2360679774997896, 1.618033988749895, 1.4142135623730951,
                                 1.7320508075688772};
enum { CHOICES = 1 + 2 * sizeof FACTORS / sizeof *FACTORS };
struct sets {
  size_t count;   /* a power of two */
  int shift;      /* 0 to 31: the set is the low 32 bits of the gfn >> shift, modulo count; or -1 */
  uint64_t scale; /* sets a gfn, 64 bits after the point */
};
static struct sets sets;
static uint16_t *hints;

INLINE size_t set_in(struct sets all, gfn_t gfn) {
  size_t set = all.shift >= 0 ? (uint32_t)gfn >> all.shift : scaled(gfn, all.scale);
  return set & (all.count - 1);
}

/* The least power of two that is at least `wanted` and FEWEST_SETS. */
static size_t count_for(double wanted) {
  size_t count = FEWEST_SETS;
  while ((double)count < wanted) count *= 2;
  return count;
}

static struct sets uneven_sets(double gfns_a_set) {
  uint64_t scale = (uint64_t)(0x1p64 / gfns_a_set); /* medians are at least 1, factors above it */
  return (struct sets){count_for(UNEVEN_SETS * (double)slot_count), -1, scale};
}

static int by_gfn(const void *left, const void *right) {
  gfn_t a = *(const gfn_t *)left, b = *(const gfn_t *)right;
  return (a > b) - (a < b);
}

static gfn_t median(gfn_t *values, size_t count) {
  if (count == 0) return 1;
  qsort(values, count, sizeof *values, by_gfn);
  return values[count / 2];
}

/* Medians over some slots: of the gfns from where they begin to the next, and of their sizes. */
static void usual_sizes(gfn_t *stride, gfn_t *npages) {
  gfn_t strides[(SAMPLED_CHUNKS + 1) * WINDOW], sizes[(SAMPLED_CHUNKS + 1) * WINDOW];
  size_t count = 0;
  for (size_t chunk = 0; chunk < chunk_capacity; chunk += 1 + chunk_capacity / SAMPLED_CHUNKS) {
    for (size_t at = chunk_first[chunk]; at + 1 < chunk_last[chunk]; at++) {
      strides[count] = pool_bounds[2 * at + 2] - pool_bounds[2 * at];
      sizes[count++] = pool_bounds[2 * at + 1] - pool_bounds[2 * at];
    }
  }
  *stride = median(strides, count);
  *npages = median(sizes, count);
}

/* The share of slots that hints do not lead to, as far as can be told from some sets. */
static double share_astray(struct sets all) {
  size_t first_of[SAMPLED_SETS] = {0}, crowded = 0, sampled = 0, astray = 0, run = 0;
  size_t before = SIZE_MAX, samples = all.count < SAMPLED_SETS ? all.count : SAMPLED_SETS;
  for (size_t chunk = 1; chunk <= chunk_count; chunk++) {
    for (size_t at = chunk_first[chunk]; at < chunk_last[chunk]; at++) {
      size_t set = set_in(all, pool_bounds[2 * at]);
      run = set == before ? run + 1 : 0;
      before = set;
      crowded += run > 2;
      size_t i = (uint32_t)set * 0x9e3779b1u & (all.count - 1);
      if (i >= samples) continue;
      sampled++;
      if (first_of[i] == 0) first_of[i] = at;
      else if (at < first_of[i] || at - first_of[i] > 2) astray++;
    }
  }
  double in_runs = (double)crowded / (double)slot_count;
  double met = (double)astray / (double)(sampled > 0 ? sampled : 1);
  return in_runs > met ? in_runs : met;
}

static struct sets chosen_sets(void) {
  gfn_t stride, npages;
  usual_sizes(&stride, &npages);
  struct sets choices[CHOICES], best = {FEWEST_SETS, 31, 0};
  size_t count = 0;
  int shift = 63 - __builtin_clzll(stride);
  if (shift <= 31) {
    choices[count++] = (struct sets){count_for(EVEN_SETS * (double)slot_count), shift, 0};
  }
  for (size_t i = 0; i < sizeof FACTORS / sizeof *FACTORS; i++) {
    choices[count++] = uneven_sets((double)stride * FACTORS[i]);
    choices[count++] = uneven_sets(2 * (double)npages * FACTORS[i]);
  }
  double enough = chunk_capacity < MANY_CHUNKS ? ENOUGH : ENOUGH_OF_MANY, least = 2;
  for (size_t i = 0; i < count && least > enough; i++) {
    double astray = share_astray(choices[i]);
    if (astray >= least) continue;
    best = choices[i];
    least = astray;
  }
  return best;
}

/* The hint that leads to `entry`: never one of the last two of its window. */
INLINE uint16_t hint_to(size_t entry) {
  size_t at = entry % WINDOW;
  return (uint16_t)(entry - (at > WINDOW - 3 ? at - (WINDOW - 3) : 0));
}

static void chunk_pool_build(void) {
  fill_pool();
  sets = chosen_sets();
  hints = room_for(sets.count, sizeof *hints);
  for (size_t set = 0; set < sets.count; set++) hints[set] = 1;
  for (size_t chunk = 1; chunk <= chunk_count; chunk++) {
    for (size_t at = chunk_first[chunk]; at < chunk_last[chunk]; at++) {
      size_t set = set_in(sets, pool_bounds[2 * at]);
      size_t last_set = set_in(sets, pool_bounds[2 * at + 1] - 1);
      if (hints[set] == 1) hints[set] = hint_to(at);
      if (hints[last_set] == 1) hints[last_set] = hint_to(at);
    }
  }
}

/* How many of `count` numbers, each `stride` after the other, are at most gfn. */
INLINE size_t count_up_to(const gfn_t *numbers, size_t count, size_t stride, gfn_t gfn) {
  size_t found = 0;
  for (size_t i = 0; i < count; i++) found += numbers[stride * i] <= gfn;
  return found;
}

/* The first entry that ends after gfn, without hints; the hint of `set` leads there from now on. */
static size_t search_chunks(gfn_t gfn, size_t set) {
  size_t at = 0;
  if (chunk_count >= BLOCK) {
    at = 8 * count_up_to(top_ends + 7, 7, 8, gfn);
    at += count_up_to(top_ends + at, 7, 1, gfn);
  }
  at *= BLOCK;
  at += 4 * count_up_to(places_end + at + 3, 7, 4, gfn);
  at += count_up_to(places_end + at, 3, 1, gfn);
  at = (size_t)places_chunk[at] * WINDOW;
  at += 4 * count_up_to(pool_bounds + 2 * at + 7, 7, 8, gfn);
  at += count_up_to(pool_bounds + 2 * at + 1, 3, 2, gfn);
  hints[set] = hint_to(at);
  return at;
}

INLINE size_t chunk_entry_of(gfn_t gfn) {
  size_t set = set_in(sets, gfn), at = hints[set];
  const gfn_t *ends = pool_bounds + 2 * at + 1;
  at += (size_t)(ends[0] <= gfn) + (ends[2] <= gfn);
  if (gfn < pool_bounds[2 * at + 1] && pool_bounds[2 * at - 1] <= gfn) return at;
  return search_chunks(gfn, set);
}

INLINE struct slot *chunk_pool_find(gfn_t gfn, size_t step) {
  size_t at = chunk_entry_of(gfn);
  /* Entry 0, which is NULL, unless the slot begins at or below gfn. */
  return pool_slots[at & -(size_t)(pool_bounds[2 * at] <= gfn)];
}

/* `to` is the entry after the last slot of the chunk. */
INLINE void chunk_pool_start(struct cursor *cursor, gfn_t gfn, size_t step) {
  cursor->at = chunk_entry_of(gfn);
  cursor->to = chunk_last[cursor->at / WINDOW];
  cursor->slot = pool_slots[cursor->at];
}

INLINE bool chunk_pool_is_valid(const struct cursor *cursor, gfn_t end) {
  return pool_bounds[2 * cursor->at] < end;
}

INLINE void chunk_pool_next(struct cursor *cursor) {
  if (++cursor->at == cursor->to) {
    size_t chunk = chunk_next[(cursor->at - 1) / WINDOW];
    cursor->at = chunk_first[chunk];
    cursor->to = chunk_last[chunk];
  }
  cursor->slot = pool_slots[cursor->at];
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

/* The touch: an array of 8 bytes a slot, read where the answer is known to stand: the limit of an
 * index that reads memory at least once. */

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

/* The compiler must have this answer here, as a caller would. */
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

/* Each lookup waits for the answer before it: see replaySerial in replay.ts. The compiler must not
 * know the gfn or `wrong`, or it could shorten the way from one lookup to the next, or branch. */
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
#define flat_pool_serial flat_pool_find
#define chunk_pool_serial chunk_pool_find

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
REPLAY(flat_pool)
REPLAY(chunk_pool)
REPLAY(floor)
REPLAY(touch)

/* sorted_array first: others use its array of slots. */
static struct entry {
  const char *name;
  void (*build)(void);
  size_t (*replay)(size_t begin, size_t end);
  size_t steps, at;
} entries[] = {
#define ENTRY(name, form) {#name, form##_build, form##_replay, 0, 0}
  ENTRY(sorted_array, sorted_array), ENTRY(rb_tree, rb_tree), ENTRY(radix_table, radix_table),
  ENTRY(radix_chunks, chunk_pool),   ENTRY(floor, floor),     ENTRY(touch, touch),
};
static const struct entry flat_radix_chunks = ENTRY(radix_chunks, flat_pool);
enum { RADIX_CHUNKS = 3, ENTRIES = sizeof entries / sizeof entries[0] };

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

/* The entry at a place of a round: the Williams square of order.ts, for an even number. */
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
  if (length < 6 || number() != MAGIC) fail(path, "it is no course");
  kind = (enum kind)number();
  if (kind > SERIAL) fail(path, "it is of changes");
  slot_count = number();
  number(); /* slots that changes insert: none */
  step_count = number();
  expected_count = number();
  if (slot_count < 1 || slot_count > CHUNK_POOL_SLOTS) fail(path, "it has no slots, or too many");
  if (length != 6 + 2 * slot_count + 4 * step_count + expected_count) fail(path, "it is cut off");
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
  if (slot_count <= FLAT_SLOTS) entries[RADIX_CHUNKS] = flat_radix_chunks;
  for (size_t i = 0; i < ENTRIES; i++) entries[i].build();
  for (size_t i = 0; i < ENTRIES; i++) calibrate(&entries[i]);
  double(*ns)[ENTRIES] = room_for(rounds, sizeof *ns);
  race(rounds, process, ns);
  print_blocks(rounds, ns);
  return 0;
}
