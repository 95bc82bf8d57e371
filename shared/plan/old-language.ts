import type { Finding, Path } from './mistake.ts';
import { isMap } from './parts.ts';

/** A key from the language before `lifeboat: 1`, and its replacement. */
interface OldKey {
  readonly path: Path;
  readonly instead: string;
}

const METHODS: Readonly<Record<string, string>> = {
  logical: 'logical: {}',
  schema: 'schema: {}, and takenBy with who takes it',
  'point-in-time': 'pointInTime: {}, and takenBy with who takes it',
  snapshot: 'rdsSnapshot: {}, and takenBy with who takes it',
};

/**
 * The keys that plans had before `lifeboat: 1`, where they stood, each with its replacement. No key of the
 * current language is among them.
 */
export function checkOldLanguage(raw: unknown): Finding[] {
  return [
    ...topLevel(raw),
    ...entriesOf(raw, 'databases').flatMap(([path, database]) => oldDatabase(path, database)),
  ].map(({ path, instead }) => ({ kind: 'old key', path, expected: instead }));
}

function topLevel(raw: unknown): OldKey[] {
  if (!isMap(raw)) return [];
  const replays = [...entriesOf(raw, 'queues'), ...entriesOf(raw, 'replays')];
  const { notifications } = raw;
  return [
    ...(Object.hasOwn(raw, 'queues') ? [{ path: ['queues'], instead: 'replays:' }] : []),
    ...replays.flatMap(([path, replay]) => oldKeys(path, replay, { probe: 'alreadyApplied:' })),
    ...(isMap(notifications) && Array.isArray(notifications.email)
      ? [{ path: ['notifications', 'email'], instead: 'a named channel: oncall: { email: [...] }' }]
      : []),
  ];
}

function oldDatabase(path: Path, database: unknown): OldKey[] {
  if (!isMap(database)) return [];
  const within = 'postgres: { secret, certificateAuthority, network }';
  return [
    ...oldKeys(path, database, {
      engine: within,
      ...(Object.hasOwn(database, 'engine')
        ? { secret: within, certificateAuthority: within, network: within }
        : {}),
      restoreTest: 'restoreTests at the top level, by name, with from and into',
    }),
    ...entriesOf(database, 'backups').flatMap(([name, backup]) => {
      if (!isMap(backup) || !Object.hasOwn(backup, 'method')) return [];
      const method = METHODS[String(backup.method)] ?? 'the method as a key: logical: {}';
      return oldKeys([...path, ...name], backup, { method, rows: 'logical: { rows: … }' });
    }),
  ];
}

function oldKeys(path: Path, value: unknown, instead: Readonly<Record<string, string>>): OldKey[] {
  if (!isMap(value)) return [];
  return Object.keys(instead)
    .filter((key) => Object.hasOwn(value, key))
    .map((key) => ({ path: [...path, key], instead: instead[key] ?? '' }));
}

function entriesOf(value: unknown, key: string): [path: Path, entry: unknown][] {
  const entries = isMap(value) ? value[key] : undefined;
  return isMap(entries) ? Object.entries(entries).map(([name, entry]) => [[key, name], entry]) : [];
}
