/**
 * `@peculiar/x509` loads tsyringe, which refuses to load unless `Reflect` has these three functions. They are the
 * whole of what it calls, so the `reflect-metadata` package is not needed. Import this file first.
 */
const metadata = new WeakMap<object, Map<unknown, unknown>>();

function defineMetadata(key: unknown, value: unknown, target: object): void {
  const own = metadata.get(target) ?? new Map<unknown, unknown>();
  metadata.set(target, own.set(key, value));
}

function getOwnMetadata(key: unknown, target: object): unknown {
  return metadata.get(target)?.get(key);
}

function getMetadata(key: unknown, target: object | null): unknown {
  if (target === null) return undefined;
  return metadata.get(target)?.has(key)
    ? getOwnMetadata(key, target)
    : getMetadata(key, Reflect.getPrototypeOf(target));
}

Object.assign(Reflect, { defineMetadata, getOwnMetadata, getMetadata, ...Reflect });
