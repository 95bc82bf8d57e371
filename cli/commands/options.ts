import { type Command, InvalidArgumentError, Option } from 'commander';
import { LABEL, LABEL_PHRASE } from '../../shared/backup/label.ts';
import { databaseOf, replayOf } from '../../shared/plan/lookup.ts';
import type { Plan } from '../../shared/plan/schema.ts';
import { SAMPLE_PLAN } from '../find-plan.ts';
import { namedOrOnly } from './only-one.ts';

/** Selects the deployment of the plan. */
export const stageOption = (words = 'the stage that was deployed') =>
  new Option('--stage <stage>', words).env('LIFEBOAT_STAGE').default('prod');

/** Selects the stack of one of the plan's Regions. */
export const regionOption = () =>
  new Option(
    '--region <role>',
    'the Region to work in, by its role in the plan: the standby one when the primary one is lost',
  ).choices(['primary', 'standby']);

/** Whether a text can be the id of a recovery point: of a logical backup, of a snapshot, or of a moment. */
export function isPointId(text: string): boolean {
  return /^\d{8}T\d{6}Z(?:-[0-9a-f]{8}-\S+|-[0-9a-f]{16})?$/.test(text);
}

/** The id of a recovery point. @throws InvalidArgumentError */
export function parsePointId(text: string): string {
  if (isPointId(text)) return text;
  throw new InvalidArgumentError(
    'Expected the id of a recovery point such as 20261122T020000Z-3f9a1c55-0b1c2d3e, or a moment such as 20261122T035959Z.',
  );
}

/** Selects one of the plan's databases. */
export const databaseOption = () =>
  new Option('--database <name>', 'a database of the plan; not needed where it has one');

export const PLAN_ARGUMENT =
  'path of a plan, or the name of one in plans/; not needed where there is only one here';

/** Of commands that have an application of their own to show. */
export const SAMPLE_PLAN_ARGUMENT = `path of a plan, or the name of one in plans/; without it the only one here, or else ${SAMPLE_PLAN}`;

/** The plan, by name of the option: for those who give more options than arguments. */
export const planOption = () =>
  new Option('--plan <plan>', 'the same as the argument: a path, or a name in plans/');

/** For scripts: no question before something that cannot be taken back. */
export const yesOption = () =>
  new Option('--yes', 'do not ask first; needed where there is no terminal to ask at');

/** A person's own schema and data. */
export const loadOption = () =>
  new Option(
    '--load <files...>',
    'SQL scripts to fill the database with, as pg_dump writes them; .gz and .zst too',
  );

/** A person's own functions, as targets of replays. */
export const functionOption = () =>
  new Option(
    '--function <name=file>',
    'your own function where a replay delivers to one; without it one that accepts everything. May be repeated',
  ).argParser((written: string, before: Readonly<Record<string, string>> = {}) => {
    const [, name, file] = /^([\w-]+)=(.+)$/.exec(written) ?? [];
    if (name === undefined || file === undefined)
      throw new InvalidArgumentError('Expected a name and a file, such as orders-worker=src/worker.ts.');
    return { ...before, [name]: file };
  });

/** What a person calls a recovery point. */
export const labelOption = (description: string) =>
  new Option('--label <label>', description).argParser((written: string) => {
    if (LABEL.test(written)) return written;
    throw new InvalidArgumentError(`Expected ${LABEL_PHRASE}.`);
  });

/** Amount of sample data. */
export const scaleOption = () =>
  new Option('--scale <number>', 'how much sample data: 1 is about 1 GB').argParser(parseScale).default(0.1);

function parseScale(text: string): number {
  const scale = Number(text);
  if (scale > 0 && scale <= 10) return scale;
  throw new InvalidArgumentError('Expected a number above 0 and at most 10, such as 0.1.');
}

/**
 * Commander also passes a command the options placed after its subcommand. Options that the subcommand does not share are
 * refused, because they would have no effect.
 *
 * @param shared options that also the subcommands of the subcommand have, such as `stage`
 */
export function refuseForSubcommands(command: Command, shared: readonly string[]): Command {
  return command.hook('preSubcommand', (_, subcommand) => {
    const stray = command.options.find(
      (option) =>
        !shared.includes(option.attributeName()) &&
        !subcommand.options.some(({ long }) => long === option.long) &&
        command.getOptionValueSource(option.attributeName()) === 'cli',
    );
    if (stray) subcommand.error(`error: unknown option '${stray.long}'`);
  });
}

/** The selected database: the named one, or the plan's only one. @throws NotInPlan, WrongUsage */
export function databaseNamed(plan: Plan, named: string | undefined): string {
  const choice = { one: 'database', several: 'databases', by: '--database' };
  const database = namedOrOnly(plan, named, Object.keys(plan.databases), choice);
  databaseOf(plan, database);
  return database;
}

/** The selected queue: the named one, or the plan's only one. @throws NotInPlan, WrongUsage */
export function queueNamed(plan: Plan, named: string | undefined): string {
  const choice = { one: 'queue to replay', several: 'replays' };
  const queue = namedOrOnly(plan, named, Object.keys(plan.replays), choice);
  replayOf(plan, queue);
  return queue;
}
