/**
 * What all code of a process shares: the objects of the language. A contender that changes one of
 * them changes the program of every other entry, and of the harness.
 *
 * Whatever runs while they may be changed uses own copies and plain loops: no iterator, no method.
 */
const { getOwnPropertyDescriptor, getPrototypeOf, ownKeys } = Reflect;
const { is, isExtensible } = Object;
const textOf = String;

/** The language's global names; what a runtime adds to them is not asked. */
const NAMES = [
  ...["Object", "Function", "Array", "Number", "String", "Boolean", "Symbol", "BigInt", "Math"],
  ...["JSON", "Reflect", "Proxy", "Promise", "Map", "Set", "WeakMap", "WeakSet", "WeakRef"],
  ...["Iterator", "Date", "RegExp", "Error", "RangeError", "TypeError", "WebAssembly", "Atomics"],
  ...["ArrayBuffer", "DataView", "Int8Array", "Int16Array", "Int32Array", "BigInt64Array"],
  ...["Uint8Array", "Uint16Array", "Uint32Array", "BigUint64Array", "Float32Array"],
  ...["Float16Array", "Float64Array", "Uint8ClampedArray", "SharedArrayBuffer", "DisposableStack"],
  ...["AggregateError", "EvalError", "ReferenceError", "SyntaxError", "URIError", "Intl"],
  ...["FinalizationRegistry", "parseInt", "parseFloat", "isNaN", "isFinite", "eval"],
  ...["Infinity", "NaN", "undefined", "globalThis"],
];

/** Prototypes that no name leads to. */
const HIDDEN: ReadonlyMap<string, object> = new Map([
  ["TypedArray.prototype", getPrototypeOf(Uint8Array.prototype)!],
  ["ArrayIterator.prototype", getPrototypeOf([].values())!],
  ["MapIterator.prototype", getPrototypeOf(new Map().values())!],
  ["SetIterator.prototype", getPrototypeOf(new Set().values())!],
  ["StringIterator.prototype", getPrototypeOf(""[Symbol.iterator]())!],
  ["Generator.prototype", getPrototypeOf(getPrototypeOf((function* () {})())!)!],
]);

interface Property {
  readonly name: string;
  readonly owner: object;
  readonly key: string | symbol;
  readonly was: PropertyDescriptor;
}

interface Owner {
  readonly name: string;
  readonly object: object;
  readonly prototype: object | null;
  readonly keys: number;
}

/** The shared objects as they are when this is made. No code can change the class itself. */
export class Realm {
  readonly #owners: Owner[] = [];
  readonly #properties: Property[] = [];

  /** Over the language's objects and `more` of them, by name: what entries could reach beside them. */
  constructor(more: ReadonlyMap<string, object> = new Map()) {
    for (const name of NAMES) {
      this.#keep(name, globalThis, name);
      const value = getOwnPropertyDescriptor(globalThis, name)?.value;
      if (value === globalThis || Object(value) !== value) continue;
      this.#keepAll(name, value);
      if (Object(value.prototype) === value.prototype) {
        this.#keepAll(`${name}.prototype`, value.prototype);
      }
    }
    for (const [name, object] of [...HIDDEN, ...more]) this.#keepAll(name, object);
  }

  /** The first thing that is not as it was: `Array.prototype.push`; null if there is none. */
  changed(): string | null {
    for (let i = 0; i < this.#owners.length; i++) {
      const { name, object, prototype, keys } = this.#owners[i];
      if (!isExtensible(object) || getPrototypeOf(object) !== prototype) return name;
      if (ownKeys(object).length > keys) return this.#added(i);
    }
    for (let i = 0; i < this.#properties.length; i++) {
      const { name, owner, key, was } = this.#properties[i];
      if (!isSame(getOwnPropertyDescriptor(owner, key), was)) return name;
    }
    return null;
  }

  #keepAll(name: string, object: object): void {
    const keys = ownKeys(object);
    this.#owners.push({ name, object, prototype: getPrototypeOf(object), keys: keys.length });
    for (const key of keys) this.#keep(`${name}.${textOf(key)}`, object, key);
  }

  #keep(name: string, owner: object, key: string | symbol): void {
    const was = getOwnPropertyDescriptor(owner, key);
    if (was !== undefined) this.#properties.push({ name, owner, key, was });
  }

  /** The first property that the object has beside those it had. */
  #added(at: number): string {
    const { name, object } = this.#owners[at], keys = ownKeys(object);
    for (let i = 0; i < keys.length; i++) {
      let isKnown = false;
      for (let k = 0; k < this.#properties.length; k++) {
        const { owner, key } = this.#properties[k];
        if (owner === object && key === keys[i]) isKnown = true;
      }
      if (!isKnown) return `${name}.${textOf(keys[i])}`;
    }
    return name;
  }
}

// Any file can import this module of the process it runs in.
Object.freeze(Realm.prototype);

function isSame(now: PropertyDescriptor | undefined, was: PropertyDescriptor): boolean {
  return now !== undefined && is(now.value, was.value) && now.get === was.get &&
    now.set === was.set && now.writable === was.writable &&
    now.enumerable === was.enumerable && now.configurable === was.configurable;
}
