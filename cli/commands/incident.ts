import { InvalidArgumentError, Option } from 'commander';
import { LifeboatError } from '../../shared/errors/lifeboat-error.ts';
import type { Incident } from '../../shared/evidence/incident.ts';
import type { Plan } from '../../shared/plan/schema.ts';
import { WrongUsage } from '../usage.ts';

/** The command-line options that describe the disaster a run responds to. */
export interface IncidentOptions {
  readonly failedAt?: Date;
  readonly scenario?: string;
}

/** The plan has no such scenario, so there are no objectives to compare the measured times with. */
export class UnknownScenario extends LifeboatError {
  override readonly name = 'UnknownScenario';
  override readonly kind = 'usage';
}

/** @param lost what was lost at that time, in the words of the help */
export const failedAtOption = (lost: string) =>
  new Option(
    '--failed-at <time>',
    `when ${lost}, as 2026-11-22T04:00:00Z: RPO and RTO are measured from it, not estimated`,
  ).argParser(parseTime);

export const scenarioOption = () =>
  new Option(
    '--scenario <name>',
    "the plan's scenario whose RPO and RTO are the target; goes with --failed-at",
  );

/** The incident that the options describe; undefined for a test without one. @throws WrongUsage, UnknownScenario */
export function incidentOf(plan: Plan, { failedAt, scenario }: IncidentOptions): Incident | undefined {
  if (scenario !== undefined && !failedAt)
    throw new WrongUsage(
      '--scenario goes with --failed-at <time>: a run without an incident has the scenario of the plan',
    );
  if (scenario !== undefined && !Object.hasOwn(plan.objectives.scenarios, scenario))
    throw new UnknownScenario(
      `the plan has no scenario "${scenario}"; it has: ${Object.keys(plan.objectives.scenarios).join(', ')}`,
    );
  return failedAt && { failedAt: failedAt.toISOString(), ...(scenario !== undefined && { scenario }) };
}

/** A time with its zone that has passed. @throws InvalidArgumentError */
export function parseTime(text: string): Date {
  const time = new Date(text);
  // Without a zone it would mean the local time of the person typing.
  if (Number.isNaN(time.getTime()) || !/T.*(Z|[+-]\d\d:\d\d)$/.test(text))
    throw new InvalidArgumentError('Expected a time with its zone, such as 2026-11-22T04:00:00Z.');
  if (time.getTime() > Date.now()) throw new InvalidArgumentError('It has not happened yet.');
  return time;
}
