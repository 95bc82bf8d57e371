import type { Path } from '../mistake.ts';
import type { Parts } from '../parts.ts';
import { type Violation, wrong } from '../violation.ts';
import type { Databases } from './databases.ts';
import type { Into, ScratchInstanceSettings } from './scratch.ts';

type Field = keyof ScratchInstanceSettings;

/** What RDS would choose by itself for an empty instance, and what would then go wrong. */
const NEEDED = {
  class: 'the class of the empty instance: a logical backup does not tell that of its source',
  subnetGroup:
    'the DB subnet group of the empty instance: RDS would put it into the default VPC, where no function of this plan reaches it',
} satisfies Partial<Record<Field, string>>;

const NEEDLESS: Readonly<Partial<Record<Field, string>>> = {
  database: 'no database: a logical backup is loaded into one that the run makes',
};

const OF_SOURCE: Readonly<Partial<Record<Field, string>>> = {
  engineVersion: 'no engineVersion: it is that of the snapshot or the moment',
  gibibytes: 'no gibibytes: they are those of the snapshot or the moment',
};

/** An instance that is created empty is described by the plan alone, and one that RDS makes of its own storage is not. */
export function emptyInstanceRules(
  path: Path,
  {
    from,
    into,
  }: {
    readonly from?:
      | { readonly database?: string | undefined; readonly backup?: string | undefined }
      | undefined;
    readonly into?: Parts<Into> | undefined;
  },
  databases: Parts<Databases>,
): Violation[] {
  const instance = into && 'scratchInstance' in into ? into.scratchInstance : undefined;
  const { database, backup: name } = from ?? {};
  if (instance === undefined || database === undefined || name === undefined) return [];
  const backups = Object.hasOwn(databases, database) ? (databases[database]?.backups ?? {}) : {};
  const backup = Object.hasOwn(backups, name) ? backups[name] : undefined;
  if (backup === undefined) return [];
  const at = [...path, 'into', 'scratchInstance'];
  const refuse = (fields: typeof NEEDLESS) =>
    Object.entries(fields).flatMap(([field, expected]) =>
      instance[field as Field] === undefined ? [] : [wrong([...at, field], expected)],
    );
  if (!('logical' in backup)) return refuse(OF_SOURCE);
  const missing = Object.entries(NEEDED).flatMap(([field, expected]) =>
    instance[field as Field] === undefined ? [wrong([...at, field], expected)] : [],
  );
  const { standby } = instance;
  const there =
    standby !== undefined && standby.subnetGroup === undefined
      ? [wrong([...at, 'standby', 'subnetGroup'], NEEDED.subnetGroup)]
      : [];
  return [...missing, ...there, ...refuse(NEEDLESS)];
}
