import { assertEquals, assertThrows } from "@std/assert";
import { Realm } from "../../bench/process/realm.ts";

/** Something done to the shared objects, how it is undone, and what it is called. */
interface Deed {
  readonly name: string;
  readonly act: () => void;
  readonly undo: () => void;
}

/** A property that has another value for a while. */
function replaced(name: string, owner: object, key: string | symbol, value: unknown): Deed {
  const was = Object.getOwnPropertyDescriptor(owner, key);
  return {
    name,
    act: () => Object.defineProperty(owner, key, { value, configurable: true, writable: true }),
    undo: () => {
      if (was === undefined) Reflect.deleteProperty(owner, key);
      else Object.defineProperty(owner, key, was);
    },
  };
}

const iterator = Object.getPrototypeOf([].values());
class Shared {
  find() {}
}

const DEEDS: readonly Deed[] = [
  replaced("Array.prototype.push", Array.prototype, "push", () => 0),
  replaced("Array.prototype.polyfill", Array.prototype, "polyfill", () => 0),
  replaced("Object.prototype.toJSON", Object.prototype, "toJSON", () => 0),
  replaced("Math.round", Math, "round", () => 0),
  replaced("JSON.stringify", JSON, "stringify", () => ""),
  replaced("Array", globalThis, "Array", class {}),
  replaced("ArrayIterator.prototype.next", iterator, "next", iterator.next.bind([].values())),
  replaced("Array.prototype.Symbol(Symbol.iterator)", Array.prototype, Symbol.iterator, null),
  replaced("Error.prepareStackTrace", Error, "prepareStackTrace", () => ""),
  replaced("the index of sorted_array.find", Shared.prototype, "find", () => 0),
  {
    name: "Map.prototype.get",
    act: () => Reflect.deleteProperty(Map.prototype, "get"),
    undo: () => {},
  },
];

Deno.test("Realm: names what was changed, and nothing once it is undone", () => {
  const get = Object.getOwnPropertyDescriptor(Map.prototype, "get")!;
  const realm = new Realm(new Map([["the index of sorted_array", Shared.prototype]]));
  const found = DEEDS.map(({ act, undo }) => {
    act();
    const changed = realm.changed();
    undo();
    if (!("get" in Map.prototype)) Object.defineProperty(Map.prototype, "get", get);
    return changed;
  });
  assertEquals(found, DEEDS.map(({ name }) => name));
  assertEquals(realm.changed(), null);
});

Deno.test("Realm: tells what only a loop over properties sees, and cannot be changed itself", () => {
  const owner = { find() {} }, realm = new Realm(new Map([["it", owner]]));
  Object.defineProperty(owner, "find", { enumerable: false });
  assertEquals(realm.changed(), "it.find");
  assertThrows(() => Realm.prototype.changed = () => null, TypeError);
});

Deno.test("Realm: tells a prototype that was frozen or has another parent", () => {
  const prototype = {}, realm = new Realm(new Map([["it", prototype]]));
  Object.setPrototypeOf(prototype, Shared.prototype);
  assertEquals(realm.changed(), "it");
  Object.setPrototypeOf(prototype, Object.prototype);
  assertEquals(realm.changed(), null);
  Object.freeze(prototype);
  assertEquals(realm.changed(), "it");
});
