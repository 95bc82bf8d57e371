import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { FunctionFailed } from '../../../cli/aws/call-function.ts';
import { compareCopy } from '../../../cli/follow/compare-copy.ts';
import { showComparison } from '../../../cli/render/comparison.ts';
import type { Workload } from '../../../cli/workload.ts';
import { mistakesIn } from '../schemas/mistakes-in.ts';
import { recordingScreen } from './recording-screen.ts';
import { deployedWorkload } from './workload.ts';

let server: http.Server;
let workload: Workload;
let asked: unknown[];
let answers: { error?: string; body: unknown }[];

beforeAll(async () => {
  server = http.createServer(async (request, response) => {
    asked.push(await json(request));
    const { error, body } = answers.shift() ?? { body: null };
    response.writeHead(200, error ? { 'x-amz-function-error': error } : {});
    response.end(JSON.stringify(body));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  workload = await deployedWorkload(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
});
afterAll(() => {
  workload.close();
  server.close();
});
beforeEach(() => {
  asked = [];
});

const same = { outcome: 'same', sourceRows: '5', copyRows: '5', lacking: 0, extra: 0, changed: 0 };
const first = {
  recoveryPoint: '20261122T020000Z-3f9a1c55-0b1c2d3e',
  only: [],
  sourceAt: '2026-11-22T04:00:00.000Z',
  schema: { differences: ['TABLE public.since'], leftOut: [] },
  tables: [
    { ...same, table: 'public.a' },
    { ...same, table: 'public.b', outcome: 'differs', sourceRows: '9', lacking: 4, changed: null },
  ],
  total: 3,
  next: 'public.b',
};
const second = {
  ...first,
  sourceAt: '2026-11-22T04:00:21.000Z',
  schema: null,
  tables: [
    {
      ...same,
      table: 'public.since',
      outcome: 'only in the source',
      copyRows: null,
      lacking: null,
      extra: null,
    },
  ],
  next: null,
};
const request = { restore: 'production', copy: 'restored' };

it('calls until every table was compared, and shows only what differs', async () => {
  answers = [{ body: first }, { body: second }];
  const progress: number[][] = [];
  const compared = await compareCopy(workload, request, (...done) => void progress.push(done));
  expect(asked).toEqual([
    { ...request, after: null },
    { ...request, after: 'public.b' },
  ]);
  expect(progress).toEqual([
    [2, 3],
    [3, 3],
  ]);
  const document = { copy: 'restored', ...compared };
  expect(document).toMatchObject({ schema: first.schema, tables: [...first.tables, ...second.tables] });
  expect(mistakesIn('compare', document)).toEqual([]);
  expect(mistakesIn('compare', { ...document, tables: [{}] })).not.toEqual([]);
  const screen = recordingScreen();
  showComparison(screen, document);
  expect(screen.text()).toContain('2 of 3 tables differ');
  expect(screen.text()).toMatch(/public\.b\W+9\W+5\W+4\W+0\W+-/);
  expect(screen.text()).toMatch(/public\.since.*only in the source/);
  expect(screen.text()).not.toContain('public.a');
  expect(screen.text()).toContain('1 table is the same, row by row');
  expect(screen.text()).toContain('Definition differs: TABLE public.since');
});

it('says what the function says is wrong, by its name, and how far it came', async () => {
  const failed = { error: 'Unhandled', body: { errorType: 'OutOfTime', errorMessage: 'not done in time' } };
  answers = [{ body: first }, failed];
  const comparing = compareCopy(workload, request, () => {});
  await expect(comparing).rejects.toBeInstanceOf(FunctionFailed);
  await expect(comparing).rejects.toMatchObject({
    name: 'OutOfTime',
    kind: 'unavailable',
    message: 'not done in time; compared to the end were the tables up to public.b',
  });
});

it('says of a copy that is unknown that the call is wrong, and calls once', async () => {
  answers = [{ error: 'Unhandled', body: { errorType: 'CopyUnknown', errorMessage: 'it has: restored' } }];
  await expect(compareCopy(workload, request, () => {})).rejects.toMatchObject({
    name: 'CopyUnknown',
    kind: 'usage',
    message: 'it has: restored',
  });
  expect(asked).toHaveLength(1);
});
