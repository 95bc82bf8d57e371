import * as z from 'zod';
import {
  duration,
  ec2Id,
  functionName,
  name,
  region,
  resourceName,
  secretName,
  text,
} from '../../shared/plan/values/fields.ts';

/** What a new plan is written from. Every value is as the plan spells it. */
export interface Answers {
  readonly workload: string;
  readonly description: string;
  readonly region: string;
  readonly standby: string;
  readonly rpo: string;
  readonly rto: string;
  readonly databaseSecret: string;
  readonly scratchSecret: string;
  readonly caSecret: string;
  /** `HH:MM`, UTC. */
  readonly backupAt: string;
  readonly email: string;
  /** Empty: the functions run outside of any VPC. */
  readonly subnets: readonly string[];
  readonly securityGroups: readonly string[];
  /** A dead-letter queue to replay, if there is one. */
  readonly queue?: string;
  /** Where its messages go: `webhook:<secret>`, `queue:<name>`, `topic:<name>` or `function:<name>`. */
  readonly target?: string;
}

export type AnswerName = keyof Answers;

/** One thing that a new plan needs to know. */
export interface Question {
  readonly name: AnswerName;
  /** The option that answers it, without dashes. */
  readonly flag: string;
  /** Asked at a terminal; the help text of the option. */
  readonly words: string;
  /** What an answer must be; its error completes "expected …". */
  readonly schema: z.ZodType<unknown, string>;
  /** The answer of a person who has none. Undefined: an answer is needed. */
  readonly ordinary: (sofar: Partial<Answers>, environment: NodeJS.ProcessEnv) => string | undefined;
  /** Its ordinary answer is made of earlier ones. */
  readonly derived?: true;
  /** False where earlier answers make the question pointless. */
  readonly applies?: (sofar: Partial<Answers>) => boolean;
}

const TIME = /^(?:[01]\d|2[0-3]):[0-5]\d$/;
const TARGET_PHRASE = 'webhook:<secret>, queue:<name>, topic:<name> or function:<name>';

const targets: Readonly<Record<string, z.ZodType<unknown, string>>> = {
  webhook: secretName,
  queue: resourceName('queue'),
  topic: resourceName('topic'),
  function: functionName,
};

const target = z.string().superRefine((written, context) => {
  const { kind, to } = splitTarget(written);
  const named = Object.hasOwn(targets, kind) ? targets[kind]?.safeParse(to) : undefined;
  if (named?.success) return;
  context.addIssue({ code: 'custom', message: named?.error.issues[0]?.message ?? TARGET_PHRASE });
});

/** The two halves of a target's answer. */
export function splitTarget(written: string): { kind: string; to: string } {
  const colon = written.indexOf(':');
  return colon < 0
    ? { kind: written, to: '' }
    : { kind: written.slice(0, colon), to: written.slice(colon + 1) };
}

const listOf = (id: z.ZodType<unknown, string>, phrase: string) =>
  z
    .string()
    .refine((written) => partsOf(written).every((part) => id.safeParse(part).success), { error: phrase });

/** The parts of an answer that is a list, such as `subnet-1, subnet-2`. */
export function partsOf(written: string): string[] {
  return written.split(',').flatMap((part) => part.trim() || []);
}

/** Pairs within one continent, where there is one. A stack of its own stands there (docs/deploy.md). */
const STANDBY: Readonly<Record<string, string>> = {
  'us-east-1': 'us-west-2',
  'us-east-2': 'us-west-2',
  'us-west-1': 'us-east-1',
  'us-west-2': 'us-east-1',
  'ca-central-1': 'us-east-1',
  'eu-central-1': 'eu-west-1',
  'eu-west-1': 'eu-central-1',
  'eu-west-2': 'eu-west-1',
  'eu-west-3': 'eu-central-1',
  'eu-north-1': 'eu-central-1',
  'ap-southeast-1': 'ap-southeast-2',
  'ap-southeast-2': 'ap-southeast-1',
  'ap-northeast-1': 'ap-northeast-3',
  'ap-south-1': 'ap-southeast-1',
  'sa-east-1': 'us-east-1',
};

const secretOf =
  (what: string) =>
  ({ workload }: Partial<Answers>) =>
    workload && `${workload}/${what}`;

/** In the order in which a person is asked. */
export const QUESTIONS: readonly Question[] = [
  {
    name: 'workload',
    flag: 'workload',
    words: 'name of what is protected',
    schema: name,
    ordinary: () => undefined,
  },
  {
    name: 'description',
    flag: 'description',
    words: 'what it is, in a sentence',
    schema: text('a sentence'),
    ordinary: ({ workload }) => workload && `The database of ${workload}`,
    derived: true,
  },
  {
    name: 'region',
    flag: 'region',
    words: 'AWS Region that it runs in',
    schema: region,
    ordinary: (_, { AWS_REGION, AWS_DEFAULT_REGION }) => AWS_REGION ?? AWS_DEFAULT_REGION,
  },
  {
    name: 'standby',
    flag: 'standby',
    words: 'another Region, for the day when that one is lost',
    schema: region,
    ordinary: ({ region: primary = '' }) => STANDBY[primary],
    derived: true,
  },
  {
    name: 'rpo',
    flag: 'rpo',
    words: 'how much of the newest data may be lost (RPO)',
    schema: duration,
    ordinary: () => '1d',
  },
  {
    name: 'rto',
    flag: 'rto',
    words: 'how long a recovery may take (RTO)',
    schema: duration,
    ordinary: () => '1h',
  },
  {
    name: 'databaseSecret',
    flag: 'database-secret',
    words: 'secret with the login to the database',
    schema: secretName,
    ordinary: secretOf('database'),
    derived: true,
  },
  {
    name: 'scratchSecret',
    flag: 'scratch-secret',
    words: 'secret with the login to a server for restore tests, another one',
    schema: secretName,
    ordinary: secretOf('scratch'),
    derived: true,
  },
  {
    name: 'caSecret',
    flag: 'ca-secret',
    words: 'secret with the certificate authority of both servers',
    schema: secretName,
    ordinary: secretOf('database-ca'),
    derived: true,
  },
  {
    name: 'subnets',
    flag: 'subnets',
    words: 'private subnets that reach the database, with commas; empty for none',
    schema: listOf(
      ec2Id('subnet', 'a subnet'),
      'ids of subnets with commas between them, such as subnet-0a1b2c3d4e5f60001',
    ),
    ordinary: () => '',
  },
  {
    name: 'securityGroups',
    flag: 'security-groups',
    words: 'security groups that the database lets in, with commas',
    schema: listOf(
      ec2Id('sg', 'a security group'),
      'ids of security groups with commas between them, such as sg-0a1b2c3d4e5f60003',
    ).refine((written) => written.trim() !== '', { error: 'at least one security group' }),
    ordinary: () => undefined,
    applies: ({ subnets = [] }) => subnets.length > 0,
  },
  {
    name: 'backupAt',
    flag: 'backup-at',
    words: 'time of the daily backup, UTC',
    schema: z.string().regex(TIME, { error: 'a time of day in UTC, such as 02:00' }),
    ordinary: () => '02:00',
  },
  {
    name: 'email',
    flag: 'email',
    words: 'address that is told of failures',
    schema: z.email({ error: 'an e-mail address' }),
    ordinary: () => undefined,
  },
  {
    name: 'queue',
    flag: 'queue',
    words: 'a dead-letter queue to replay; empty for none',
    schema: z.union([z.literal(''), resourceName('queue')], {
      error: 'the name of an SQS queue, or nothing',
    }),
    ordinary: () => '',
  },
  {
    name: 'target',
    flag: 'target',
    words: `where its messages go: ${TARGET_PHRASE}`,
    schema: target,
    ordinary: () => undefined,
    applies: ({ queue }) => Boolean(queue),
  },
];

/** What is wrong with an answer, to complete "expected …"; undefined for a good one. */
export function mistakeIn({ schema }: Question, written: string): string | undefined {
  const parsed = schema.safeParse(written);
  return parsed.success ? undefined : (parsed.error.issues[0]?.message ?? 'another value');
}

/** The answer as the plan's text uses it. */
export function answerOf({ name: answer }: Question, written: string): Answers[AnswerName] {
  if (answer === 'subnets' || answer === 'securityGroups') return partsOf(written);
  return written.trim();
}
