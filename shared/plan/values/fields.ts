import * as z from 'zod';
import { DAY, DURATION, parseDuration } from './duration.ts';
import { ExpressionInvalid, parseExpression } from './expression.ts';
import { SCHEDULE, scheduleMistake } from './schedule.ts';

// The kinds of value in a plan. An `error` text completes "expected …" (see shape.ts).

/** Short enough for an S3 bucket, an IAM role and a stack name, alone and joined to others. */
const NAME = /^[a-z][a-z0-9-]{0,30}$/;
const NAME_PHRASE = 'a name of at most 31 lower-case letters, digits and hyphens that starts with a letter';

/** A name from which Lifeboat builds AWS names. */
export const name = z.string({ error: NAME_PHRASE }).regex(NAME, { error: NAME_PHRASE });

/** A map from names to `value`. Names and values are both checked, even if one of them fails. */
export function named<V extends z.ZodType>(value: V) {
  return z
    .record(z.string(), value)
    .superRefine(
      (map, context) => {
        for (const key of Object.keys(map)) {
          if (!NAME.test(key))
            context.addIssue({
              code: 'custom',
              path: [key],
              message: NAME_PHRASE,
              params: { wrong: 'name' },
            });
        }
      },
      // Zod skips refinements once the value has failed, but a badly named entry with a bad field has two
      // mistakes.
      { when: ({ value }) => typeof value === 'object' && value !== null },
    )
    .meta({ propertyNames: { pattern: NAME.source } });
}

const DURATION_PHRASE = 'a duration such as 15m or 30d';

/** Written `30s`, `15m`, `2h`, `30d`; parsed into milliseconds. */
export const duration = z
  .string({ error: DURATION_PHRASE })
  .regex(DURATION, { error: DURATION_PHRASE, abort: true })
  .meta({ examples: ['30s', '15m', '2h', '30d'] })
  .transform(parseDuration);

/**
 * How long a locked object is kept. S3 Object Lock counts at most 100 years:
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock-managing.html
 */
export const retention = duration.refine(
  (milliseconds) => milliseconds >= DAY && milliseconds <= 36_500 * DAY,
  {
    error: 'a retention from 1d to 36500d',
  },
);

function scheduleField(examples: readonly string[], alsoWrong: (text: string) => string | undefined) {
  return z
    .string({ error: 'a schedule such as cron(0 2 * * ? *) or rate(15 minutes)' })
    .superRefine((text, context) => {
      const mistake = scheduleMistake(text) ?? alsoWrong(text);
      if (mistake !== undefined) context.addIssue({ code: 'custom', message: mistake });
    })
    .meta({ pattern: SCHEDULE.source, examples: [...examples] });
}

const STARTED = ['cron(0 2 * * ? *)', 'cron(0 3 ? * SUN *)', 'rate(15 minutes)', 'on-demand'];

/** When Lifeboat starts something: `cron(…)`, `rate(…)` or `on-demand`. Stays as written; `parseSchedule` parses it. */
export const schedule = scheduleField(STARTED, (text) =>
  text === 'on-change'
    ? 'cron(…), rate(…) or on-demand: on-change would start nothing, because Lifeboat does not see your changes'
    : undefined,
);

/** When something else takes a copy: also `on-change`, where a delivery pipeline does it. */
export const scheduleOfAnother = scheduleField([...STARTED, 'on-change'], () => undefined);

/** Text that is not empty. */
export function text(what: string) {
  return z.string({ error: what }).regex(/\S/, { error: what });
}

const SECRET_PHRASE =
  'the name of a Secrets Manager secret (letters, digits and /_+=.@-), not an ARN, never the secret itself';

/**
 * The name of a secret, not its ARN. An ARN holds a Region, and the standby must not depend on the lost
 * Region.
 * Characters: https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CreateSecret.html
 */
export const secretName = z
  .string({ error: SECRET_PHRASE })
  .regex(/^[A-Za-z0-9/_+=.@-]{1,512}$/, { error: SECRET_PHRASE });

const REGION_PHRASE = 'an AWS Region such as us-east-1';
export const region = z
  .string({ error: REGION_PHRASE })
  .regex(/^[a-z]{2}(?:-[a-z]+){1,3}-[0-9]$/, { error: REGION_PHRASE })
  .meta({ examples: ['us-east-1', 'eu-central-1'] });

/** Ids of EC2 resources: eight hexadecimal digits in old accounts, seventeen since 2018. */
export function ec2Id(prefix: 'subnet' | 'sg', what: string) {
  const phrase = `the id of ${what}: ${prefix}- and 8 to 17 hexadecimal digits`;
  return z.string({ error: phrase }).regex(new RegExp(`^${prefix}-[0-9a-f]{8,17}$`), { error: phrase });
}

/** Not its ARN, which holds a Region. https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstance.html */
export function rdsIdentifier(what: string) {
  const phrase = `the identifier of ${what}: at most 63 lower-case letters, digits and single hyphens, and a letter first`;
  return z.string({ error: phrase }).regex(/^(?=.{1,63}$)[a-z](?:-?[a-z0-9])*$/, { error: phrase });
}

/** The name of a group of RDS: a parameter group, an option group (`default:postgres-18` is one) or a subnet group. */
export function rdsName(what: string) {
  const phrase = `the name of ${what}: at most 255 lower-case letters, digits, hyphens, dots and colons`;
  return z.string({ error: phrase }).regex(/^[a-z][a-z0-9.:_-]{0,254}$/, { error: phrase });
}

/**
 * The name of a queue or topic in the workload's account and Region. Not its ARN, which holds a Region.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_CreateQueue.html
 * https://docs.aws.amazon.com/sns/latest/api/API_CreateTopic.html
 */
export function resourceName(kind: 'queue' | 'topic') {
  const [what, longest] = kind === 'queue' ? ['an SQS queue', 80] : ['an SNS topic', 256];
  const phrase = `the name of ${what} (letters, digits, hyphens and underscores), not an ARN or address`;
  const pattern = new RegExp(`^(?=.{1,${longest}}$)[A-Za-z0-9_-]+(\\.fifo)?$`);
  return z.string({ error: phrase }).regex(pattern, { error: phrase });
}

const FUNCTION_PHRASE =
  'the name of a Lambda function (letters, digits, hyphens and underscores), not an ARN';

/** https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html */
export const functionName = z
  .string({ error: FUNCTION_PHRASE })
  .regex(/^[A-Za-z0-9_-]{1,64}$/, { error: FUNCTION_PHRASE });

const KEY_ALIAS_PHRASE =
  'the alias of a KMS key, such as alias/queues: it is the same in every Region, an ARN is not';

/** Not one of AWS's own, `alias/aws/…`, which need no permission. https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateAlias.html */
export const keyAlias = z
  .string({ error: KEY_ALIAS_PHRASE })
  .regex(/^alias\/(?!aws\/)[A-Za-z0-9/_-]{1,250}$/, { error: KEY_ALIAS_PHRASE });

/** KMS keys of an entry that uses queues and topics, by alias. */
export const keyAliases = z
  .array(keyAlias)
  .default([])
  .describe(
    'KMS keys of your own that encrypt the queues and the topic of this entry, by alias. What SQS encrypts by itself needs none.',
  );

/** KMS keys that encrypt the secrets beside them, by alias. */
export const secretKeys = z
  .array(keyAlias)
  .default([])
  .describe(
    "KMS keys of your own that encrypt these secrets, by alias, such as alias/secrets. Secrets under AWS's own key need none.",
  );

const PATH_PHRASE = 'a path that starts with a slash, such as /health';
export const urlPath = z
  .string({ error: PATH_PHRASE })
  .regex(/^\/[^\s#]*$/, { error: PATH_PHRASE })
  .meta({ examples: ['/health/ready'] });

/** A JMESPath expression. Stays as written; `parseExpression` parses it. */
export const jmesPath = z
  .string({ error: 'a JMESPath expression' })
  .superRefine((text, context) => {
    try {
      parseExpression(text);
    } catch (error) {
      if (!(error instanceof ExpressionInvalid)) throw error;
      context.addIssue({
        code: 'custom',
        message: `a JMESPath expression (reading stops at column ${error.column})`,
      });
    }
  })
  .meta({ format: 'jmespath', examples: ["message.eventType == 'Bounce'", 'body.id'] });
