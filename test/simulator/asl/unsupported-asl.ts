/** Thrown at load for anything this interpreter does not implement: a silently ignored field would make a test wrong. */
export class UnsupportedAsl extends Error {
  override readonly name = 'UnsupportedAsl';
  readonly path: string;

  constructor(path: string, reason: string) {
    super(`${path}: ${reason}`);
    this.path = path;
  }
}

/** `$.States.Load.Retry[0].MaxAttempts`: the path at which a reader finds the place in the file. */
export function jsonPath(keys: readonly PropertyKey[]): string {
  return keys.reduce<string>((path, key) => {
    if (typeof key === 'number') return `${path}[${key}]`;
    return /^\w+$/.test(String(key)) ? `${path}.${String(key)}` : `${path}['${String(key)}']`;
  }, '$');
}
