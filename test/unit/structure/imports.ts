import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** One import of one file by another, both by their paths from the root of the project. */
export interface Import {
  readonly from: string;
  readonly to: string;
}

const root = path.resolve(import.meta.dirname, '../../..');
const IMPORT = /(?:\bfrom|\bimport)\s*\(?\s*'(\.{1,2}\/[^']+)'/g;

/** Every relative import of the TypeScript files that match, type imports included. */
export function importsOf(patterns: readonly string[]): Import[] {
  return patterns
    .flatMap((pattern) => globSync(pattern, { cwd: root }))
    .flatMap((from) =>
      [...readFileSync(path.join(root, from), 'utf8').matchAll(IMPORT)].map(([, to = '']) => ({
        from,
        to: path.join(path.dirname(from), to),
      })),
    );
}

/** The first circle of files that import each other, as a list of paths; null where there is none. */
export function circleIn(imports: readonly Import[]): string[] | null {
  const importedBy = new Map<string, string[]>();
  for (const { from, to } of imports) importedBy.set(from, [...(importedBy.get(from) ?? []), to]);
  const done = new Set<string>();
  const walk = (file: string, above: readonly string[]): string[] | null => {
    const start = above.indexOf(file);
    if (start >= 0) return [...above.slice(start), file];
    if (done.has(file)) return null;
    for (const next of importedBy.get(file) ?? []) {
      const circle = walk(next, [...above, file]);
      if (circle) return circle;
    }
    done.add(file);
    return null;
  };
  for (const file of importedBy.keys()) {
    const circle = walk(file, []);
    if (circle) return circle;
  }
  return null;
}
