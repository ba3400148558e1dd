/**
 * What Node and Bun lack to load the modules of this project, as a module that they load first: the
 * packages, which are Deno's own copies, and imports of a file's bytes.
 *
 * `MEMSLOT_PACKAGES` has the folders of the packages by their names, as JSON.
 */
import { readFileSync } from "node:fs";
import * as nodeModule from "node:module";
import process from "node:process";
import { fileURLToPath, pathToFileURL } from "node:url";

/** A package as an import names it: `npm:NAME@VERSION/PATH`, or `NAME/PATH`. */
const PACKAGE = /^(?:npm:\/?)?((?:@[^/@]+\/)?[^/@:.][^/@:]*)(?:@[^/]+)?(\/.*)?$/;

/** A file of which the project imports the bytes. */
const BYTES = /\.(?:gz|log)$/;

const FOLDERS: Readonly<Record<string, string>> = JSON.parse(process.env.MEMSLOT_PACKAGES ?? "{}");

/** The address of the file that `specifier` means, if it is of a package; else null. */
function resolvePackage(
  specifier: string,
  /** Resolves within a package that has exports. Throws where it has none. */
  resolve: (specifier: string, packageJson: URL) => string,
): string | null {
  const [, name = "", path = ""] = PACKAGE.exec(specifier) ?? [], folder = FOLDERS[name];
  if (folder === undefined) return null;
  const packageJson = pathToFileURL(`${folder}/package.json`);
  try {
    return resolve(`${name}${path}`, packageJson);
  } catch {
    const { main = "index.js" } = JSON.parse(readFileSync(packageJson, "utf8"));
    return new URL(path === "" ? main : `.${path}`, packageJson).href;
  }
}

/** The part of Node's `node:module` that is used; Bun does not have it. */
interface NodeHooks {
  registerHooks(hooks: {
    resolve(
      specifier: string,
      context: object,
      next: (specifier: string, context: object) => { url: string },
    ): { url: string };
    load(
      url: string,
      context: { importAttributes?: Readonly<Record<string, string>> },
      next: (url: string, context: object) => object,
    ): object;
  }): void;
}

function hookNode({ registerHooks }: NodeHooks): void {
  registerHooks({
    resolve(specifier, context, next) {
      const found = resolvePackage(specifier, (specifier, { href: parentURL }) => {
        return next(specifier, { ...context, parentURL }).url;
      });
      return next(found ?? specifier, context);
    },
    load(url, context, next) {
      // It is missing where a package uses `require`.
      if (context.importAttributes?.type === "bytes") {
        const bytes = readFileSync(new URL(url)).toString("base64");
        const source = `export default Uint8Array.from(atob("${bytes}"), (c) => c.charCodeAt(0));`;
        return { format: "module", source, shortCircuit: true };
      }
      const isTypeScript = /\.ts(?:\?|$)/.test(url);
      return next(url, isTypeScript ? { ...context, format: "module-typescript" } : context);
    },
  });
}

/** The part of Bun that is used. */
interface Bun {
  resolveSync(specifier: string, from: string): string;
  plugin(plugin: { name: string; setup(build: BunBuild): void }): void;
}

interface BunBuild {
  onResolve(
    where: { filter: RegExp; namespace?: string },
    resolve: (asked: { path: string }) => { path: string } | undefined,
  ): void;
  onLoad(
    where: { filter: RegExp },
    load: (asked: { path: string }) => { loader: "object"; exports: object },
  ): void;
  module(name: string, load: () => Promise<{ loader: "object"; exports: object }>): void;
}

/** The specifiers of a package: its name, and its exports that are no patterns. */
function namesOf(name: string, folder: string): string[] {
  const { exports } = JSON.parse(readFileSync(`${folder}/package.json`, "utf8"));
  const paths = Object.keys(exports ?? {}).filter((path) => /^\.\/[^*]*$/.test(path));
  return [name, ...paths.map((path) => name + path.slice(1))];
}

function hookBun(bun: Bun): void {
  const resolve = ({ path }: { path: string }) => {
    const found = resolvePackage(path, (specifier, packageJson) => {
      return pathToFileURL(bun.resolveSync(specifier, fileURLToPath(packageJson))).href;
    });
    return found === null ? undefined : { path: fileURLToPath(found) };
  };
  bun.plugin({
    name: "memslot-race",
    setup(build) {
      build.onResolve({ filter: /.*/, namespace: "npm" }, resolve);
      // Bun asks a plugin for `npm:` and for paths, but not for a name alone.
      for (
        const name of Object.entries(FOLDERS).flatMap(([name, folder]) => namesOf(name, folder))
      ) {
        build.module(name, async () => {
          return { loader: "object", exports: await import(resolve({ path: name })!.path) };
        });
      }
      build.onLoad({ filter: BYTES }, ({ path }) => (
        { loader: "object", exports: { default: new Uint8Array(readFileSync(path)) } }
      ));
    },
  });
}

const { Bun: bun } = globalThis as { Bun?: Bun };
if (bun === undefined) hookNode(nodeModule as unknown as NodeHooks);
else hookBun(bun);
