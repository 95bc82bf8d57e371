import type { Command } from 'commander';
import type { OwnFunctions } from '../../local/functions/plan-functions.ts';
import { leftOutInWords, loadOwnData } from '../../local/own-data.ts';
import { type Application, startApplication } from '../../local/sample/application.ts';
import { openDeadLetterQueue } from '../../local/sample/dead-letter-queue.ts';
import { composeDeadLetters } from '../../local/sample/dead-letters.ts';
import { writeFirstHeartbeats } from '../../local/sample/first-heartbeats.ts';
import { hasSample, type Sample, sampleOf } from '../../local/sample/sample.ts';
import type { LocalAws } from '../../local/start.ts';
import { bytes, count } from '../../shared/run/quantity.ts';
import { action, reportError } from '../action.ts';
import { EXIT } from '../exit-code.ts';
import { type FoundPlan, findPlanOrSample } from '../find-plan.ts';
import { interruptible } from '../interruption.ts';
import { LOCAL_STAGE, LocalPartDied, openOn, startOnScreen, untilInterrupted } from '../local-aws.ts';
import { showGuide } from '../render/guide.ts';
import type { Screen } from '../render/screen.ts';
import { shown } from '../render/shown.ts';
import { showStep } from '../render/steps.ts';
import {
  databaseNamed,
  functionOption,
  loadOption,
  planOption,
  SAMPLE_PLAN_ARGUMENT,
  scaleOption,
} from './options.ts';

interface Options {
  readonly data?: boolean;
  readonly scale: number;
  readonly load?: readonly string[];
  readonly database?: string;
  readonly plan?: string;
  readonly function?: OwnFunctions;
  readonly standby?: true;
}

/** Enough to replay, and few enough that no alarm starts a replay by itself. */
const DEAD_LETTERS = 100;

/** `lifeboat local`: an AWS on this machine with the plan deployed to it, until it is stopped. */
export function addLocal(program: Command): void {
  program
    .command('local')
    .description('keep an AWS up inside this machine, with the plan deployed, to try the other commands on')
    .argument('[plan]', SAMPLE_PLAN_ARGUMENT)
    .option('--data', 'load sample data, with an outage to replay; without being asked where there is some')
    .option('--no-data', 'leave the databases empty')
    .addOption(loadOption())
    .option('--database <name>', 'with --load: the database of the plan to fill; not needed where it has one')
    .addOption(functionOption())
    .option('--standby', 'deploy the standby Region of the plan as well, and replicate to it')
    .addOption(planOption())
    .addOption(scaleOption())
    .addHelpText(
      'after',
      `
It says what to export, so that every AWS tool acts on it, and ends with Ctrl-C, leaving nothing behind.

Examples:
  lifeboat local
  lifeboat local marimo-erp
  lifeboat local --no-data --verbose
  lifeboat local --standby
  lifeboat local --load my.sql --plan mine.yml
  lifeboat local --plan mine.yml --function orders-worker=src/worker.ts
`,
    )
    .action(
      action<readonly [string | undefined], Options>(async ({ args: [name], options, screen }) => {
        const found = await findPlanOrSample(options.plan ?? name, {
          own: options.load !== undefined || options.function !== undefined,
        });
        const { plan, path: planPath } = found;
        const own = options.load && { files: options.load, database: databaseNamed(plan, options.database) };
        const wantsData = options.data ?? (!own && hasSample(plan));
        const sample = wantsData ? sampleOf(plan) : undefined;
        const signal = interruptible(EXIT.good);
        screen.line();
        screen.line(
          shown`${screen.paint('bold', `A local AWS for ${plan.workload}`)}  nothing outside of this machine is touched`,
        );
        let died = false;
        const aws = await startOnScreen(found, screen, signal, {
          functions: options.function ?? {},
          standby: options.standby ?? false,
        });
        try {
          const application = sample && (await startSample(screen, aws, found, sample, options.scale));
          try {
            if (own) await showOwnData(screen, aws, own);
            await writeFirstHeartbeats(aws, plan);
            showGuide(
              screen,
              { aws, plan, planPath, verbs: verbsFor(sample, aws.standby !== null) },
              process.env,
            );
            showIgnored(screen, aws.ignored, options.verbose ?? false);
            screen.line();
            screen.line('Ctrl-C tears it down.');
            aws.onDeath((death) => {
              died = true;
              void LocalPartDied.from(death).then((error) => reportError(error, {}));
            });
            await untilInterrupted(signal);
          } finally {
            await application?.webhook.stop();
          }
        } catch (error) {
          if (!signal.aborted) throw error;
        } finally {
          screen.line();
          await showStep(screen, 'everything torn down', () => aws.stop());
        }
        const { endpoint, region, stack, standby } = aws;
        if (died) screen.line(`  its logs are kept for a day: ${aws.runFolder}`);
        return {
          exitCode: died ? EXIT.notProven : EXIT.good,
          document: {
            endpoint,
            region,
            stage: LOCAL_STAGE,
            stack: { name: stack.name, outputs: stack.outputs },
            standby: standby && {
              region: standby.region,
              stack: { name: standby.stack.name, outputs: standby.stack.outputs },
            },
          },
        };
      }),
    );
}

async function showOwnData(
  screen: Screen,
  aws: LocalAws,
  { database, files }: { database: string; files: readonly string[] },
): Promise<void> {
  const { leftOut } = await showStep(
    screen,
    'your data loaded',
    () => loadOwnData(aws, database, files),
    ({ tables, bytes: size }) => `${count(tables, 'table')}, ${bytes(size)}`,
  );
  const remark = leftOutInWords(leftOut);
  if (remark) screen.line(shown`    ${screen.paint('yellow', remark)}`);
}

/**
 * Fills the application's database and simulates a webhook outage that has just ended:
 * data to back up, and messages to replay.
 */
async function startSample(
  screen: Screen,
  aws: LocalAws,
  found: FoundPlan,
  sample: Sample,
  scale: number,
): Promise<Application> {
  await showStep(
    screen,
    'sample data loaded',
    () => sample.load(aws, scale),
    ({ tables, bytes: size }) => `${count(tables, 'table')}, ${bytes(size)}`,
  );
  const workload = await openOn(aws, found);
  let application: Application | undefined;
  try {
    const started = await startApplication(aws, workload, sample);
    application = started;
    const queue = await openDeadLetterQueue(aws, workload, sample.queue);
    const letters = composeDeadLetters(DEAD_LETTERS, { topicArn: queue.topicArn, at: new Date() });
    await showStep(
      screen,
      'its webhook is up after an outage',
      async () => {
        await started.receive(letters.before);
        await queue.fill(letters.bodies);
      },
      () => count(letters.bodies.length, 'dead letter'),
    );
    return started;
  } catch (error) {
    await application?.webhook.stop();
    throw error;
  } finally {
    workload.close();
  }
}

function verbsFor(sample: Sample | undefined, hasStandby: boolean): string[] {
  const there = hasStandby ? ['status --region standby', 'restore-test --region standby'] : [];
  return ['backup', 'restore-test', ...(sample ? ['replay'] : []), 'status', ...there];
}

/** The template settings that this AWS does not apply: one summary line, or the full list on request. */
function showIgnored(screen: Screen, ignored: readonly string[], whole: boolean): void {
  if (ignored.length === 0) return;
  screen.line();
  const hint = whole ? ':' : ' (--verbose lists it).';
  screen.line(
    shown`${screen.paint('yellow', 'Not as on AWS:')} MiniStack passes over ${count(ignored.length, 'property', 'properties')} of the template${hint}`,
  );
  if (whole) for (const line of ignored) screen.line(`  ${line}`);
}
