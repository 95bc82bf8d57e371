import { createClient, defineScript, type RedisArgument } from '@redis/client';
import { TargetMisconfigured } from '../delivery/target.ts';
import { type Destination, DestinationUnavailable, type Rules } from './destination.ts';
import type { Message } from './message.ts';
import type { RedisAccess } from './redis-secret.ts';

/** Rows are read into memory in batches of a hundred. */
const MOST_BYTES = 262_144;

/** How long ids are kept after the last one, as in the ledger of a queue. */
const REMEMBERED_S = 15 * 86_400;

const CONNECT_MS = 5_000;
/**
 * A connection is cut after this long without any data. Pings keep a connection open while it waits for work.
 */
const ANSWER_MS = 4_000;
const PING_MS = 1_000;

/** Errors that a retry cannot fix: login, permissions, a key of another type, another node of a cluster. */
const PERMANENT = /^(?:WRONGPASS|NOAUTH|NOPERM|WRONGTYPE|MOVED|CROSSSLOT|ERR (?:AUTH|invalid DB|DB index))/i;

const REDIS_RULES: Rules = { bytes: MOST_BYTES, fifo: false, plainText: false };

/**
 * Pushes the messages that Redis does not know yet, and returns which. The script is atomic: no other client
 * runs in between, and after a crash or on a replica either all of it exists or none.
 *
 * The id is added after the push, so a refused push is not recorded. If Redis refuses pushes at all, it
 * refuses the first.
 */
const PUSH_NEW = `
  local pushed = {}
  for i = 2, #ARGV, 2 do
    local id, body = ARGV[i], ARGV[i + 1]
    local new = redis.call('SISMEMBER', KEYS[2], id) == 0
    if new then
      redis.call('RPUSH', KEYS[1], body)
      redis.call('SADD', KEYS[2], id)
    end
    pushed[#pushed + 1] = new and 1 or 0
  end
  redis.call('EXPIRE', KEYS[2], ARGV[1])
  return pushed`;

const scripts = {
  pushNew: defineScript({
    SCRIPT: PUSH_NEW,
    NUMBER_OF_KEYS: 2,
    parseCommand(parser, list: RedisArgument, ids: RedisArgument, messages: readonly Message[]) {
      parser.pushKeys([list, ids]);
      parser.push(String(REMEMBERED_S));
      for (const { id, body } of messages) parser.push(id, body);
    },
    transformReply: (reply: number[]) => reply,
  }),
};

/**
 * Pushes onto the right end of a Redis list, and records the ids in a set beside it. Both happen in one step,
 * so each message is there once, without a ledger or a lease. A Redis that loses one loses the other, and is
 * filled again.
 *
 * A lost response is not retried here: the next attempt finds the messages there.
 *
 * It uses one primary server. In a cluster that is the node that holds the list; another node answers MOVED,
 * which is thrown.
 *
 * @throws TargetMisconfigured if Redis refuses the login or the key is not a list; DestinationUnavailable
 */
export async function redisDestination(access: RedisAccess, list: string): Promise<Destination> {
  const { host, port, username, password, database, certificateAuthority } = access;
  const client = createClient({
    scripts,
    RESP: 2, // Redis before version 6 supports only this one
    database,
    ...(username === null ? {} : { username }),
    ...(password === null ? {} : { password }),
    disableClientInfo: true,
    pingInterval: PING_MS,
    socket: {
      host,
      port,
      connectTimeout: CONNECT_MS,
      socketTimeout: ANSWER_MS,
      reconnectStrategy: false,
      ...(access.tls
        ? {
            tls: true,
            rejectUnauthorized: true,
            ...(certificateAuthority === null ? {} : { ca: certificateAuthority }),
          }
        : {}),
    },
  });
  client.on('error', () => {}); // the next command reports it; without a listener it would end the process
  const named = (cause: unknown) => {
    const words = cause instanceof Error ? cause.message : String(cause);
    return PERMANENT.test(words)
      ? new TargetMisconfigured(`Redis at ${host}:${port} refuses to push onto list "${list}": ${words}`, {
          cause,
        })
      : new DestinationUnavailable(`Redis at ${host}:${port} did not answer: ${words}`, { cause });
  };
  await client.connect().catch((error) => {
    client.destroy();
    throw named(error);
  });
  return {
    rules: REDIS_RULES,
    known: (messages) =>
      Promise.all(messages.map(async ({ id }) => (await client.sIsMember(idsBeside(list), id)) === 1)).catch(
        (error) => {
          throw named(error);
        },
      ),
    async put(messages, signal) {
      signal.throwIfAborted();
      const pushed = await client.pushNew(list, idsBeside(list), messages).catch((error) => {
        throw named(error);
      });
      return pushed.map((isNew) =>
        isNew === 1 ? { outcome: 'sent', resent: false } : { outcome: 'already-sent' },
      );
    },
    close: async () => client.destroy(),
  };
}

/**
 * The set of ids that belongs to a list. In a cluster both must be on one node, which the part in braces
 * decides.
 * https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/#hash-tags
 */
export function idsBeside(list: string): string {
  return /\{[^}]+\}/.test(list) ? `${list}:lifeboat:ids` : `{${list}}:lifeboat:ids`;
}
