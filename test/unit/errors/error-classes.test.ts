import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { errorClasses, sourceFiles } from './error-classes.ts';

/** Its name is the one that the deployed function answered with. */
const NAMED_BY_ANOTHER = new Set(['FunctionFailed']);

/** Made of more than a message. */
const MADE_OF: Readonly<Record<string, readonly unknown[]>> = {
  ServiceUnreachable: [
    { service: 'RDS', action: 'any', region: 'any' },
    { mayBeDone: false, subnets: [], cause: new Error('any') },
  ],
};

let classes: Awaited<ReturnType<typeof errorClasses>>;
beforeAll(async () => {
  classes = await errorClasses();
});

describe('error classes', () => {
  it('all extend LifeboatError', () => {
    const others = sourceFiles().flatMap(({ file, text }) =>
      [...text.matchAll(/class (\w+) extends \w*Error\b(?<!LifeboatError)/g)].map(
        ([, name]) => `${file}: ${name}`,
      ),
    );
    expect(others).toEqual(['shared/errors/lifeboat-error.ts: LifeboatError']);
  });

  it('all are exported, and no two share a name', () => {
    const declared = sourceFiles().flatMap(({ text }) =>
      [...text.matchAll(/class (\w+) extends LifeboatError\b/g)].map(([, name]) => name),
    );
    expect(declared.length).toBeGreaterThan(50);
    expect(declared.toSorted()).toEqual([...classes.keys()].toSorted());
  });

  it('state their own name as a literal, because a class that does not arrives at Step Functions as Error', () => {
    for (const { file, text } of sourceFiles())
      for (const [, name = '', body = ''] of text.matchAll(
        /class (\w+) extends LifeboatError \{([\s\S]*?)\n\}/g,
      ))
        if (!NAMED_BY_ANOTHER.has(name)) expect(body, file).toContain(`override readonly name = '${name}';`);
  });
});

describe('error names in the state machines', () => {
  const named = namesInMachines();

  it('exist as classes', () => {
    const names = [...named.Retry, ...named.Catch];
    expect(names.length).toBeGreaterThan(0);
    expect(names.filter((name) => !classes.has(name))).toEqual([]);
  });

  it.each([...named.Retry])('%s is retried, and retryable', (name) => {
    const ErrorClass = classes.get(name);
    const made = ErrorClass && Reflect.construct(ErrorClass, MADE_OF[name] ?? ['any']);
    expect(made).toMatchObject({ name, retryable: true });
  });
});

/** Names in Retry and Catch lists without a prefix: those of Lambda, Step Functions and the services have one. */
function namesInMachines(): Record<'Retry' | 'Catch', ReadonlySet<string>> {
  const machines = path.resolve(import.meta.dirname, '../../../state-machines');
  const named = { Retry: new Set<string>(), Catch: new Set<string>() };
  for (const file of globSync('*.asl.json', { cwd: machines }))
    JSON.parse(readFileSync(path.join(machines, file), 'utf8'), (key, value) => {
      if ((key === 'Retry' || key === 'Catch') && Array.isArray(value))
        for (const { ErrorEquals } of value as { ErrorEquals: string[] }[])
          for (const name of ErrorEquals) if (!name.includes('.')) named[key].add(name);
      return value;
    });
  return named;
}
