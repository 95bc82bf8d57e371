import { describe, expect, test } from 'vitest';
import { fail, lambdaReturns, ok } from '../../simulator/simulate.ts';
import { describeInputCheck } from '../describe-input-check.ts';
import { closed, describeRunKeeping, opened, recorded } from '../describe-run-keeping.ts';
import { arnOf } from '../functions.ts';
import { argumentsOf, payloadsOf, startedAt } from '../machine-under-test.ts';
import { describeAccount } from './account.ts';
import { describeCanary } from './canary.ts';
import { describeContinuation } from './continuation.ts';
import { describeIncident } from './incident.ts';
import { describeInspection } from './inspection.ts';
import { describeLock } from './lock.ts';
import { describeRounds } from './rounds.ts';
import {
  assessed,
  begun,
  canaryLives,
  drains,
  emptied,
  emptyQueue,
  held,
  input,
  key,
  machine,
  ofRun,
  ofWorker,
  REASONS,
  replayed,
  reportOf,
  rounds,
  shares,
  unlocked,
  walk,
  work,
  worker,
} from './scene.ts';
import { describeSubscription } from './subscription.ts';

describeInputCheck(machine, {
  name: 'replay',
  input,
  own: [
    [
      'an incident at no time that can be read',
      { ...input, incident: { failedAt: 'an hour ago' } },
      'incident.failedAt: expected a time in UTC such as 2026-03-01T03:00:00Z, found string an hour ago',
    ],
    [
      'an incident on a day that no calendar has',
      { ...input, incident: { failedAt: '2026-02-30T03:00:00Z' } },
      'incident.failedAt: expected a time in UTC such as 2026-03-01T03:00:00Z, found string 2026-02-30T03:00:00Z',
    ],
    [
      'options that are none',
      { ...input, options: 'dryRun' },
      'options: expected an object, found string dryRun',
    ],
    [
      'a dry run misspelt, which would have sent everything',
      { ...input, options: { dryrun: true } },
      'unknown: options.dryrun',
    ],
    [
      'numbers out of range',
      { ...input, options: { max: 1.5, rate: 0, minutes: 0 } },
      'options.max: expected a whole number, 1 or more, found number 1.5; options.rate: expected a number, 1 or more, found number 0; options.minutes: expected a number, more than 0, found number 0',
    ],
    [
      'continues as text',
      { ...input, continues: 'run-1' },
      'continues: expected an object, found string run-1',
    ],
  ],
});

describeRunKeeping(machine, {
  name: 'replay',
  input,
  work,
  report: replayed,
  terminal: 'Replayed',
  unopened: 'not-proven',
  called: 'REPLAY',
});

describe('a replay', () => {
  test('that empties the queue, and whose account adds up, has replayed it', async () => {
    const run = await walk(input, { ...opened, ...work, ...closed });
    const invoke = (name: string, Payload: object) => ({ FunctionName: arnOf(name), Payload });
    const hold = {
      TableName: 'ledger',
      Item: {
        ...key,
        owner: { S: 'nightly-1' },
        until: { N: String(Date.parse(startedAt) + 200 * 60_000) },
        expiration: { N: String(Date.parse(startedAt) / 1000 + 86_400) },
      },
      ConditionExpression: 'attribute_not_exists(#key) OR #owner = :run OR #until < :now',
      ExpressionAttributeNames: { '#key': 'key', '#owner': 'owner', '#until': 'until' },
      ExpressionAttributeValues: { ':run': { S: 'nightly-1' }, ':now': { N: String(Date.parse(startedAt)) } },
    };
    const called = run.calls.slice(2, -2).map(({ state, arguments: sent }) => [state, sent]);
    const sentTo = (index: number) =>
      invoke('DrainQueue', {
        ...ofWorker,
        round: 1,
        worker: String(index),
        share: shares[index],
        canary: false,
      });
    const inOrder = (list: typeof called) => list.toSorted(([a], [b]) => String(a).localeCompare(String(b)));
    expect(called.filter(([state]) => state !== 'Drain a share' && state !== 'Assess the round')).toEqual([
      ['Inspect the queue', invoke('InspectQueue', { ...ofRun, options: {} })],
      ['Lock the queue', hold],
      [
        'Send the canary',
        invoke('DrainQueue', { ...ofWorker, round: 0, worker: 'canary', share: shares[0], canary: true }),
      ],
      ['Lock the queue', hold],
      ['Settle the account', invoke('SettleAccount', { ...ofRun, ...emptyQueue, hiddenBefore: 0 })],
      [
        'Unlock the queue',
        {
          TableName: 'ledger',
          Key: key,
          ConditionExpression: '#owner = :run',
          ExpressionAttributeNames: { '#owner': 'owner' },
          ExpressionAttributeValues: { ':run': { S: 'nightly-1' } },
        },
      ],
    ]);
    expect(inOrder(called.filter(([state]) => state === 'Drain a share'))).toEqual(
      expect.arrayContaining([0, 1].map((index) => ['Drain a share', sentTo(index)])),
    );
    const ofRound = { ...ofRun, options: {}, deadline: '', drainStartedAt: startedAt, shares, fruitless: 0 };
    expect(argumentsOf(run, 'Assess the round')).toEqual([
      invoke('AssessRound', { ...ofRound, round: 0, workers: [canaryLives] }),
      invoke('AssessRound', { ...ofRound, round: 1, workers: emptied }),
    ]);
    expect(payloadsOf(run, 'Record the run')).toEqual([replayed]);
    expect(run).toMatchObject({
      status: 'SUCCEEDED',
      terminal: 'Replayed',
      output: {
        runId: 'nightly-1',
        outcome: 'replayed',
        reason: 'the queue has no more',
        evidence: recorded.evidence,
      },
    });
  });

  test('hands what it was asked for to the inspection and to every worker', async () => {
    const options = { filter: "body.type == 'Bounce'", rate: 10, minutes: 30 };
    const run = await drains(rounds(emptied), {}, { options });
    const asked = ['Inspect the queue', 'Send the canary', 'Drain a share'].flatMap((state) =>
      payloadsOf(run, state).map((payload) => (payload as { options: object }).options),
    );
    expect(asked).toEqual([options, options, options, options]);
  });

  test.each([
    ['with its scenario', { failedAt: '2026-03-01T02:58:00.000Z', scenario: 'webhook-failure' }],
    ['without a scenario', { failedAt: '2026-03-01T02:58:00.000Z' }],
  ])('that answers an incident reports it, %s', async (_, incident) => {
    const run = await walk({ ...input, incident }, { ...opened, ...work, ...closed });
    expect(reportOf(run).facts).toEqual({ incident });
  });

  test('that was stopped and cannot be recorded is announced as stopped', async () => {
    const run = await walk(input, {
      ...begun,
      ...held,
      'Send the canary': lambdaReturns(worker('stopped', 0)),
      ...assessed,
      ...unlocked,
      'Record the run': fail('AccessDenied', 'no'),
      'Announce that recording failed': ok(),
    });
    expect(run).toMatchObject({
      error: 'RunNotRecorded',
      cause: `The run ended as stopped (${REASONS.stopped}) and could not be recorded: AccessDenied: no`,
    });
  });
});

describeInspection();
describeLock();
describeSubscription();
describeCanary();
describeRounds();
describeContinuation();
describeAccount();
describeIncident();

test('these runs walk every branch, catch, exhausted retry and end of the machine', () => {
  expect(machine.uncovered()).toEqual([]);
});
