import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { LifeboatError } from '../../../shared/errors/lifeboat-error.ts';

const ROOT = path.resolve(import.meta.dirname, '../../..');

type ErrorClass = new (...values: readonly unknown[]) => LifeboatError;

/** A file of production code. */
export interface SourceFile {
  /** Relative to the project. */
  readonly file: string;
  readonly text: string;
}

/** Every TypeScript file of production code. */
export function sourceFiles(): SourceFile[] {
  return globSync('{shared,functions,resources,cli,drills}/**/*.ts', { cwd: ROOT }).map((file) => ({
    file,
    text: readFileSync(path.join(ROOT, file), 'utf8'),
  }));
}

/** Every exported error class of production code, by the name of the class. */
export async function errorClasses(): Promise<ReadonlyMap<string, ErrorClass>> {
  const classes = new Map<string, ErrorClass>();
  for (const { file, text } of sourceFiles()) {
    if (!/ extends LifeboatError\b/.test(text)) continue;
    const exported: Record<string, unknown> = await import(path.join(ROOT, file));
    for (const each of Object.values(exported))
      if (typeof each === 'function' && each.prototype instanceof LifeboatError)
        classes.set(each.name, each as ErrorClass);
  }
  return classes;
}
