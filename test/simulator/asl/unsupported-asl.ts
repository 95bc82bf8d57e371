/** Thrown at load for whatever this interpreter does not implement: a field ignored in silence would make a test lie. */
export class UnsupportedAsl extends Error {
  override readonly name = 'UnsupportedAsl';
  readonly path: string;

  constructor(path: string, reason: string) {
    super(`${path}: ${reason}`);
    this.path = path;
  }
}

/** `$.States.Load.Retry[0].MaxAttempts`, the way a reader finds the place in the file. */
export function jsonPath(keys: readonly PropertyKey[]): string {
  return keys.reduce<string>((path, key) => {
    if (typeof key === 'number') return `${path}[${key}]`;
    return /^\w+$/.test(String(key)) ? `${path}.${String(key)}` : `${path}['${String(key)}']`;
  }, '$');
}
