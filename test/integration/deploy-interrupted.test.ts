import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readlink } from 'node:fs/promises';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { workFolder } from '../../local/folders.ts';

vi.setConfig({ testTimeout: 180_000 });

/*
 * Ctrl-C in the middle of "lifeboat deploy": the real command, and the real osls, before an AWS that has nothing deployed and responds to
 * nothing else.
 */

let aws: http.Server;
let endpoint: string;
let silent = 0;

beforeAll(async () => {
  aws = http.createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    if (!body.includes('Action=GetTemplate')) {
      silent += 1; // never answered
      return;
    }
    response.writeHead(400, { 'content-type': 'text/xml' });
    response.end(
      '<ErrorResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/"><Error><Type>Sender</Type>' +
        '<Code>ValidationError</Code><Message>Stack does not exist</Message></Error></ErrorResponse>',
    );
  });
  aws.listen(0, '127.0.0.1');
  await once(aws, 'listening');
  endpoint = `http://127.0.0.1:${(aws.address() as AddressInfo).port}`;
});
afterAll(() => {
  aws.closeAllConnections();
  aws.close();
});

/** Interrupts a deployment when it has said this, or when AWS was asked for something that it does not answer. */
async function interrupted(when: (said: string) => boolean) {
  const before = new Set(await readdir(workFolder).catch(() => []));
  const call = ['cli/lifeboat.js', 'deploy', 'plans/mailblast.yml', '--stage', 'cut', '--yes', '--json'];
  const child = spawn(process.execPath, call, {
    env: {
      PATH: process.env.PATH,
      HOME: '/nonexistent',
      AWS_ENDPOINT_URL: endpoint,
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
    },
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk) => (stdout += chunk));
  child.stderr.on('data', (chunk) => (stderr += chunk));
  const ended = once(child, 'close');
  await vi.waitUntil(() => child.exitCode !== null || when(stderr), { timeout: 150_000, interval: 50 });
  child.kill('SIGINT');
  const [code] = await ended;
  const left = (await readdir(workFolder)).filter((name) => name.startsWith('deploy-') && !before.has(name));
  return {
    code,
    stdout,
    stderr,
    left,
    processes: await workedIn(),
  };
}

/** The folders that processes work in, among those of deployments. */
async function workedIn(): Promise<string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const folders = await Promise.all(pids.map((pid) => readlink(`/proc/${pid}/cwd`).catch(() => '')));
  return folders.filter((folder) => folder.startsWith(`${workFolder}/deploy-`));
}

test('while it packages: nothing was deployed, and nothing is left', async () => {
  const { code, stdout, stderr, left, processes } = await interrupted((said) =>
    said.includes('functions bundled'),
  );
  expect({ code, said: `${stdout}${stderr}` }).toMatchObject({
    code: 130,
    said: expect.stringContaining('Nothing was deployed.'),
  });
  expect(`${stdout}${stderr}`).toContain('Deploy again: npx lifeboat deploy plans/mailblast.yml --stage cut');
  expect({ left, processes }).toEqual({ left: [], processes: [] });
});

test('while CloudFormation works: it says what goes on, how to see it, and that the other stack was not begun', async () => {
  silent = 0;
  const { code, stdout, stderr, left, processes } = await interrupted(() => silent > 0);
  const said = `${stdout}${stderr}`;
  expect({ code, said }).toMatchObject({
    code: 130,
    said: expect.stringContaining('CloudFormation goes on with lifeboat-mailblast-cut in us-west-2'),
  });
  expect(said).toContain('describe-stacks --stack-name lifeboat-mailblast-cut --region us-west-2');
  expect(said).not.toContain('deployed to us-east-1');
  expect({ left, processes }).toEqual({ left: [], processes: [] });
});
