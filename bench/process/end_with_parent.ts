/**
 * A thread in every child process that ends the process when its parent is gone: standard input, of
 * which the parent holds the other end, ends then. A thread of its own, as the main one may be inside
 * an endless loop; it sleeps in a read.
 */
import { SYSTEM } from "./system.ts";

const bytes = new Uint8Array(1);
try {
  while (SYSTEM.read(bytes) > 0);
} finally {
  SYSTEM.kill();
}
