import path from 'node:path';
import * as pinned from 'pinned-python';
import { workFolder } from '../folders.ts';

/** The purpose of an environment. Each has its own pinned, hashed list and its own folder. */
export type Requirements = 'ministack' | 'lint' | 'checkov';

const lists: Record<Requirements, string> = {
  ministack: 'requirements.txt',
  lint: 'requirements-lint.txt',
  checkov: 'requirements-checkov.txt',
};

/** The interpreter of an environment with exactly the packages of a list, created on first use. */
export const ensurePython = (requirements: Requirements, report?: (detail: string) => void) =>
  pinned.ensurePython(path.join(import.meta.dirname, lists[requirements]), workFolder, report);
