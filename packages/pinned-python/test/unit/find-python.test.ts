import { describe, expect, test } from 'vitest';
import { type FoundPython, findPython, isUsable, PythonUnusable } from '../../find-python.ts';

const python = (command: string, version: string, missing: string[] = []): FoundPython => ({
  command,
  path: `/opt/${version}/bin/${command}`,
  version,
  missing,
});

const onPath =
  (...found: FoundPython[]) =>
  async (command: string) =>
    found.find((candidate) => candidate.command === command);

describe('the Python that is chosen', () => {
  test.each([
    ['3.10', [], true],
    ['3.14', [], true],
    ['3.9', [], false],
    ['2.7', [], false],
    ['4.0', [], false],
    ['3.12', ['ensurepip'], false],
  ])('%s without %j is usable: %s', (version, missing, usable) => {
    expect(isUsable({ version, missing })).toBe(usable);
  });

  test('is python3 when that one is new enough', async () => {
    const found = await findPython(onPath(python('python3', '3.12'), python('python3.10', '3.10')));
    expect(found.command).toBe('python3');
  });

  test('is a newer one beside it when python3 is too old', async () => {
    const found = await findPython(onPath(python('python3', '3.8'), python('python3.11', '3.11')));
    expect(found.command).toBe('python3.11');
  });

  test('is missed with a message that says what was found and how to install one', async () => {
    const search = findPython(onPath(python('python3', '3.8'), python('python3.12', '3.12', ['venv'])));
    await expect(search).rejects.toThrow(PythonUnusable);
    await expect(search).rejects.toThrow(
      /python3 is 3\.8 \(\/opt\/3\.8\/bin\/python3\); python3\.12 is 3\.12 without venv.*apt-get install python3/s,
    );
  });

  test('is reported as missing when no interpreter is on PATH', async () => {
    await expect(findPython(onPath())).rejects.toThrow(/none of python3, .* is on PATH/);
  });
});
