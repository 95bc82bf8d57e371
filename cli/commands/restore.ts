import { type Command, InvalidArgumentError, Option } from 'commander';
import { begunAt } from '../../shared/backup/logical/recovery-point-id.ts';
import { type PartUnknown, parsePartName } from '../../shared/database/schema-part.ts';
import { DATABASE_NAME } from '../../shared/handover/restored-mark.ts';
import { restoreOf } from '../../shared/plan/lookup.ts';
import type { Plan } from '../../shared/plan/schema.ts';
import { restore as kind } from '../../shared/run/kinds/restore.ts';
import { action } from '../action.ts';
import { regionWith } from '../aws/region.ts';
import { confirm } from '../confirm.ts';
import { EXIT_CODES_HELP } from '../exit-code.ts';
import { findPlan } from '../find-plan.ts';
import { operator } from '../follow/run-id.ts';
import { startMachine } from '../follow/run-machine.ts';
import { WrongUsage } from '../usage.ts';
import { openWorkload } from '../workload.ts';
import { failedAtOption, type IncidentOptions, incidentOf, parseTime, scenarioOption } from './incident.ts';
import { namedOrOnly } from './only-one.ts';
import { labelOption, PLAN_ARGUMENT, regionOption, stageOption, yesOption } from './options.ts';
import { runAndShow } from './run-and-show.ts';

export interface RestoreOptions extends IncidentOptions {
  readonly stage: string;
  readonly region?: 'primary' | 'standby';
  readonly at?: Date | 'newest';
  readonly point?: string;
  readonly label?: string;
  readonly unverified?: true;
  readonly only?: readonly string[];
  readonly into: string;
  readonly yes?: true;
}

/**
 * `lifeboat restore`: restores a recovery point into a new database that stays, through the deployed machine.
 */
export function addRestore(program: Command): void {
  program
    .command('restore')
    .description('restore a recovery point into a new database that stays, checked before it gets its name')
    .argument('[plan]', PLAN_ARGUMENT)
    .argument('[place]', 'a place of the plan to restore to (restores:); not needed where it has one')
    .addOption(stageOption())
    .addOption(regionOption())
    .addOption(
      new Option(
        '--at <time>',
        'the newest verified recovery point from before this time, as 2026-11-22T04:00:00Z, or newest: that of now',
      ).argParser(parseAt),
    )
    .addOption(new Option('--point <id>', 'the recovery point of this id').argParser(parsePoint))
    .addOption(
      labelOption(
        'the newest recovery point that has this label, verified or not; with --at: from before that time',
      ),
    )
    .option('--unverified', 'also take a recovery point that no restore test has verified yet')
    .addOption(
      new Option('--into <name>', 'the new database; nothing of that name may exist')
        .argParser(parseName)
        .makeOptionMandatory(),
    )
    .addOption(
      new Option(
        '--only <name>',
        'one table (public.contacts) or schema (public) alone; may be repeated',
      ).argParser(parsePart),
    )
    .addOption(failedAtOption('the database was lost'))
    .addOption(scenarioOption())
    .addOption(yesOption())
    .addHelpText(
      'after',
      `
What happens: the copy is loaded under a provisional name that nobody can log in to, and compared with what the source held.
Only if every row came back, it gets its name, its owner and its grants, in one step. Nothing is ever restored over a database
that exists. A copy that is rejected, or whose grants fail, stays under its provisional name until it expires, to look at.
With --only, a table brings what it needs: types, sequences, functions, indexes, and the parents that it inherits from. Foreign keys
to tables that were not asked for are left out and named. The backup counts as verified only after a restore of all of it.
A label names what a person chose, so that its newest recovery point is taken even if no restore test has verified it: the copy is
compared before it is handed over all the same. The report says how many have the label.
Where the connection details are is printed at the end, and never the password.

Examples:
  lifeboat restore mailblast --at newest --into mailblast_restored
  lifeboat restore mailblast --at 2026-11-22T04:00:00Z --into before_the_bad_deploy
  lifeboat restore mailblast --label before-upgrade --into as_before_the_upgrade
  lifeboat restore mailblast production --point 20261122T020000Z-3f9a1c55-0b1c2d3e --into copy_of_sunday
  lifeboat restore mailblast --at newest --only public.contacts --only billing --into contacts_again
  lifeboat restore mailblast --at newest --into mailblast_restored --region standby     the primary Region is lost
  lifeboat restore mailblast --at newest --unverified --into mailblast_restored \\
    --failed-at 2026-11-22T04:00:00Z --scenario server-crash     measured against the plan
${EXIT_CODES_HELP}`,
    )
    .action(
      action<readonly [string | undefined, string | undefined], RestoreOptions>(
        async ({ args: [name, named], options, screen }) => {
          const found = await findPlan(name);
          const restore = placeNamed(found.plan, named);
          const wanted = wantedPoint(options);
          const incident = incidentOf(found.plan, options);
          const region = regionWith(options.region, found.plan.regions);
          await confirm(restoreQuestion(found.plan, restore, { ...options, region }), options, {
            nothingDone: 'Nothing was restored.',
            look: 'lifeboat restore-test',
          });
          const workload = await openWorkload(found, options.stage, { region });
          try {
            const input = {
              restore,
              into: options.into,
              ...wanted,
              ...(options.only && { only: [...options.only] }),
              startedBy: operator(),
              ...(incident && { incident }),
            };
            return await runAndShow(workload, restore, () => startMachine(workload, kind, input), screen);
          } finally {
            workload.close();
          }
        },
      ),
    );
}

/** Which recovery point the options ask for, as the machine takes it. @throws WrongUsage */
export function wantedPoint({
  at,
  point,
  label,
  unverified,
}: Pick<RestoreOptions, 'at' | 'point' | 'label' | 'unverified'>): {
  choose: string;
  label?: string;
  at?: string;
} {
  if (point !== undefined) {
    if (at !== undefined || label !== undefined || unverified)
      throw new WrongUsage(
        '--point names one recovery point: it goes with neither --at, --label nor --unverified',
      );
    return { choose: point };
  }
  // Whatever was verified before: a person chose what has the label, as with an id.
  if (label !== undefined)
    return { choose: 'newest', label, ...(at instanceof Date && { at: at.toISOString() }) };
  if (at === undefined)
    throw new WrongUsage(
      'say which recovery point: --at <time>, --at newest, --label <label>, or --point <id>',
    );
  return {
    choose: unverified ? 'newest' : 'newest verified',
    ...(at !== 'newest' && { at: at.toISOString() }),
  };
}

/** What a person is asked before it starts. */
export function restoreQuestion(
  plan: Plan,
  restore: string,
  {
    at,
    point,
    label,
    only,
    into,
    stage,
    region,
  }: Pick<RestoreOptions, 'at' | 'point' | 'label' | 'only' | 'into' | 'stage'> & { readonly region: string },
): string {
  const { database } = restoreOf(plan, restore).from;
  const before = at instanceof Date ? ` before ${at.toISOString()}` : '';
  const state = before ? `the state${before}` : 'the newest state';
  const which = point ?? (label === undefined ? state : `the newest state labelled ${label}${before}`);
  const what = only ? `only ${only.join(', ')} of ${which}` : which;
  return `Restore ${what} of ${plan.workload}/${database}, stage ${stage}, in ${region} into the new database ${into} of ${restore}`;
}

/** The selected place: the named one, or the plan's only one. @throws NotInPlan, WrongUsage */
export function placeNamed(plan: Plan, named: string | undefined): string {
  const choice = { one: 'place to restore to (restores:)', several: 'places to restore to' };
  const restore = namedOrOnly(plan, named, Object.keys(plan.restores), choice);
  restoreOf(plan, restore);
  return restore;
}

function parseAt(text: string): Date | 'newest' {
  return text === 'newest' ? text : parseTime(text);
}

function parsePoint(text: string): string {
  if (begunAt(text)) return text;
  throw new InvalidArgumentError(
    'Expected the id of a recovery point such as 20261122T020000Z-3f9a1c55-0b1c2d3e.',
  );
}

/** Checks the spelling. Whether it is there is known once the recovery point was chosen. */
function parsePart(text: string, before: readonly string[] = []): readonly string[] {
  try {
    parsePartName(text);
  } catch (cause) {
    throw new InvalidArgumentError((cause as PartUnknown).message);
  }
  return before.includes(text) ? before : [...before, text];
}

function parseName(text: string): string {
  if (DATABASE_NAME.test(text)) return text;
  throw new InvalidArgumentError(
    'Expected a name of at most 63 letters, digits, underscores and hyphens that starts with a letter.',
  );
}
