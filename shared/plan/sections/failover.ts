import * as z from 'zod';
import type { Path } from '../mistake.ts';
import type { Parts } from '../parts.ts';
import { DAY, formatDuration, HOUR, MINUTE } from '../values/duration.ts';
import { duration, named, text } from '../values/fields.ts';
import { isLoopback } from '../values/loopback.ts';
import { scheduleMistake } from '../values/schedule.ts';
import { oneOfNames, type Violation, wrong } from '../violation.ts';
import type { Databases } from './databases.ts';
import { rpo } from './objectives.ts';
import type { Regions } from './regions.ts';

const URL_PHRASE = 'an address such as https://api.example.com/health, without a user and password';

const url = z
  .string({ error: URL_PHRASE })
  .refine(isWatchable, { error: URL_PHRASE })
  .meta({ examples: ['https://api.example.com/health'] });

/** Without TLS the answer may be anybody's, except on the same machine. */
function isWatchable(value: string): boolean {
  if (!URL.canParse(value)) return false;
  const { protocol, hostname, username, password } = new URL(value);
  if (username !== '' || password !== '') return false;
  return protocol === 'https:' || (protocol === 'http:' && isLoopback(hostname));
}

const failsFor = duration
  .refine((time) => time >= MINUTE && time <= HOUR && time % MINUTE === 0, {
    error: 'a duration of whole minutes from 1m to 1h',
  })
  .describe(
    'For how long the signal has to fail without a break before it counts. It is looked at once a minute.',
  );

/** The name of a database in this plan. The rules look it up. */
const databaseName = (what: string) => text('the name of a database').describe(what);

const signal = z.union([
  z.strictObject({
    health: z
      .strictObject({
        url: url.describe(
          'An address of the primary itself. Not the name that a failover points elsewhere: it would then tell of the standby.',
        ),
        status: z
          .int({ error: 'an HTTP status' })
          .min(200, { error: 'an HTTP status from 200 to 599' })
          .max(599, { error: 'an HTTP status from 200 to 599' })
          .default(200)
          .describe('The status of a healthy response. Redirects are not followed.'),
      })
      .describe('An HTTP endpoint. Its body is not read.'),
    failsFor,
  }),
  z.strictObject({
    connect: databaseName('A database of this plan that a connection over TLS is made to.'),
    failsFor,
  }),
  z.strictObject({
    heartbeat: z
      .strictObject({
        database: databaseName('The database of this plan that has the heartbeat.'),
        olderThan: duration.describe('From which age on the newest heartbeat is a failure.'),
      })
      .describe('The age of the newest heartbeat. It is unknown while the database cannot be connected to.'),
    failsFor,
  }),
  z.strictObject({
    rds: databaseName('A database of this plan whose state the RDS API of the primary Region is asked for.'),
    failsFor,
  }),
  z.strictObject({
    alarm: text('the name of a CloudWatch alarm').describe(
      'The name of a CloudWatch alarm of your own in the standby Region. It fails while it is in ALARM.',
    ),
    failsFor,
  }),
]);

const blackout = z
  .strictObject({
    schedule: z
      .string({ error: 'a schedule such as cron(0 2 ? * SUN *)' })
      .superRefine((text, context) => {
        const mistake =
          scheduleMistake(text) ??
          (text.startsWith('cron(') ? undefined : 'a schedule such as cron(0 2 ? * SUN *)');
        if (mistake !== undefined) context.addIssue({ code: 'custom', message: mistake });
      })
      .meta({ pattern: '^cron\\(.+\\)$', examples: ['cron(0 2 ? * SUN *)'] })
      .describe('When the window begins, in UTC.'),
    for: duration
      .refine((time) => time > 0 && time <= DAY, { error: 'a duration of at most 1d' })
      .describe('How long the window lasts.'),
    why: text('a reason').describe('What happens in the window. Shown with each decision.'),
  })
  .describe('A window in which no failover starts by itself.');

const decide = z
  .strictObject({
    of: z
      .array(text('the name of a signal'), { error: 'a list of signals' })
      .min(2, { error: 'at least two signals' })
      .describe('The signals that decide. The others are only shown.'),
    atLeast: z
      .int({ error: 'a whole number' })
      .min(2, { error: 'at least 2: one signal alone fails more often than a Region does' })
      .describe('How many of them have to fail at the same time, each for its own time.'),
    notWithin: duration
      .prefault('6h')
      .describe('The least time between the end of one failover and the next that starts by itself.'),
    blackout: z
      .array(blackout, { error: 'a list of windows' })
      .default([])
      .describe('Windows of planned work.'),
  })
  .describe('When the primary counts as lost.');

const lagGate = z
  .strictObject({
    maxLoss: rpo.describe('How much of the newest data a failover may lose without asking a person.'),
  })
  .describe('What a promotion may lose. Without it: the RPO of `objectives`.');

export const failover = z
  .strictObject({
    signals: named(signal)
      .refine((signals) => Object.keys(signals).length >= 2, { error: 'at least two signals' })
      .describe('What is watched of the primary from the standby Region, once a minute, by name.'),
    decide,
    lagGate: lagGate.optional(),
  })
  .describe('How the loss of the primary Region is noticed, and what a failover may lose.');

export type Failover = z.output<typeof failover>;
export type Signal = Failover['signals'][string];
export type Decide = Failover['decide'];
export type Blackout = Decide['blackout'][number];

interface Section {
  readonly failover: Failover | undefined;
  readonly databases: Databases;
  readonly regions: Regions;
}

/** The signals fit the databases, and enough of them can fail at the same time. */
export function failoverRules({ failover, databases = {}, regions }: Parts<Section>): Violation[] {
  if (!failover) return [];
  const signals = Object.entries(failover.signals ?? {});
  return [
    ...signals.flatMap(([name, each]) =>
      each === undefined ? [] : signalRules(['failover', 'signals', name], each, databases, regions),
    ),
    ...sameTwice(signals),
    ...decideRules(failover),
  ];
}

function signalRules(
  path: Path,
  signal: Parts<Signal>,
  databases: Parts<Databases>,
  regions: Parts<Regions> | undefined,
): Violation[] {
  const exists = (at: Path, name: string | undefined) =>
    oneOfNames(at, 'a database of this plan', name, databases);
  const isReachable = (at: Path, name: string | undefined) =>
    name !== undefined && databases[name]?.postgres?.network && regions && !regions.standbyNetwork
      ? [
          wrong(
            at,
            'a database that the standby Region reaches: its own has a network, so name regions.standbyNetwork',
          ),
        ]
      : [];
  if ('connect' in signal && signal.connect !== undefined)
    return [
      ...exists([...path, 'connect'], signal.connect),
      ...isReachable([...path, 'connect'], signal.connect),
    ];
  if ('rds' in signal && signal.rds !== undefined) {
    const at = [...path, 'rds'];
    const database = databases[signal.rds];
    const unknown = exists(at, signal.rds);
    return unknown.length > 0 || database?.rds || !database
      ? unknown
      : [wrong(at, `a database on RDS: name the instance in databases.${signal.rds}.rds`)];
  }
  if ('heartbeat' in signal && signal.heartbeat !== undefined) {
    const { database: name, olderThan } = signal.heartbeat;
    const at = [...path, 'heartbeat'];
    const every = name === undefined ? undefined : databases[name]?.heartbeat?.every;
    const tooShort = every !== undefined && olderThan !== undefined && olderThan < 2 * every;
    return [
      ...exists([...at, 'database'], name),
      ...isReachable([...at, 'database'], name),
      ...(tooShort
        ? [
            wrong(
              [...at, 'olderThan'],
              `at least ${formatDuration(2 * every)}, two intervals of the heartbeat`,
            ),
          ]
        : []),
    ];
  }
  return [];
}

/** One cause must not count as two signals. */
function sameTwice(signals: readonly (readonly [string, Parts<Signal> | undefined])[]): Violation[] {
  const seen = new Map<string, string>();
  return signals.flatMap(([name, signal]) => {
    const what = signal && lookedAt(signal);
    if (!what) return [];
    const first = seen.get(what);
    seen.set(what, first ?? name);
    return first === undefined
      ? []
      : [
          wrong(
            ['failover', 'signals', name],
            `another look than that of "${first}": one cause would count twice`,
          ),
        ];
  });
}

function lookedAt(signal: Parts<Signal>): string | undefined {
  const { failsFor: _, ...look } = signal;
  const [kind] = Object.keys(look);
  if ('heartbeat' in look) return look.heartbeat?.database && `heartbeat of ${look.heartbeat.database}`;
  if ('health' in look) return look.health?.url && `health of ${look.health.url}`;
  const subject =
    'connect' in look ? look.connect : 'rds' in look ? look.rds : 'alarm' in look ? look.alarm : undefined;
  return subject && `${kind} of ${subject}`;
}

function decideRules({ signals = {}, decide }: Parts<Failover>): Violation[] {
  const of = (decide?.of ?? []).map((name, index) => ({
    name,
    path: ['failover', 'decide', 'of', index] as Path,
  }));
  const unknown = of.flatMap(({ name, path }) =>
    oneOfNames(path, 'a signal of failover.signals', name, signals),
  );
  const twice = of.flatMap(({ name, path }, index) =>
    name !== undefined && of.findIndex((each) => each.name === name) < index
      ? [wrong(path, 'each signal once')]
      : [],
  );
  if (unknown.length + twice.length > 0 || decide?.atLeast === undefined || of.length === 0)
    return [...unknown, ...twice];
  const most = failTogether(of.flatMap(({ name }) => (name && signals[name] ? [signals[name]] : [])));
  return decide.atLeast <= most
    ? []
    : [
        wrong(
          ['failover', 'decide', 'atLeast'],
          `at most ${most}: no more of these signals can fail at the same time`,
        ),
      ];
}

/** A heartbeat is unknown while its database cannot be connected to, so the two never fail for one cause. */
function failTogether(signals: readonly Parts<Signal>[]): number {
  const connected = signals.flatMap((each) => ('connect' in each ? [each.connect] : []));
  return signals.filter((each) => !('heartbeat' in each && connected.includes(each.heartbeat?.database)))
    .length;
}
