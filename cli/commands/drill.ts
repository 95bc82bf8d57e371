import type { Command } from 'commander';
import type { LocalAws } from '../../local/start.ts';
import { action } from '../action.ts';
import { runDrill } from '../drill/drill.ts';
import { sampleOf } from '../drill/sample.ts';
import { EXIT_CODES_HELP } from '../exit-code.ts';
import { type FoundPlan, findPlan } from '../find-plan.ts';
import { Interrupted, interruptible } from '../interruption.ts';
import { openOn, startOnScreen, untilInterrupted } from '../local-aws.ts';
import { showChapter } from '../render/chapter.ts';
import { showGuide } from '../render/guide.ts';
import type { Screen } from '../render/screen.ts';
import { showStep } from '../render/steps.ts';
import { fact } from '../render/verdict.ts';
import { took } from '../render/words.ts';
import { scaleOption } from './options.ts';

interface Options {
  readonly scale: number;
  readonly keep?: true;
}

/** `lifeboat drill`: a whole disaster and its recovery, on an AWS that lives as long as the drill. */
export function addDrill(program: Command): void {
  program
    .command('drill')
    .description(
      'rehearse a disaster on an AWS inside this machine: back up, lose the database, restore, measure',
    )
    .argument('[plan]', 'path of a plan, or the name of one in plans/', 'mailblast')
    .addOption(scaleOption())
    .option('--keep', 'leave the AWS up afterwards, until Ctrl-C')
    .addHelpText(
      'after',
      `
Nothing outside of this machine is touched, and nothing is left behind but the evidence, in .lifeboat/evidence/.

Examples:
  lifeboat drill                    about a minute
  lifeboat drill --scale 1          1 GB of data
  lifeboat drill --keep             look around when it is over
  lifeboat drill --json             the same for a program
${EXIT_CODES_HELP}`,
    )
    .action(
      action<readonly [string], Options>(async ({ args: [name], options, screen }) => {
        const found = await findPlan(name);
        const sample = sampleOf(found.plan);
        const began = Date.now();
        const signal = interruptible();
        const { paint } = screen;
        screen.line();
        screen.line(
          `${paint('bold', `Drill of ${found.plan.workload}`)}  on an AWS inside this machine; nothing outside of it is touched`,
        );
        showChapter(screen, 1, 'A local AWS, with the plan deployed to it');
        const aws = await startOnScreen(found, screen, signal);
        try {
          const workload = await openOn(aws, found);
          const report = await runDrill({ aws, workload, sample, screen, signal }, options.scale).finally(
            () => workload.close(),
          );
          const seconds = (Date.now() - began) / 1_000;
          showEnd(screen, seconds);
          if (options.keep) await keepUp(screen, aws, found, signal);
          return { exitCode: report.exitCode, document: { ...report, seconds } };
        } catch (error) {
          throw signal.aborted
            ? new Interrupted('Interrupted: nothing is proven, and nothing of the drill is left.')
            : error;
        } finally {
          screen.line();
          await showStep(screen, 'everything torn down', () => aws.stop());
        }
      }),
    );
}

function showEnd(screen: Screen, seconds: number): void {
  screen.line(fact(screen, 'the whole drill', took(seconds * 1_000)));
  screen.line();
  screen.line(
    screen.paint(
      'dim',
      '  Times are those of this machine and of little data. Yours come from: lifeboat restore-test',
    ),
  );
}

/** Leaves everything up until Ctrl-C. That is the end that was asked for: the exit code stays the restore test's. */
async function keepUp(screen: Screen, aws: LocalAws, found: FoundPlan, signal: AbortSignal): Promise<void> {
  showGuide(
    screen,
    { aws, plan: found.plan, planPath: found.path, verbs: ['status', 'restore-test'] },
    process.env,
  );
  screen.line();
  screen.line('The database is lost, as after the disaster. Ctrl-C tears everything down.');
  await untilInterrupted(signal);
}
