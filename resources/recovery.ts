import type { Plan } from '../shared/plan/schema.ts';
import type { StackRole } from '../shared/plan/stack-role.ts';
import { machines } from '../state-machines/source/machines.ts';
import { readLambdas } from './capabilities.ts';
import { functionsIn, hasFunction, hasMachine } from './in-standby.ts';
import { logicalId } from './named-resources.ts';
import { readPart, type TemplatePart } from './read-part.ts';

/**
 * How alarms and schedules start what recovers: their topic, the role of the schedules, and the queue for what could not be
 * started. In the standby Region no alarm starts a replay, because the queues are in the other one.
 */
export function deriveRecovery(plan: Plan, role: StackRole): TemplatePart {
  const recovery = hasFunction(role, 'start-replay') ? [readPart('recovery')] : [];
  const parts = [readPart('lost-events'), readPart('scheduler'), ...recovery];
  const absent = absentFrom(plan, role);
  return {
    Resources: withoutAbsent(Object.assign({}, ...parts.map(({ Resources }) => Resources)), absent),
    Outputs: Object.assign({}, ...parts.map(({ Outputs }) => Outputs)),
  };
}

/** The logical ids of what the stack of this plan and role does not have. */
function absentFrom(plan: Plan, role: StackRole): ReadonlySet<string> {
  const present = functionsIn(role, readLambdas(), plan);
  const functions = readLambdas().filter((each) => !present.some(({ name }) => name === each.name));
  const kinds = Object.keys(machines).filter((kind) => !hasMachine(role, kind));
  return new Set([
    ...functions.map(({ name }) => `${logicalId(name)}LambdaFunction`),
    ...kinds.map((kind) => `${logicalId(kind)}Machine`),
    ...(hasFunction(role, 'start-replay') ? [] : ['RecoveryTopic']),
  ]);
}

/** Leaves out each entry of a list that refers to a resource that the stack does not have: an ARN, or a whole statement. */
function withoutAbsent<Part>(part: Part, absent: ReadonlySet<string>): Part {
  const clean = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(clean).filter((each) => !refersTo(each, absent));
    if (typeof value !== 'object' || value === null || 'Fn::GetAtt' in value) return value;
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, clean(inner)]));
  };
  return clean(part) as Part;
}

function refersTo(value: unknown, ids: ReadonlySet<string>): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if ('Ref' in value) return ids.has(String(value.Ref));
  if ('Fn::GetAtt' in value) return ids.has(String((value['Fn::GetAtt'] as unknown[])[0]));
  return Object.values(value).some((inner) => refersTo(inner, ids));
}
