import type pg from 'pg';
import type { DatabaseAccess } from '../access.ts';
import { connect } from './connect.ts';
import { namingLostConnection } from './lost-connection.ts';
import type { Settings } from './session/settings.ts';

/** Connections to one database that work in parallel; at least one. */
export type Connections = readonly [pg.Client, ...pg.Client[]];

/**
 * Opens connections, gives them to `work` and closes them. When the work fails or the signal fires they are cut at once, so
 * that no statement runs on after a failure.
 *
 * @param count at least 1
 * @throws the signal's reason when it fired; DatabaseUnreachable if a connection was lost; else what the work threw
 */
export async function withConnections<T>(
  access: DatabaseAccess,
  {
    purpose,
    count,
    signal,
    settings,
  }: { purpose: string; count: number; signal: AbortSignal; settings?: Settings },
  work: (connections: Connections) => Promise<T>,
): Promise<T> {
  const connections: [pg.Client, ...pg.Client[]] = [await connect(access, purpose, settings)];
  const cut = () => {
    for (const connection of connections) connection.connection.stream.destroy();
  };
  signal.addEventListener('abort', cut);
  try {
    while (connections.length < count) connections.push(await connect(access, purpose, settings));
    const result = await work(connections);
    await Promise.all(connections.map((connection) => connection.end()));
    return result;
  } catch (error) {
    cut();
    signal.throwIfAborted();
    throw namingLostConnection(error, access);
  } finally {
    signal.removeEventListener('abort', cut);
  }
}
