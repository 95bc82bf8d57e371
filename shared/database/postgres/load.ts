import { pipeline } from 'node:stream/promises';
import type pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { shareOut } from '../../concurrency/share-out.ts';
import type { DatabaseAccess } from '../access.ts';
import { type Loader, type Restores, type RowLoader, ScratchUnsuitable } from '../engine.ts';
import type { FragileConstraint } from '../fragile-constraint.ts';
import { type ExtensionRows, isLargeObjects, type TableName } from '../table.ts';
import { analyze } from './analyze.ts';
import { blame } from './blame.ts';
import { checkSuitable } from './check-suitable.ts';
import { withConnection } from './connect.ts';
import { type Connections, withConnections } from './connections.ts';
import { createExtensionFor, privilegedExtensions } from './extensions-for-login.ts';
import { rememberDoubt, rememberGenerated } from './fragile-constraints/doubt.ts';
import { quoted } from './identifier.ts';
import { preparePieces, writeComments } from './large-objects/write.ts';
import { loadPostData, loadPreData } from './schema/load-schema.ts';
import { partOfSchema } from './schema/part-of-schema.ts';
import { createPlaceholders } from './schema/placeholder-roles.ts';
import { applySettings, SessionSettingRefused } from './session/apply-settings.ts';
import {
  settingsForDefinitions,
  settingsForRefreshing,
  settingsForRows,
} from './session/computing-settings.ts';
import {
  nameInOwnEncoding,
  type OwnEncoding,
  quotedInOwnEncoding,
  speakOwnEncoding,
  speakUtf8,
} from './session/own-encoding.ts';
import { LOADING, type Settings } from './session/settings.ts';

/** Loads a copy into an empty PostgreSQL database: SQL of pg_dump's sections, and rows by COPY. */
export const restores: Restores = {
  blame,
  partOf: partOfSchema,
  load: (access, { connections: count, signal, computeUnder = {}, fragileConstraints = null }, work) =>
    withConnections(access, { purpose: 'restore', count, signal, settings: LOADING }, (connections) =>
      work(loader(connections, { computeUnder, fragileConstraints, signal }, access)),
    ),
};

function loader(
  connections: Connections,
  {
    computeUnder,
    fragileConstraints,
    signal,
  }: {
    computeUnder: Settings;
    fragileConstraints: readonly FragileConstraint[] | null;
    signal: AbortSignal;
  },
  access: DatabaseAccess,
): Loader {
  const [first] = connections;
  const { createdBy } = access;
  const prepare = async (settingsFor: (own: Settings) => Settings): Promise<void> => {
    try {
      await Promise.all(connections.map((each) => applySettings(each, settingsFor(computeUnder))));
    } catch (cause) {
      if (!(cause instanceof SessionSettingRefused)) throw cause;
      throw new ScratchUnsuitable(`the scratch server cannot compute as the source does: ${cause.message}`, {
        cause,
      });
    }
  };
  return {
    checkSuitable: (source) => checkSuitable(first, source),
    // The login of a scratch database creates no roles.
    createRoles: (names) =>
      createdBy
        ? withConnection(createdBy, 'roles', (client) => createPlaceholders(client, names))
        : createPlaceholders(first, names),
    async loadPreData(archive) {
      const { dbname, username } = access;
      const privileged = createdBy ? await privilegedExtensions(first) : new Set<string>();
      await loadPreData(first, archive, async (extension, sql) => {
        if (!createdBy || !privileged.has(extension)) return false;
        await createExtensionFor({ createdBy, dbname, username }, extension, sql);
        return true;
      });
    },
    async share(tasks, perform) {
      await prepare(settingsForRows);
      await shareOut(connections, tasks, signal, (connection, task) => perform(rowLoader(connection), task));
    },
    async setSequences(positions) {
      for (const position of positions)
        await first.query('SELECT pg_catalog.setval($1::pg_catalog.regclass, $2::int8, $3)', [
          quoted(position),
          position.lastValue,
          position.isCalled,
        ]);
    },
    async loadPostData(archive, onStep) {
      await prepare(settingsForDefinitions);
      const beforeRefreshing = () => prepare(settingsForRefreshing);
      const onRefused = (client: pg.Client, error: unknown) =>
        rememberDoubt(client, error, fragileConstraints);
      await loadPostData(connections, archive, { signal, onStep, beforeRefreshing, onRefused });
    },
    analyze: () => analyze(first),
  };
}

function rowLoader(connection: pg.Client): RowLoader {
  return {
    async copyIn(table, format, rows) {
      const copyInto = async (target: (own: OwnEncoding) => string) => {
        const own = await speakOwnEncoding(connection, { local: false });
        const copy = connection.query(copyFrom(`COPY ${target(own)} FROM STDIN (FORMAT ${format})`));
        await pipeline(rows, copy);
        await speakUtf8(connection);
        return copy.rowCount;
      };
      if (isLargeObjects(table)) {
        const pieces = await preparePieces(connection);
        const loaded = await copyInto(() => pieces);
        await writeComments(connection);
        return loaded;
      }
      const load = async () => {
        try {
          return await copyInto((own) => target(table, own));
        } catch (error) {
          rememberGenerated(error, table.columns);
          throw error;
        }
      };
      return table.extension ? replaceRows(connection, table, table.extension, load) : load();
    },
  };
}

/** Loads rows in place of those that the extension's script may have added: both would be the application's. */
async function replaceRows(
  connection: pg.Client,
  table: TableName,
  { where }: ExtensionRows,
  load: () => Promise<number>,
): Promise<number> {
  await connection.query('BEGIN');
  try {
    await connection.query(`DELETE FROM ONLY ${quoted(table)}${where}`);
    const loaded = await load();
    await connection.query('COMMIT');
    return loaded;
  } catch (error) {
    await connection.query('ROLLBACK').catch(() => {});
    throw error;
  }
}

/** The table to copy into, with its columns. A table without columns has no list of them. */
function target(table: Parameters<RowLoader['copyIn']>[0], own: OwnEncoding): string {
  const columns = table.columns.map((column) => nameInOwnEncoding(column, own)).join(', ');
  return `${quotedInOwnEncoding(table.through ?? table, own)}${columns ? ` (${columns})` : ''}`;
}
