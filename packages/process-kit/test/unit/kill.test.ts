import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { commandLine } from '../../identity.ts';
import { killTree } from '../../kill.ts';
import { parents } from '../../parents.ts';

/** How long the processes of this test sleep: nobody else does so long. */
const duration = `300.${process.pid}`;

async function sleepers(): Promise<number> {
  const lines = await Promise.all([...(await parents()).keys()].map(commandLine));
  return lines.filter((line) => line === `sleep ${duration}`).length;
}

test('a process that starts others all the time leaves none of them', async () => {
  const script = `for i in $(seq 400); do sleep ${duration} & [ $i = 20 ] && echo; done; wait`;
  for (let round = 0; round < 5; round += 1) {
    const child = spawn('bash', ['-c', script], { stdio: ['ignore', 'pipe', 'ignore'] });
    const ended = once(child, 'exit');
    await once(child.stdout, 'data');
    await killTree(child.pid ?? 0);
    await ended;
    expect(await sleepers()).toBe(0);
  }
});

test('the children of a child are ended too', async () => {
  const script = `bash -c "sleep ${duration} & echo; wait" & wait`;
  const child = spawn('bash', ['-c', script], { stdio: ['ignore', 'pipe', 'ignore'] });
  await once(child.stdout, 'data');
  await killTree(child.pid ?? 0);
  expect(await sleepers()).toBe(0);
});

test('a process that is gone is no failure', async () => {
  const child = spawn('true');
  await once(child, 'exit');
  await killTree(child.pid ?? 0);
});
