import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** The oldest Python that the packages of the lists declare. */
const oldestMinor = 10;
const candidates = [
  'python3',
  'python3.14',
  'python3.13',
  'python3.12',
  'python3.11',
  'python3.10',
  'python',
];

const probe = `
import importlib.util as u, sys
print(sys.executable, "%d.%d" % sys.version_info[:2], *[m for m in ("venv", "ensurepip") if u.find_spec(m) is None], sep="\\n")`;

/** One interpreter that answered, and the modules that it lacks. */
export interface FoundPython {
  readonly command: string;
  readonly path: string;
  readonly version: string;
  readonly missing: readonly string[];
}

/** No interpreter on PATH can make the environment; the message says what there was and how to get one. */
export class PythonUnusable extends Error {
  override readonly name = 'PythonUnusable';

  constructor(found: readonly FoundPython[]) {
    const seen =
      found.length === 0
        ? `none of ${candidates.join(', ')} is on PATH`
        : found.map((python) => `${python.command} is ${describe(python)}`).join('; ');
    super(
      `Python 3.${oldestMinor} or newer with venv and pip is needed; found: ${seen}. ` +
        'Install it: Debian and Ubuntu "sudo apt-get install python3 python3-venv python3-pip", ' +
        'macOS "brew install python@3.13".',
    );
  }
}

/** The first interpreter on PATH that can make a virtual environment. */
export async function findPython(ask: (command: string) => Promise<FoundPython | undefined> = askPython) {
  const found: FoundPython[] = [];
  for (const command of candidates) {
    const python = await ask(command);
    if (python && isUsable(python)) return python;
    if (python) found.push(python);
  }
  throw new PythonUnusable(found);
}

/** Whether this interpreter is new enough and complete. */
export function isUsable(python: Pick<FoundPython, 'version' | 'missing'>): boolean {
  const [major = 0, minor = 0] = python.version.split('.').map(Number);
  return major === 3 && minor >= oldestMinor && python.missing.length === 0;
}

async function askPython(command: string): Promise<FoundPython | undefined> {
  // A pyenv shim answers with an error when no version is behind it: the same as not being there.
  const answer = await run(command, ['-c', probe]).catch(() => undefined);
  const [path, version, ...missing] = answer?.stdout.trim().split('\n') ?? [];
  return path && version ? { command, path, version, missing } : undefined;
}

function describe(python: FoundPython): string {
  const lacks = python.missing.length > 0 ? ` without ${python.missing.join(' and ')}` : '';
  return `${python.version}${lacks} (${python.path})`;
}
