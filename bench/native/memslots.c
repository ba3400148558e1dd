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

/* radix_chunks: slots in windows of 32 entries, hints that lead to them, and where a hint is wrong
 * radix tables over a tree. The contender in JavaScript had this structure until it was rebuilt
 * over flat pools and a flat directory (radix_chunks.ts): its C form is the older one. Links
 * between chunks are followed although chunks that never change lie in order. Infinity is PAST_ALL,
 * and -Infinity, as the end of an entry, 0. */

enum { WINDOW = 32, PACKED = 25 };
static gfn_t *pool_bases, *pool_ends;
static struct slot **pool_slots;
static size_t chunk_count, chunk_capacity;
/* By chunk: its first entry in use, the chunk after it, and where its range ends. */
static int32_t *chunk_first, *chunk_next;
static gfn_t *chunk_upper;

static size_t first_slot_of(size_t chunk) { return slot_count * chunk / chunk_count; }

/* Entries before the first end at the range's lower bound, those past the last at its upper one. */
static void fill_chunk(size_t chunk) {
  size_t low = first_slot_of(chunk), high = first_slot_of(chunk + 1);
  size_t window = chunk * WINDOW, first = window + (WINDOW - (high - low)) / 2;
  gfn_t lower = chunk > 0 ? slots[low].base : 0;
  chunk_first[chunk] = (int32_t)first;
  chunk_next[chunk] = high < slot_count ? (int32_t)chunk + 1 : -1;
  chunk_upper[chunk] = high < slot_count ? slots[high].base : PAST_ALL;
  for (size_t at = window; at < window + WINDOW; at++) {
    bool is_held = at >= first && at < first + (high - low);
    struct slot *slot = is_held ? &slots[low + at - first] : NULL;
    pool_slots[at] = slot;
    pool_bases[at] = is_held ? slot->base : PAST_ALL;
    pool_ends[at] = is_held ? slot->end : at < first ? lower : chunk_upper[chunk];
  }
}

static void fill_pool(void) {
  chunk_count = (slot_count + PACKED - 1) / PACKED;
  chunk_capacity = chunk_count + (chunk_count + 11) / 12; /* room for more, as in JavaScript */
  pool_bases = room_for(chunk_capacity * WINDOW, sizeof *pool_bases);
  pool_ends = room_for(chunk_capacity * WINDOW, sizeof *pool_ends);
  pool_slots = room_for(chunk_capacity * WINDOW, sizeof *pool_slots);
  chunk_first = room_for(chunk_capacity, sizeof *chunk_first);
  chunk_next = room_for(chunk_capacity, sizeof *chunk_next);
  chunk_upper = room_for(chunk_capacity, sizeof *chunk_upper);
  for (size_t chunk = 0; chunk < chunk_count; chunk++) fill_chunk(chunk);
}

/* Its tree: nodes of up to 64 of the chunks' lower bounds under a top with the first of each. */

enum { NODE = 64, NODE_FILL = 48 };
static size_t top_length; /* a power of two */
static gfn_t *top_keys, *node_keys;
static int32_t *top_nodes, *node_chunks;

static void fill_tree(void) {
  size_t nodes = (chunk_count + NODE_FILL - 1) / NODE_FILL;
  for (top_length = 1; top_length < nodes;) top_length *= 2;
  top_keys = room_for(top_length, sizeof *top_keys);
  top_nodes = room_for(top_length, sizeof *top_nodes);
  node_keys = room_for(nodes * NODE, sizeof *node_keys);
  node_chunks = room_for(nodes * NODE, sizeof *node_chunks);
  for (size_t at = 0; at < nodes * NODE; at++) {
    size_t chunk = at / NODE * NODE_FILL + at % NODE;
    bool is_held = at % NODE < NODE_FILL && chunk < chunk_count;
    node_keys[at] = !is_held ? PAST_ALL : chunk > 0 ? chunk_upper[chunk - 1] : 0;
    node_chunks[at] = (int32_t)chunk;
  }
  for (size_t i = 0; i < top_length; i++) {
    top_keys[i] = i < nodes ? node_keys[i * NODE] : PAST_ALL;
    top_nodes[i] = (int32_t)i;
  }
}

static int32_t find_in_tree(gfn_t gfn) {
  size_t top = 0;
  for (size_t half = top_length / 2; half > 0; half /= 2) {
    top += (top_keys[top + half] <= gfn) * half;
  }
  size_t at = (size_t)top_nodes[top] * NODE;
  for (size_t step = NODE / 4; step > 0; step /= 4) {
    at += ((node_keys[at + step] <= gfn) + (node_keys[at + 2 * step] <= gfn) +
           (node_keys[at + 3 * step] <= gfn)) * step;
  }
  return node_chunks[at];
}

/* Its tables: each cuts a zone into buckets of 2^shift gfns. A bucket's entry is the chunk that
 * holds its first gfn, or CROWDED - n where table n cuts the bucket in its turn, or CROWDED. */

enum { BUCKETS = 4, CROWD = 3, CROWDED = -1, DEPTH = 4, ONE_NODE = 64 };
static const gfn_t GFN_LIMIT = (gfn_t)1 << 52;
struct zone {
  gfn_t start;
  unsigned shift;
  size_t offset, length;
};
static struct zone root_zone, *zones;
static int32_t *buckets;
static size_t zone_count, bucket_count;
static gfn_t *marks; /* chunk i lies in [marks[i], marks[i + 1]) */

/* Chunks [from, to) as far as they lie in [floor, ceiling). */
struct part {
  size_t from, to;
  gfn_t floor, ceiling;
  unsigned depth;
};

static gfn_t mark_in(struct part part, size_t i) {
  if (marks[i] < part.floor) return part.floor;
  return marks[i] < part.ceiling ? marks[i] : part.ceiling;
}

static struct zone zone_of(struct part part) {
  size_t low = part.from, high = part.to;
  if (high - low == 1) return (struct zone){.start = 0, .shift = 63, .length = 1};
#define MARK(i) mark_in(part, i)
  while (high - low > 2 && 10 * (MARK(high - 1) - MARK(low + 1)) < MARK(high) - MARK(low)) {
    if (MARK(high) - MARK(high - 1) > MARK(low + 1) - MARK(low)) high--;
    else low++;
  }
  gfn_t margin = (MARK(high) - MARK(low) + (high - low) - 1) / (high - low);
  gfn_t start = MARK(low) > part.floor + margin ? MARK(low) - margin : part.floor;
  gfn_t end = MARK(high) + margin < part.ceiling ? MARK(high) + margin : part.ceiling;
#undef MARK
  struct zone zone = {.start = start, .shift = 0};
  while (end - start > (gfn_t)BUCKETS * (high - low + 2) << zone.shift) zone.shift++;
  zone.length = (end - start + ((gfn_t)1 << zone.shift) - 1) >> zone.shift;
  return zone;
}

static void *regrown(void *old, size_t count, size_t size) {
  void *room = realloc(old, count * size);
  if (room == NULL) fail("the course", "there is no memory for it");
  return room;
}

/* Makes the table for a part of the chunks, and those for its crowded buckets: its number. */
static int32_t cut(struct part part) {
  struct zone zone = zone_of(part);
  size_t number = zone_count++;
  zone.offset = bucket_count;
  bucket_count += zone.length;
  zones = regrown(zones, zone_count, sizeof *zones);
  buckets = regrown(buckets, bucket_count, sizeof *buckets);
  zones[number] = zone;
  for (size_t bucket = 0, chunk = part.from; bucket < zone.length; bucket++) {
    while (chunk_upper[chunk] <= zone.start + ((gfn_t)bucket << zone.shift)) chunk++;
    buckets[zone.offset + bucket] = (int32_t)chunk;
  }
  for (size_t i = part.from > 0 ? part.from : 1; i + CROWD < part.to; i++) {
    if (marks[i] <= zone.start) continue;
    size_t bucket = (marks[i] - zone.start) >> zone.shift;
    if (bucket >= zone.length) break;
    gfn_t start = zone.start + ((gfn_t)bucket << zone.shift);
    gfn_t end = start + ((gfn_t)1 << zone.shift);
    if (marks[i] == start || marks[i + CROWD] >= end) continue;
    size_t after = i + CROWD + 1; /* one past the last chunk that begins in the bucket */
    while (after < part.to && marks[after] < end) after++;
    int32_t entry = CROWDED;
    if (part.depth < DEPTH && chunk_count > ONE_NODE) {
      gfn_t ceiling = end < part.ceiling ? end : part.ceiling;
      entry -= cut((struct part){i - 1, after, start, ceiling, part.depth + 1});
    }
    buckets[zone.offset + bucket] = entry;
    i = after - 1;
  }
  return (int32_t)number;
}

static void fill_tables(void) {
  marks = room_for(chunk_count + 1, sizeof *marks);
  marks[0] = slots[0].base;
  for (size_t i = 1; i < chunk_count; i++) marks[i] = chunk_upper[i - 1];
  marks[chunk_count] = slots[slot_count - 1].end;
  cut((struct part){0, chunk_count, 0, GFN_LIMIT, 1});
  root_zone = zones[0];
}

/* A gfn below the zone wraps around, to a bucket past all. */
INLINE int32_t bucket_entry(const struct zone *zone, gfn_t gfn) {
  size_t bucket = (gfn - zone->start) >> zone->shift;
  return bucket < zone->length ? buckets[zone->offset + bucket] : CROWDED;
}

static __attribute__((noinline)) int32_t find_crowded(int32_t entry, gfn_t gfn) {
  while (entry < CROWDED) entry = bucket_entry(&zones[CROWDED - entry], gfn);
  return entry == CROWDED ? find_in_tree(gfn) : entry;
}

INLINE size_t chunk_of(gfn_t gfn) {
  int32_t chunk = bucket_entry(&root_zone, gfn);
  if (chunk < 0) chunk = find_crowded(chunk, gfn);
  while (chunk_upper[chunk] <= gfn) chunk = chunk_next[chunk];
  return (size_t)chunk;
}

/* Its hints: an entry for each set of gfns. The sets come round and round, so a gfn's set is the
 * highest bits of a product that wraps around as often: gfn * setsPerGfn modulo their number. */

enum { LAST_HINT = 29, FEWEST_SETS = 64, MANY_SLOTS = 2048 };
enum { SAMPLED_SETS = 2048, CROWD_CHUNKS = 128, USUAL_CHUNKS = 16 };
static const double EVEN_SETS = 1.2, UNEVEN_SETS = 2.02;
static const double MOST_ASTRAY = 0.35, FEW_ASTRAY = 0.08, FEW_OF_MANY_ASTRAY = 0.2;
static const double APART[] = {1.2360679774997896, 1.618033988749895, 1.4142135623730951,
                               1.7320508075688772};
enum { THROWS = sizeof APART / sizeof *APART };
struct sets {
  size_t count;
  uint64_t scale; /* rounds a gfn, 64 bits after the point */
  unsigned shift;
};
static struct sets sets;
static uint16_t *short_hints; /* NULL where the pool has too many entries for 16 bits */
static uint32_t *long_hints;

INLINE size_t set_in(struct sets all, gfn_t gfn) { return gfn * all.scale >> all.shift; }

/* At least so many sets for each slot, of `gfns_a_set`; if that is 0, so that they go through the
 * root's zone once. */
static struct sets sets_for(double sets_a_slot, double gfns_a_set) {
  struct sets all = {.count = FEWEST_SETS, .shift = 58};
  for (; (double)all.count < sets_a_slot * (double)slot_count; all.count *= 2) all.shift--;
  if (gfns_a_set > 0) {
    all.scale = (uint64_t)(0x1p64 / (gfns_a_set * (double)all.count));
  } else {
    gfn_t low = slots[0].base, high = slots[slot_count - 1].end;
    gfn_t width = chunk_count == 1 ? high - low : (gfn_t)root_zone.length << root_zone.shift;
    /* One set less, as the first is the last one as well; up, so that no gfn at which a set begins
     * falls below it. */
    wide_t part = ((wide_t)1 << 64) - ((wide_t)1 << all.shift);
    all.scale = (uint64_t)((part + width - 1) / width);
  }
  return all;
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
  gfn_t strides[(USUAL_CHUNKS + 1) * WINDOW], sizes[(USUAL_CHUNKS + 1) * WINDOW];
  size_t count = 0;
  for (size_t chunk = 0; chunk < chunk_count; chunk += 1 + chunk_capacity / USUAL_CHUNKS) {
    for (size_t i = first_slot_of(chunk); i + 1 < first_slot_of(chunk + 1); i++) {
      strides[count] = slots[i + 1].base - slots[i].base;
      sizes[count++] = slots[i].end - slots[i].base;
    }
  }
  *stride = median(strides, count);
  *npages = median(sizes, count);
}

/* The share of slots that are in a set with more than two neighbours, in some chunks. */
static double crowded_share(struct sets all) {
  size_t sampled = 0, crowded = 0;
  for (size_t chunk = 0; chunk < chunk_count; chunk += 1 + chunk_capacity / CROWD_CHUNKS) {
    for (size_t at = chunk * WINDOW; at + 3 < (chunk + 1) * WINDOW; at++) {
      if (pool_slots[at] == NULL || pool_slots[at + 3] == NULL) continue;
      sampled++;
      crowded += set_in(all, pool_bases[at]) == set_in(all, pool_bases[at + 3]);
    }
  }
  return (double)crowded / (double)(sampled > 0 ? sampled : 1);
}

/* The share of slots that are in a set with such as lie elsewhere, in some sets. */
static double meeting_share(struct sets all) {
  size_t first_of[SAMPLED_SETS] = {0}, sampled = 0, meeting = 0;
  for (size_t at = 0; at < chunk_count * WINDOW; at++) {
    if (pool_slots[at] == NULL) continue;
    size_t set = set_in(all, pool_bases[at]);
    if (set >= SAMPLED_SETS) continue;
    sampled++;
    if (first_of[set] == 0) first_of[set] = at;
    else if (at > first_of[set] + 2) meeting++;
  }
  return (double)meeting / (double)(sampled > 0 ? sampled : 1);
}

static struct sets chosen_sets(void) {
  gfn_t stride, npages;
  usual_sizes(&stride, &npages);
  struct sets choices[1 + 2 * THROWS] = {sets_for(EVEN_SETS, 0)};
  for (size_t i = 0; i < THROWS; i++) {
    choices[1 + 2 * i] = sets_for(UNEVEN_SETS, (double)stride * APART[i]);
    choices[2 + 2 * i] = sets_for(UNEVEN_SETS, (double)npages * APART[i]);
  }
  struct sets best = {.count = 1, .scale = 0, .shift = 63};
  double enough = slot_count < MANY_SLOTS ? FEW_ASTRAY : FEW_OF_MANY_ASTRAY, least = MOST_ASTRAY;
  for (size_t i = 0; i < sizeof choices / sizeof *choices; i++) {
    double crowded = crowded_share(choices[i]), meeting = meeting_share(choices[i]);
    double astray = crowded > meeting ? crowded : meeting;
    if (astray > least) continue;
    best = choices[i];
    least = astray;
    if (astray <= enough) break;
  }
  return best;
}

INLINE size_t hint_at(size_t set) {
  return short_hints != NULL ? short_hints[set] : long_hints[set];
}

INLINE void set_hint(size_t set, size_t at) {
  if (short_hints != NULL) short_hints[set] = (uint16_t)at;
  else long_hints[set] = (uint32_t)at;
}

static void fill_hints(void) {
  sets = chosen_sets();
  bool is_short = chunk_capacity * WINDOW <= UINT16_MAX + 1;
  if (is_short) short_hints = room_for(sets.count, sizeof *short_hints);
  else long_hints = room_for(sets.count, sizeof *long_hints);
  for (size_t at = 0; at < chunk_count * WINDOW; at++) {
    if (pool_slots[at] == NULL) continue;
    size_t set = set_in(sets, pool_bases[at]), last_set = set_in(sets, pool_ends[at] - 1);
    size_t last_hint = at / WINDOW * WINDOW + LAST_HINT;
    if (hint_at(set) == 0) set_hint(set, at < last_hint ? at : last_hint);
    if (hint_at(last_set) == 0) set_hint(last_set, hint_at(set));
  }
}

static void radix_chunks_build(void) {
  fill_pool();
  fill_tree();
  fill_tables();
  fill_hints();
}

INLINE struct slot *radix_chunks_find(gfn_t gfn, size_t step) {
  size_t set = set_in(sets, gfn), at = hint_at(set);
  at += pool_ends[at] <= gfn;
  at += pool_ends[at] <= gfn;
  if (gfn < pool_ends[at]) {
    if (pool_bases[at] <= gfn) return pool_slots[at];
    if (pool_ends[at - 1] <= gfn) return NULL;
  }
  at = chunk_of(gfn) * WINDOW;
  for (size_t half = WINDOW / 2; half > 0; half /= 2) {
    at += (pool_ends[at + half - 1] <= gfn) * half;
  }
  if (at % WINDOW <= LAST_HINT) set_hint(set, at);
  return pool_bases[at] <= gfn ? pool_slots[at] : NULL;
}

/* The first entry of the window `at` that ends after gfn. */
INLINE size_t upper_bound_in_window(size_t at, gfn_t gfn) {
  size_t eighths = 0, ones = 0;
  for (size_t i = 7; i < WINDOW - 1; i += 8) eighths += pool_ends[at + i] <= gfn;
  at += 8 * eighths;
  for (size_t i = 0; i < 7; i++) ones += pool_ends[at + i] <= gfn;
  return at + ones;
}

/* The first entry that ends after gfn, or the one past the last of the chunk gfn lies in. */
INLINE size_t entry_of(gfn_t gfn) {
  if (chunk_count == 1) return upper_bound_in_window(0, gfn);
  size_t set = set_in(sets, gfn), at = hint_at(set);
  at += pool_ends[at] <= gfn;
  at += pool_ends[at] <= gfn;
  if (gfn < pool_ends[at] && pool_ends[at - 1] <= gfn) return at;
  at = upper_bound_in_window(chunk_of(gfn) * WINDOW, gfn);
  if (at % WINDOW <= LAST_HINT) set_hint(set, at);
  return at;
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
  cursor->at = entry_of(gfn);
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
