import type { Plan } from '../shared/plan/schema.ts';
import { alarmNameOf } from '../shared/recovery/alarm-name.ts';
import { KINDS } from '../shared/run/kinds.ts';
import { readLambdas } from './capabilities.ts';
import { NotDeployable } from './not-deployable.ts';

/**
 * AWS's limits on name lengths. CloudFormation generates and truncates the names of roles and schedules itself.
 * https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html
 * https://docs.aws.amazon.com/step-functions/latest/apireference/API_CreateStateMachine.html
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
 */
const LIMITS = { 'Lambda function': 64, 'state machine': 80, alarm: 255 } as const;

/**
 * Refuses names that AWS would reject in the middle of a deployment.
 *
 * @throws NotDeployable with the name, its length and the limit
 */
export function requireShortNames({ workload, replays }: Plan, stage: string): void {
  const stack = `lifeboat-${workload}-${stage}`;
  const names: [kind: keyof typeof LIMITS, name: string][] = [
    ...readLambdas().map(({ name }): [keyof typeof LIMITS, string] => [
      'Lambda function',
      `${stack}-${name}`,
    ]),
    ...KINDS.map(({ name }): [keyof typeof LIMITS, string] => ['state machine', `${stack}-${name}`]),
    ...Object.keys(replays).map((name): [keyof typeof LIMITS, string] => ['alarm', alarmNameOf(stack, name)]),
  ];
  const tooLong = names.filter(([kind, name]) => name.length > LIMITS[kind]);
  if (tooLong.length === 0) return;
  const lines = tooLong.map(
    ([kind, name]) => `${kind} ${name} has ${name.length} characters; AWS allows ${LIMITS[kind]}`,
  );
  throw new NotDeployable(
    `with stage "${stage}" names of workload "${workload}" are too long; shorten either:\n${lines.join('\n')}`,
  );
}
