import type { Assign, Catcher, StateMachine, States } from './asl.ts';
import { caughtError, inWords } from './catches.ts';
import { checkTheInput } from './check-input.ts';
import { claimTheRun } from './claim-run.ts';
import { jsonata, variables } from './jsonata.ts';
import { passing, retry } from './retries.ts';
import { callService, invoke } from './tasks.ts';
import { withVisible } from './visible.ts';

/** What is a machine's own: its runbook. The states that keep the run are written around it. */
export interface Runbook {
  /** The kind of run, as its files, its records and its executions are named. */
  readonly kind: string;
  /** One sentence: what a run does. */
  readonly comment: string;
  readonly limitSeconds: number;
  /** The kind in the subject of an announcement: `RESTORE TEST`. */
  readonly title: string;
  /** Field of the input that names what the run is about. */
  readonly subject: string;
  /** Columns of the running record besides those that every run has. */
  readonly record?: Readonly<Record<string, string>>;
  /** Variables that are set when the run is claimed, besides those that every run has. */
  readonly variables: Assign;
  /** Facts that are known from the beginning. */
  readonly facts?: string;
  /** The outcome until something is known. */
  readonly unproven: string;
  /** What follows the check of the input, where that is not claiming the run. */
  readonly startAt?: string;
  /** The state that follows when the run is open. */
  readonly first: string;
  /** The work, up to `Record the run`. */
  readonly phases: States;
  /** Outcomes and the states in which they end. */
  readonly ends: Ends;
}

export interface Ends {
  /** Outcomes by which the execution succeeds, and the names of these ends. */
  readonly succeed: Readonly<Record<string, string>>;
  /** Outcomes by which it fails, and the names of their errors. */
  readonly fail: Readonly<Record<string, string>>;
  /** The error of any other outcome. */
  readonly otherwise: string;
}

const UNFINISHED = 'the run did not come to its end';
/**
 * How a run ended that has no record. No function has read its causes, which can hold text of others. SNS and a Fail state
 * refuse a text that is too long: 262,144 bytes and 32,768 characters.
 */
const UNRECORDED = `ended as ' & $outcome & ' (' & $visible($reason & ($failure.cause ? ': ' & $failure.cause : '')) & ') and could not be recorded: ' & $visible(${inWords('unrecorded')})`;

/** The whole machine: checks its input, claims and opens the run, does the work, records and announces it, and ends as the outcome says. */
export function machine(runbook: Runbook): StateMachine {
  const { kind, comment, limitSeconds, phases, startAt = 'Claim the run' } = runbook;
  return {
    Comment: comment,
    QueryLanguage: 'JSONata',
    TimeoutSeconds: limitSeconds,
    StartAt: 'Check the input',
    States: {
      ...checkTheInput(kind, startAt),
      ...claimTheRun({
        variables: variablesOf(runbook),
        next: 'Open the run',
        otherwise: couldNotBeOpened(runbook.unproven),
      }),
      ...openTheRun(runbook),
      ...phases,
      ...recordTheRun(runbook),
      ...announceTheOutcome(runbook),
      ...end(runbook),
    },
  };
}

/** Variables of every run before its first phase. */
export function unfinished(outcome: string): Assign {
  return { outcome, reason: UNFINISHED };
}

function variablesOf({ variables: own, facts, unproven }: Runbook): Assign {
  return {
    runStartedAt: jsonata('$states.context.Execution.StartTime'),
    startedBy: jsonata('$states.input.startedBy'),
    ...own,
    facts: facts ?? {},
    failure: jsonata('null'),
    steps: {},
    ...unfinished(unproven),
  };
}

function openTheRun({ kind, subject, record = {}, unproven, first }: Runbook): States {
  const text = (expression: string) => ({ S: jsonata(expression) });
  return {
    'Open the run': callService('dynamodb:putItem', {
      arguments: {
        // biome-ignore lint/suspicious/noTemplateCurlyInString: filled in by CloudFormation
        TableName: '${JournalTable}',
        Item: {
          // biome-ignore lint/suspicious/noTemplateCurlyInString: filled in by CloudFormation
          workload: { S: '${Workload}' },
          run: text(`$runStartedAt & '#${kind}#' & $runId`),
          machine: { S: kind },
          runId: text('$runId'),
          executionArn: text('$states.context.Execution.Id'),
          startedBy: text('$startedBy'),
          startedAt: text('$runStartedAt'),
          subject: text(`$${subject}`),
          ...Object.fromEntries(Object.entries(record).map(([name, value]) => [name, { S: value }])),
          status: { S: 'running' },
        },
      },
      limitSeconds: 60,
      retry: retry(passing.dynamodb, { times: 5, afterSeconds: 2 }),
      catch: [couldNotBeOpened(unproven)],
      next: first,
    }),
  };
}

function couldNotBeOpened(unproven: string): Catcher {
  return {
    ErrorEquals: ['States.ALL'],
    Assign: {
      failure: jsonata('null'),
      outcome: unproven,
      reason: 'nothing was done, because the run could not be opened',
      unrecorded: caughtError,
    },
    Next: 'Announce that recording failed',
  };
}

function recordTheRun({ kind, subject }: Runbook): States {
  return {
    'Record the run': invoke('RecordRun', {
      payload: {
        machine: kind,
        ...variables('runId', 'runStartedAt'),
        executionArn: jsonata('$states.context.Execution.Id'),
        ...variables('startedBy'),
        subject: jsonata(`$${subject}`),
        ...variables('outcome', 'reason', 'failure', 'facts', 'steps'),
      },
      assign: { recorded: jsonata('$states.result.Payload') },
      limitSeconds: 120,
      retry: retry(passing.lambda, { times: 5, afterSeconds: 5 }),
      catch: [
        {
          ErrorEquals: ['States.ALL'],
          Assign: { unrecorded: caughtError },
          Next: 'Announce that recording failed',
        },
      ],
      next: 'Is it news',
    }),
  };
}

function announceTheOutcome({ title }: Runbook): States {
  const publish = {
    limitSeconds: 60,
    retry: retry(passing.sns, { times: 3, afterSeconds: 5 }),
  };
  // biome-ignore lint/suspicious/noTemplateCurlyInString: filled in by CloudFormation
  const TopicArn = '${AlertsTopic}';
  const output = { ...variables('runId', 'outcome', 'reason'), evidence: jsonata('$recorded.evidence') };
  return {
    'Is it news': {
      Type: 'Choice',
      Choices: [
        { Condition: jsonata('$not($recorded.announce)'), Output: output, Next: 'Did the run succeed' },
      ],
      Default: 'Announce the outcome',
    },
    'Announce the outcome': callService('sns:publish', {
      arguments: {
        TopicArn,
        Subject: jsonata('$recorded.subject'),
        Message: jsonata('$recorded.message'),
        MessageAttributes: outcomeAttribute(jsonata('$recorded.occasion')),
      },
      output,
      ...publish,
      catch: [
        { ErrorEquals: ['States.ALL'], Assign: { unannounced: caughtError }, Next: 'OutcomeNotAnnounced' },
      ],
      next: 'Is it to be noted',
    }),
    'Is it to be noted': {
      Type: 'Choice',
      Choices: [{ Condition: jsonata('$recorded.note = null'), Next: 'Did the run succeed' }],
      Default: 'Note the announcement',
    },
    // After the announcement: what nobody was told is announced by the next run. Told twice is better than never.
    'Note the announcement': callService('dynamodb:putItem', {
      arguments: {
        // biome-ignore lint/suspicious/noTemplateCurlyInString: filled in by CloudFormation
        TableName: '${JournalTable}',
        Item: {
          // biome-ignore lint/suspicious/noTemplateCurlyInString: filled in by CloudFormation
          workload: { S: '${Workload}#announcements' },
          run: { S: jsonata('$recorded.note.series') },
          announced: { S: jsonata('$recorded.note.announced') },
        },
      },
      output,
      limitSeconds: 20,
      retry: retry(passing.dynamodb, { times: 2, afterSeconds: 2 }),
      catch: [{ ErrorEquals: ['States.ALL'], Output: output, Next: 'Did the run succeed' }],
      next: 'Did the run succeed',
    }),
    'Announce that recording failed': callService('sns:publish', {
      arguments: {
        TopicArn,
        Subject: `Lifeboat: \${Workload}: ${title} NOT RECORDED`,
        Message: jsonata(withVisible(`'The run ' & $states.context.Execution.Id & ' ${UNRECORDED}`)),
        MessageAttributes: outcomeAttribute('failed'),
      },
      ...publish,
      catch: [{ ErrorEquals: ['States.ALL'], Next: 'RunNotRecorded' }],
      next: 'RunNotRecorded',
    }),
  };
}

/** Subscriptions filter by it: a message without it reaches only those that are told of every outcome. */
function outcomeAttribute(StringValue: string) {
  return { outcome: { DataType: 'String', StringValue } };
}

function end({ ends: { succeed, fail, otherwise } }: Runbook): States {
  const failing = [...Object.values(fail), otherwise];
  return {
    'Did the run succeed': {
      Type: 'Choice',
      Choices: Object.entries({ ...succeed, ...fail }).map(([outcome, state]) => ({
        Condition: jsonata(`$outcome = '${outcome}'`),
        Next: state,
      })),
      Default: otherwise,
    },
    ...Object.fromEntries(Object.values(succeed).map((state) => [state, { Type: 'Succeed' }])),
    ...Object.fromEntries(
      failing.map((state) => [state, { Type: 'Fail', Error: state, Cause: jsonata('$recorded.fullReason') }]),
    ),
    RunNotRecorded: {
      Type: 'Fail',
      Error: 'RunNotRecorded',
      Cause: jsonata(withVisible(`'The run ${UNRECORDED}`)),
    },
    OutcomeNotAnnounced: {
      Type: 'Fail',
      Error: 'OutcomeNotAnnounced',
      Cause: jsonata(
        withVisible(
          `'The run ended as ' & $outcome & ' (' & $visible($reason) & '; evidence: ' & $recorded.evidence & '), but that could not be announced: ' & $visible(${inWords('unannounced')})`,
        ),
      ),
    },
  };
}
