/** An expectation and what was found. */
export interface Finding {
  readonly what: string;
  readonly expected: string;
  readonly found: string;
  readonly good: boolean;
}

/** Compares what was expected with what was found; numbers are written with separators. */
export function finding(what: string, expected: string | number, found: string | number): Finding {
  const text = (value: string | number) =>
    typeof value === 'number' ? value.toLocaleString('en-US') : value;
  return { what, expected: text(expected), found: text(found), good: expected === found };
}
