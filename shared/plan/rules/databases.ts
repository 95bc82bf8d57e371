import type { Finding, Path } from '../mistake.ts';
import { asMap, mapAt, millisecondsOf, scenarioExists, wrong } from './raw-plan.ts';

export function databaseRules(raw: unknown): Finding[] {
  return Object.entries(mapAt(raw, 'databases') ?? {}).flatMap(([name, database]) => {
    const path = ['databases', name];
    return [
      ...rowsOnlyInLogical(path, database),
      ...restoredBackup(path, database),
      ...scenarioExists([...path, 'restoreTest', 'scenario'], mapAt(database, 'restoreTest')?.scenario, raw),
      ...scratchApart(path, database),
      ...freshnessMeasurable(path, database),
      ...checkNamesDiffer(path, database),
    ];
  });
}

function rowsOnlyInLogical(path: Path, database: unknown): Finding[] {
  return Object.entries(mapAt(database, 'backups') ?? {}).flatMap(([name, backup]) => {
    const { method, rows } = asMap(backup) ?? {};
    if (rows === undefined || !isAnotherMethod(method)) return [];
    return [wrong([...path, 'backups', name, 'rows'], 'rows only where the method is logical', rows)];
  });
}

function restoredBackup(path: Path, database: unknown): Finding[] {
  const backups = mapAt(database, 'backups');
  const { backup: wanted } = mapAt(database, 'restoreTest') ?? {};
  if (!backups || typeof wanted !== 'string') return [];

  const methodOf = (name: string) => asMap(backups[name])?.method;
  if (Object.hasOwn(backups, wanted) && !isAnotherMethod(methodOf(wanted))) return [];

  const logical = Object.keys(backups).filter((name) => methodOf(name) === 'logical');
  const expected =
    logical.length === 0
      ? 'a backup of this database whose method is logical (there is none)'
      : `a backup of this database whose method is logical (${logical.join(', ')})`;
  return [wrong([...path, 'restoreTest', 'backup'], expected, wanted, logical)];
}

/** A method that is missing or misspelt is a mistake of its own, not of what refers to it. */
function isAnotherMethod(method: unknown): boolean {
  return ['schema', 'point-in-time', 'snapshot'].includes(String(method));
}

/** The scratch login drops databases. With the login of the source, one mistake elsewhere would drop the source. */
function scratchApart(path: Path, database: unknown): Finding[] {
  const { secret } = mapAt(mapAt(database, 'restoreTest'), 'scratch') ?? {};
  if (typeof secret !== 'string' || secret !== asMap(database)?.secret) return [];
  const place = [...path, 'restoreTest', 'scratch', 'secret'];
  return [{ kind: 'wrong value', path: place, expected: "another secret than the database's own" }];
}

/** The newest heartbeat is up to one interval old at any time, so a stricter freshness would fail good backups. */
function freshnessMeasurable(path: Path, database: unknown): Finding[] {
  const { every } = mapAt(database, 'heartbeat') ?? {};
  const { freshness } = mapAt(database, 'restoreTest') ?? {};
  const interval = millisecondsOf(every);
  const limit = millisecondsOf(freshness);
  if (interval === undefined || limit === undefined || limit > interval) return [];
  return [
    wrong([...path, 'restoreTest', 'freshness'], `more than heartbeat.every, which is ${every}`, freshness),
  ];
}

/** Verdicts name the checks: two of the same name could not be told apart. */
function checkNamesDiffer(path: Path, database: unknown): Finding[] {
  const checks = mapAt(database, 'restoreTest')?.checks;
  if (!Array.isArray(checks)) return [];
  const names = checks.map((check) => asMap(check)?.name);
  return names.flatMap((name, index) => {
    if (typeof name !== 'string' || names.indexOf(name) === index) return [];
    return [wrong([...path, 'restoreTest', 'checks', index, 'name'], 'a name that no check above has', name)];
  });
}
