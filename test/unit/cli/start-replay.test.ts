import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { FunctionFailed } from '../../../cli/aws/call-function.ts';
import { startReplay } from '../../../cli/follow/start-replay.ts';
import type { Workload } from '../../../cli/workload.ts';
import { deployedWorkload } from './workload.ts';

let server: http.Server;
let workload: Workload;
let asked: { path: string | undefined; body: unknown }[];
let answer: { error?: string; body: unknown };

beforeAll(async () => {
  server = http.createServer(async (request, response) => {
    asked.push({ path: request.url, body: await json(request) });
    response.writeHead(200, answer.error ? { 'x-amz-function-error': answer.error } : {});
    response.end(JSON.stringify(answer.body));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  workload = await deployedWorkload(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
});
afterAll(() => {
  workload.close();
  server.close();
});

const request = { queue: 'webhook-events', startedBy: 'operator ada', requestId: 'r1', options: { max: 5 } };

it('asks the function of the deployment, and follows the run that it answers', async () => {
  asked = [];
  answer = { body: { executionArn: 'arn:e', runId: 'replay-x', alreadyStarted: true } };
  await expect(startReplay(workload, request)).resolves.toEqual({
    machine: 'replay',
    requestId: 'r1',
    executionArn: 'arn:e',
    runId: 'replay-x',
    alreadyStarted: true,
  });
  expect(asked).toEqual([
    { path: '/2015-03-31/functions/lifeboat-mailblast-prod-start-replay/invocations', body: request },
  ]);
});

it('says what the function says is wrong, by its name', async () => {
  asked = [];
  answer = {
    error: 'Unhandled',
    body: { errorType: 'NotInPlan', errorMessage: 'the plan has no queue "x"' },
  };
  const starting = startReplay(workload, request);
  await expect(starting).rejects.toBeInstanceOf(FunctionFailed);
  await expect(starting).rejects.toMatchObject({ name: 'NotInPlan', message: 'the plan has no queue "x"' });
});

it('names the function where it failed without words', async () => {
  asked = [];
  answer = { error: 'Unhandled', body: null };
  await expect(startReplay(workload, request)).rejects.toThrow('lifeboat-mailblast-prod-start-replay');
});
