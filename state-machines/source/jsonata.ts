/** An expression that Step Functions evaluates: `{% $runId %}`. */
export function jsonata(expression: string): string {
  return `{% ${expression} %}`;
}

/** Hands on variables under their own names. */
export function variables(...names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.map((name) => [name, jsonata(`$${name}`)]));
}
