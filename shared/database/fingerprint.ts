/** What a table holds, in two numbers. Decimal text, because they exceed what a JavaScript number can hold. */
export interface TableFingerprint {
  readonly rows: string;
  readonly content: string;
}

/** The fingerprint of what several ranges hold together. */
export function addFingerprints(fingerprints: readonly TableFingerprint[]): TableFingerprint {
  const sum = (of: (each: TableFingerprint) => string) =>
    String(fingerprints.reduce((total, each) => total + BigInt(of(each)), 0n));
  return { rows: sum(({ rows }) => rows), content: sum(({ content }) => content) };
}
