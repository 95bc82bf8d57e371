import pg from 'pg';
import { type DatabaseTraits, ScratchUnsuitable } from '../engine.ts';
import { majorVersion } from './catalog.ts';

/** The first major version whose CREATE DATABASE can name a provider other than the system's library. */
const SINCE = { libc: 0, icu: 15, builtin: 17 } as const;

/**
 * The statement that creates an empty database with the encoding and locale of another, in the words of one server version.
 * https://www.postgresql.org/docs/current/sql-createdatabase.html
 *
 * @param serverVersion the `server_version_num` of the server that will run it
 * @throws ScratchUnsuitable if that version has no such locale provider
 */
export function createDatabaseStatement(name: string, like: DatabaseTraits, serverVersion: number): string {
  const major = majorVersion(serverVersion);
  const since = SINCE[like.localeProvider];
  if (major < since)
    throw new ScratchUnsuitable(
      `the source has the locale provider "${like.localeProvider}", which PostgreSQL has since version ${since}; ` +
        `the scratch server is ${major}: give the plan a scratch server of version ${majorVersion(like.serverVersion)}`,
    );
  const { escapeLiteral: literal } = pg;
  return [
    `CREATE DATABASE ${pg.escapeIdentifier(name)} TEMPLATE template0 ENCODING ${literal(like.encoding)}`,
    // Before 15 there was no such option, and every database used libc.
    ...(major >= 15 ? [`LOCALE_PROVIDER ${like.localeProvider}`] : []),
    `LC_COLLATE ${literal(like.collate)} LC_CTYPE ${literal(like.ctype)}`,
    ...localeOf(like).map(([option, value]) => `${option} ${literal(value)}`),
  ].join(' ');
}

function localeOf({ localeProvider, locale, icuRules }: DatabaseTraits): [option: string, value: string][] {
  if (localeProvider === 'libc' || locale === null) return [];
  if (localeProvider === 'builtin') return [['BUILTIN_LOCALE', locale]];
  return icuRules === null
    ? [['ICU_LOCALE', locale]]
    : [
        ['ICU_LOCALE', locale],
        ['ICU_RULES', icuRules],
      ];
}
