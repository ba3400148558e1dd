/** The native programs of this folder, a row each: what they race, and how they are compiled. */

/** How a program is compiled, and what it holds. */
export interface Recipe {
  /** What it races, as messages name it. */
  readonly name: string;
  /** A file of this folder. */
  readonly source: string;
  /** The command that compiles it. */
  readonly compiler: string;
  /** Arguments before the source. */
  readonly flags: readonly string[];
  /** Arguments after the source. */
  readonly libraries: readonly string[];
  /**
   * What it races: the contenders' own designs and the limits, which answer questions only; or peers,
   * maps that one would use instead, which take changes too.
   */
  readonly holds: "designs" | "peers";
  /** What to install where it cannot be compiled. */
  readonly remedy: string;
}

const CPP = ["-std=c++17", "-O3", "-march=native", "-Wall"];

/** Every native program. */
export const RECIPES: readonly Recipe[] = [
  {
    name: "the designs in C",
    source: "memslots.c",
    compiler: "cc",
    flags: ["-std=gnu11", "-O3", "-march=native", "-Wall"],
    libraries: [],
    holds: "designs",
    remedy: "install gcc or clang",
  },
  {
    name: "std::map",
    source: "peers.cpp",
    compiler: "c++",
    flags: CPP,
    libraries: [],
    holds: "peers",
    remedy: "install g++ or clang",
  },
  {
    name: "absl::btree_map",
    source: "peers.cpp",
    compiler: "c++",
    flags: [...CPP, "-DPEER_ABSL"],
    libraries: ["-labsl_throw_delegate", "-labsl_raw_logging_internal"],
    holds: "peers",
    remedy: "install g++ or clang, and libabsl-dev",
  },
  {
    name: "BTreeMap and sorted Vec",
    source: "peers.rs",
    compiler: "rustc",
    flags: ["--edition=2021", "-Copt-level=3", "-Ctarget-cpu=native"],
    libraries: [],
    holds: "peers",
    remedy: "install rustc",
  },
];
