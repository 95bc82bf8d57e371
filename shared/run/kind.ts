import type * as z from 'zod';
import type { Incident } from '../evidence/incident.ts';
import type { RecoveryPointName } from '../journal/journal.ts';
import type { Taken } from '../objectives/measure-recovery.ts';
import type { Plan } from '../plan/schema.ts';
import type { Account } from '../replay/account/account.ts';

/**
 * How urgent an outcome is. PagerDuty's words: `info` needs no person, `warning` one in working hours, `error` one today,
 * `critical` one now.
 */
export type Severity = 'info' | 'warning' | 'error' | 'critical';

/** One way in which a run can end. */
export type Outcome = {
  /** Two or three words for people, in lower case: `backup taken`. */
  readonly words: string;
  readonly severity: Severity;
} & (
  | { readonly exit: 'good' }
  | {
      /** `bad` is a finding about the backup or the queue; `not-proven` says that nothing is known of them. */
      readonly exit: 'bad' | 'not-proven';
      /** The error of the `Fail` state in which the machine ends. */
      readonly fail: string;
    }
);

/** The contract of one step: what its function answers, and its name for people. */
export interface Step<Answer extends z.ZodType = z.ZodType> {
  readonly answer: Answer;
  readonly words: string;
  /** The step leaves checks in the vault, which the evidence takes in. */
  readonly leavesChecks?: true;
}

export type Steps = Readonly<Record<string, Step>>;
export type Outcomes = Readonly<Record<string, Outcome>>;

/** What the steps of a run answered. A step that the run did not reach is absent. */
export type Reached<Of extends Steps> = {
  readonly [Name in keyof Of]?: z.output<Of[Name]['answer']> | undefined;
};

/** A run that has ended, as far as its kind has something to say about it. */
export interface EndedRun<OfSteps extends Steps, OfOutcomes extends Outcomes> {
  readonly outcome: keyof OfOutcomes & string;
  readonly subject: string;
  readonly startedAt: string;
  readonly incident: Incident | null;
  readonly recoveryPoint: string | null;
  readonly account: Account | null;
  readonly steps: Reached<OfSteps>;
}

/** A recovery to compare with the plan's objectives. */
export interface Recovery {
  /** The scenario of the plan that it answers, unless the incident names another. */
  readonly scenario: string;
  /** The newest write that was recovered, as ISO time; null if that is not known. */
  readonly recoveredTo: string | null;
  /** When the recovered data was usable, as ISO time; null if it is not. */
  readonly usableAt: string | null;
  /** When RDS called the instance of a run available, as ISO time; absent where none was made. */
  readonly availableAt?: string;
  /** What the plan takes on a schedule of this data; absent where no backup is recovered. */
  readonly taken?: Taken;
}

/** One line of a report: `recovery point`, `20261005T020000Z-1f2e3d4c`. */
export interface Fact {
  readonly label: string;
  readonly text: string;
}

/** A table of a report. Numbers are aligned to the right. */
export interface FactTable {
  readonly head: readonly string[];
  readonly rows: readonly (readonly (string | number)[])[];
}

/**
 * A kind of run: all that the rest of Lifeboat knows of it. Evidence, journal, metrics, notifications, alarms, template
 * outputs, exit codes and what the CLI prints are derived from the list of kinds in `kinds.ts`.
 */
export interface Kind<
  Name extends string = string,
  Input extends z.ZodType = z.ZodType,
  OfSteps extends Steps = Steps,
  OfOutcomes extends Outcomes = Outcomes,
> {
  /** Names the state machine, its file, the journal's records and the folder of the evidence. */
  readonly name: Name;
  /** What an execution takes. */
  readonly input: Input;
  /** The steps in the order in which they run. */
  readonly steps: OfSteps;
  readonly outcomes: OfOutcomes;
  /** Where a follower sees how far a run is: in what its tasks report, or in the accounts that its workers save. */
  readonly progress: 'tasks' | 'workers';
  /** The account of the messages, for a kind that handles messages; null if the run did not come to count them. */
  account?(steps: Reached<OfSteps>): Account | null;
  /** What the run recovered, for a kind that recovers something. @throws NotInPlan */
  recovery?(run: EndedRun<OfSteps, OfOutcomes>, plan: Plan): Recovery;
  /** The recovery point that the run verified; null if it verified none. @throws NotInPlan */
  verified?(run: EndedRun<OfSteps, OfOutcomes>, plan: Plan): RecoveryPointName | null;
  /** The recovery point of which the run read every byte and found it intact; null if it did not. */
  read?(run: EndedRun<OfSteps, OfOutcomes>): RecoveryPointName | null;
  /** The recovery point that the run took, and the bytes that it read for it; null if it took none. */
  taken?(run: EndedRun<OfSteps, OfOutcomes>): (RecoveryPointName & { readonly bytes: number }) | null;
  /** The recovery point that a person gave a label when it was taken; null if the run took none, or it has no label. */
  labelled?(run: EndedRun<OfSteps, OfOutcomes>): (RecoveryPointName & { readonly label: string }) | null;
  /** What the run left on a server that is not ours to keep, in words; null if nothing. */
  leftBehind?(run: EndedRun<OfSteps, OfOutcomes>, plan: Plan): string | null;
  /** What its report shows besides outcome, error, RPO, RTO and phases. */
  facts(run: EndedRun<OfSteps, OfOutcomes>): readonly Fact[];
  tables?(run: EndedRun<OfSteps, OfOutcomes>): readonly FactTable[];
}

/** Describes a kind of run; keeps the types of its steps and outcomes. */
export function defineKind<
  const Name extends string,
  Input extends z.ZodType,
  OfSteps extends Steps,
  const OfOutcomes extends Outcomes,
>(kind: Kind<Name, Input, OfSteps, OfOutcomes>): Kind<Name, Input, OfSteps, OfOutcomes> {
  return kind;
}

/** The logical id of a kind's state machine in the template: `RestoreTestMachine`. */
export function machineIdOf({ name }: Pick<Kind, 'name'>): string {
  const words = name.split('-').map((word) => word.charAt(0).toUpperCase() + word.slice(1));
  return `${words.join('')}Machine`;
}

/** The output of the stack that has the ARN of a kind's state machine: `RestoreTestMachineArn`. */
export function machineOutputOf(kind: Pick<Kind, 'name'>): string {
  return `${machineIdOf(kind)}Arn`;
}
