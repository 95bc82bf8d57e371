import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const run = promisify(execFile);

test('a reader that stops reading is no error', async () => {
  const command = `"${process.execPath}" cli/lifeboat.js plan check | head -n 1; echo "ended with \${PIPESTATUS[0]}"`;
  const { stdout, stderr } = await run('bash', ['-c', command]);
  expect(stderr).toBe('');
  expect(stdout).toMatch(/ended with 0\n$/);
});
