import { scratchRoles } from '../../local/secrets/plan-secrets.ts';
import type { LocalAws } from '../../local/start.ts';
import type { Plan } from '../../shared/plan/schema.ts';
import { LOCAL_STAGE } from '../local-aws.ts';
import { typed } from '../typed.ts';
import type { Screen } from './screen.ts';
import { shown } from './shown.ts';

const LABEL_WIDTH = 9;

/**
 * Where RDS and SQS have names without a Region, the AWS CLI v1 calls AWS itself in spite of AWS_ENDPOINT_URL.
 * https://docs.aws.amazon.com/cli/v1/userguide/cli-configure-endpoints.html
 */
const V1_IGNORES_ENDPOINT = 'us-east-1';

/** Variables that would override the local AWS's, or be signed into requests to it. */
const IN_THE_WAY = ['AWS_PROFILE', 'AWS_SESSION_TOKEN'];

/**
 * Shows how to reach a running local AWS: endpoints, variables to export, and commands to try. Prints no password.
 *
 * @param verbs the commands that are useful now
 */
export function showGuide(
  screen: Screen,
  { aws, plan, planPath, verbs }: { aws: LocalAws; plan: Plan; planPath: string; verbs: readonly string[] },
  environment: NodeJS.ProcessEnv,
): void {
  const { paint } = screen;
  const title = (text: string) => {
    screen.line();
    screen.line(paint('bold', text));
  };
  title('Where things are');
  screen.line(
    `  AWS       ${aws.endpoint}  ${aws.region}, account ${aws.accountId}, stack ${aws.stack.name}`,
  );
  if (aws.standby)
    screen.line(`  ${'standby'.padEnd(LABEL_WIDTH)} ${aws.standby.region}, stack ${aws.standby.stack.name}`);
  for (const line of databaseLines(aws, plan)) screen.line(line);
  screen.line(`  logs      ${aws.runFolder}`);
  title('In another terminal');
  for (const line of exportLines(aws, environment)) screen.line(shown`  ${paint('cyan', line)}`);
  if (aws.region === V1_IGNORES_ENDPOINT)
    screen.line(
      '  The AWS CLI v1 ignores AWS_ENDPOINT_URL for RDS and SQS in us-east-1: use v2, or --endpoint-url.',
    );
  title('Then');
  for (const line of nextCommands(plan, planPath, verbs)) screen.line(shown`  ${paint('cyan', line)}`);
}

/** psql command lines without passwords, and where to find the passwords. */
export function databaseLines(aws: LocalAws, plan: Plan): string[] {
  const psql = (label: string, host: string, port: number, user: string, database: string) =>
    `  ${label.padEnd(LABEL_WIDTH)} psql "host=${host} port=${port} user=${user} dbname=${database} sslmode=require"`;
  const secretOf = (secret: string) =>
    `  ${' '.repeat(LABEL_WIDTH)} password: aws secretsmanager get-secret-value --secret-id ${secret}`;
  const { host, port } = aws.scratch;
  const sources = Object.entries(plan.databases).flatMap(([name, { postgres }]) => {
    const { secret } = postgres;
    const source = aws.databases[name];
    if (!source) return [];
    return [psql(name, source.host, source.port, source.user, source.database), secretOf(secret)];
  });
  const scratches = scratchRoles(plan).flatMap(({ secret, role }) => [
    psql('scratch', host, port, role, 'postgres'),
    secretOf(secret),
  ]);
  return [...sources, ...scratches];
}

/** The variables to export so that any AWS tool, including this command line, uses the local AWS. */
export function exportLines(aws: Pick<LocalAws, 'environment'>, environment: NodeJS.ProcessEnv): string[] {
  const inTheWay = IN_THE_WAY.filter((name) => environment[name] !== undefined);
  return [
    ...(inTheWay.length > 0 ? [`unset ${inTheWay.join(' ')}`] : []),
    ...Object.entries({ ...aws.environment, LIFEBOAT_STAGE: LOCAL_STAGE }).map(
      ([name, value]) => `export ${name}=${value}`,
    ),
  ];
}

function nextCommands({ workload }: Plan, planPath: string, verbs: readonly string[]): string[] {
  const plan = planPath === `plans/${workload}.yml` ? workload : planPath;
  return verbs.map((verb) => typed(...verb.split(' '), plan));
}
