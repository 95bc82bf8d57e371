import { createClient, defineScript, type RedisArgument } from '@redis/client';
import { TargetMisconfigured } from '../delivery/target.ts';
import { type Destination, DestinationUnavailable, type Rules } from './destination.ts';
import type { Message } from './message.ts';
import type { RedisAccess } from './redis-secret.ts';

/** Rows are read into memory by the hundred. */
const MOST_BYTES = 262_144;

/** How long ids are remembered after the last one, as the ledger of a queue is. */
const REMEMBERED_S = 15 * 86_400;

const CONNECT_MS = 5_000;
/** A connection on which nothing arrives for so long is cut. Pings keep one that only waits for work. */
const ANSWER_MS = 4_000;
const PING_MS = 1_000;

/** Answers that would be the same tomorrow: login, rights, another kind of value, another node of a cluster. */
const PERMANENT = /^(?:WRONGPASS|NOAUTH|NOPERM|WRONGTYPE|MOVED|CROSSSLOT|ERR (?:AUTH|invalid DB|DB index))/i;

const REDIS_RULES: Rules = { bytes: MOST_BYTES, fifo: false, plainText: false };

/**
 * Pushes what it does not know yet, and tells which. Nothing of another client happens in between, and a server that is
 * killed or replicated has all of it or nothing. The id is noted after the push, so that a push that is refused is not
 * noted; what is refused at all is refused at the first.
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
 * Pushes onto the right end of a list of Redis, and remembers in a set beside it what was pushed: both in one step, so
 * that each message is there once, with no ledger and no lease. A Redis that loses one loses the other, and is filled again.
 *
 * An answer that was lost is not asked for again here: the next attempt finds the messages there.
 *
 * One primary server. Of a cluster, the node that holds the list: another one answers MOVED, which is thrown.
 *
 * @throws TargetMisconfigured where it refuses the login, or the list is none; DestinationUnavailable
 */
export async function redisDestination(access: RedisAccess, list: string): Promise<Destination> {
  const { host, port, username, password, database, certificateAuthority } = access;
  const client = createClient({
    scripts,
    RESP: 2, // a Redis before version 6 knows no other
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
  client.on('error', () => {}); // what is asked next says it; without a listener it would end the process
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
 * The set of ids that belongs to a list. In a cluster both must lie on one node, which the part in braces decides.
 * https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/#hash-tags
 */
export function idsBeside(list: string): string {
  return /\{[^}]+\}/.test(list) ? `${list}:lifeboat:ids` : `{${list}}:lifeboat:ids`;
}
