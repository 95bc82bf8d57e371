import { type Command, InvalidArgumentError } from 'commander';
import { action } from '../action.ts';
import { type DrillReport, runDrill, showChapter } from '../drill/drill.ts';
import { sampleOf } from '../drill/sample.ts';
import { EXIT_CODES_HELP } from '../exit-code.ts';
import { findPlan } from '../find-plan.ts';
import { Interrupted, interruptible } from '../interruption.ts';
import { openOn, startOnScreen, untilInterrupted } from '../local-aws.ts';
import { showGuide } from '../render/guide.ts';
import type { Screen } from '../render/screen.ts';
import { showStep } from '../render/steps.ts';
import { fact } from '../render/verdict.ts';
import { took } from '../render/words.ts';

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
    .option('--scale <number>', 'how much sample data: 1 is about 1 GB', parseScale, 0.1)
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
        screen.line();
        screen.line(
          `${screen.paint('bold', `Drill of ${found.plan.workload}`)}  on an AWS inside this machine; nothing outside of it is touched`,
        );
        showChapter(screen, 1, 'A local AWS, with the plan deployed to it');
        const aws = await startOnScreen(found, screen, signal);
        try {
          const workload = await openOn(aws, found);
          try {
            const report = await runDrill({ aws, workload, sample }, { ...options, screen, signal });
            showEnd(screen, report, Date.now() - began);
            if (options.keep)
              await keepUp(
                screen,
                () => showGuide(screen, { aws, ...found, planPath: found.path }, process.env),
                signal,
              );
            return {
              exitCode: report.exitCode,
              document: { ...report, seconds: (Date.now() - began) / 1_000 },
            };
          } finally {
            workload.close();
          }
        } catch (error) {
          throw signal.aborted ? new Interrupted('the drill was interrupted') : error;
        } finally {
          screen.line();
          await showStep(screen, 'everything torn down', () => aws.stop());
        }
      }),
    );
}

function showEnd(screen: Screen, { evidenceFiles }: DrillReport, tookMs: number): void {
  for (const file of evidenceFiles) screen.line(fact(screen, 'kept here', file));
  screen.line(fact(screen, 'the whole drill', took(tookMs)));
}

async function keepUp(screen: Screen, guide: () => void, signal: AbortSignal): Promise<void> {
  guide();
  screen.line();
  screen.line('  The database is gone from the source, as after the disaster. Ctrl-C tears everything down.');
  await untilInterrupted(signal);
}

function parseScale(text: string): number {
  const scale = Number(text);
  if (scale > 0 && scale <= 10) return scale;
  throw new InvalidArgumentError('Expected a number above 0 and at most 10, such as 0.1.');
}
