import { type Command, InvalidArgumentError, Option } from 'commander';
import { momentId } from '../../shared/backup/rds-point-in-time/moment.ts';
import { type PartUnknown, parsePartName } from '../../shared/database/schema-part.ts';
import { requireInstanceName } from '../../shared/handover/restored-instance-mark.ts';
import { DATABASE_NAME } from '../../shared/handover/restored-mark.ts';
import { backupOf, databaseOf, restoreOf } from '../../shared/plan/lookup.ts';
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
import { labelOption, PLAN_ARGUMENT, parsePointId, regionOption, stageOption, yesOption } from './options.ts';
import { runAndShow } from './run-and-show.ts';

export interface RestoreOptions extends IncidentOptions {
  readonly stage: string;
  readonly region?: 'primary' | 'standby';
  readonly at?: Date | 'newest';
  readonly point?: string;
  readonly label?: string;
  readonly unverified?: true;
  readonly only?: readonly string[];
  readonly into?: string;
  readonly yes?: true;
}

/**
 * `lifeboat restore`: restores a recovery point into a new database, or a new RDS instance, that stays, through the deployed machine.
 */
export function addRestore(program: Command): void {
  program
    .command('restore')
    .description(
      'restore a recovery point into a new database or RDS instance that stays, checked before it gets its name',
    )
    .argument('[plan]', PLAN_ARGUMENT)
    .argument('[place]', 'a place of the plan to restore to (restores:); not needed where it has one')
    .addOption(stageOption())
    .addOption(regionOption())
    .addOption(
      new Option(
        '--at <time>',
        'the newest verified recovery point from before this time, as 2026-11-22T04:00:00Z, or newest: that of now; of a point in time that very second',
      ).argParser(parseAt),
    )
    .addOption(new Option('--point <id>', 'the recovery point of this id').argParser(parsePointId))
    .addOption(
      labelOption(
        'the newest recovery point that has this label, verified or not; with --at: from before that time',
      ),
    )
    .option('--unverified', 'also take a recovery point that no restore test has verified yet')
    .addOption(
      new Option(
        '--into <name>',
        'the new database or instance; nothing of that name may exist; not needed where the plan names the instance',
      ).argParser(parseName),
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
A snapshot or a moment is restored into a new RDS instance. It is a scratch instance until every block of it was read and it is
verified. Then RDS gives it its name and protects it from deletion. It brings the roles, owners, grants and settings of its source;
its master password is new. It costs money until you delete it. One that is rejected stays until it expires.
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
  lifeboat restore healing-guard instance --at 2026-11-22T03:59:59Z --into before-the-delete    a moment, to the second
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
          const into = intoOf(found.plan, restore, options);
          const wanted = wantedPoint(options, momentsOnly(found.plan, restore));
          const incident = incidentOf(found.plan, options);
          const region = regionWith(options.region, found.plan.regions);
          await confirm(restoreQuestion(found.plan, restore, { ...options, into, region }), options, {
            nothingDone: 'Nothing was restored.',
            look: 'lifeboat restore-test',
          });
          const workload = await openWorkload(found, options.stage, { region });
          try {
            const input = {
              restore,
              into,
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

/** The name that the copy gets: of the call, or of the plan. @throws WrongUsage, NameUnusable */
export function intoOf(
  plan: Plan,
  restore: string,
  { into: given, only }: Pick<RestoreOptions, 'into' | 'only'>,
): string {
  const { into } = restoreOf(plan, restore);
  const name = given ?? ('instance' in into ? into.instance.name : undefined);
  if (name === undefined) throw new WrongUsage(`say what the copy is to be named: --into <name>`);
  if ('instance' in into) {
    requireInstanceName(name);
    if (only)
      throw new WrongUsage('an RDS instance is restored whole: --only goes with a logical backup alone');
  }
  return name;
}

/** Whether what is restored is a point in time: any second of it is a recovery point. */
function momentsOnly(plan: Plan, restore: string): boolean {
  const { database, backup } = restoreOf(plan, restore).from;
  return 'pointInTime' in backupOf(databaseOf(plan, database), backup);
}

/**
 * Which recovery point the options ask for, as the machine takes it.
 *
 * @param ofMoments a moment need not be verified before: each is another one, and is validated before it is handed over
 * @throws WrongUsage
 */
export function wantedPoint(
  { at, point, label, unverified }: Pick<RestoreOptions, 'at' | 'point' | 'label' | 'unverified'>,
  ofMoments = false,
): {
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
  if (ofMoments) return { choose: at === 'newest' ? 'newest' : momentId(at) };
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
  }: Pick<RestoreOptions, 'at' | 'point' | 'label' | 'only' | 'stage'> & {
    readonly into: string;
    readonly region: string;
  },
): string {
  const { from, into: place } = restoreOf(plan, restore);
  const before = at instanceof Date ? ` before ${at.toISOString()}` : '';
  const state = at instanceof Date ? stateAt(at, momentsOnly(plan, restore)) : 'the newest state';
  const which = point ?? (label === undefined ? state : `the newest state labelled ${label}${before}`);
  const what = only ? `only ${only.join(', ')} of ${which}` : which;
  const where =
    'instance' in place
      ? `the new RDS instance ${into}, which costs money until you delete it`
      : `the new database ${into} of ${restore}`;
  return `Restore ${what} of ${plan.workload}/${from.database}, stage ${stage}, in ${region} into ${where}`;
}

function stateAt(at: Date, isMoment: boolean): string {
  return isMoment ? `the state at ${at.toISOString()}` : `the state before ${at.toISOString()}`;
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
