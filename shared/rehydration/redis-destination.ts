import { createHash } from 'node:crypto';
import { createClient, defineScript, type RedisArgument } from '@redis/client';
import type { Clock } from '../clock/clock.ts';
import { TargetMisconfigured } from '../delivery/target.ts';
import { type Destination, DestinationUnavailable, type Rules } from './destination.ts';
import type { Message } from './message.ts';
import type { RedisAccess } from './redis-secret.ts';

/** Rows are read into memory in batches of a hundred. */
const MOST_BYTES = 262_144;

/** Elements of the list that are read at a time. */
const PAGE = 1_000;

/** How long it is remembered what was pushed, as in the ledger of a queue. */
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
 * Pushes the messages that are wanted and that no attempt has pushed since this run began, and returns which. The script is
 * atomic: no other client runs in between, and after a crash or on a replica either all of it exists or none.
 *
 * What was pushed is noted after the push, so a refused push is not recorded. If Redis refuses pushes at all, it refuses the
 * first.
 */
const PUSH_NEW = `
  local pushed = {}
  local now, since = ARGV[2], tonumber(ARGV[3])
  for i = 4, #ARGV, 3 do
    local id, body, wanted = ARGV[i], ARGV[i + 1], ARGV[i + 2]
    local known = redis.call('HGET', KEYS[2], id)
    local new = wanted == '1' and not (known and tonumber(string.match(known, '^%d+')) >= since)
    if new then
      redis.call('RPUSH', KEYS[1], body)
      redis.call('HSET', KEYS[2], id, now .. ' ' .. redis.sha1hex(body))
    end
    pushed[#pushed + 1] = new and 1 or 0
  end
  redis.call('EXPIRE', KEYS[2], ARGV[1])
  return pushed`;

interface Wanted extends Message {
  readonly isWanted: boolean;
}

const scripts = {
  pushNew: defineScript({
    SCRIPT: PUSH_NEW,
    NUMBER_OF_KEYS: 2,
    parseCommand(
      parser,
      list: RedisArgument,
      memory: RedisArgument,
      { now, since }: { now: Date; since: Date },
      messages: readonly Wanted[],
    ) {
      parser.pushKeys([list, memory]);
      parser.push(String(REMEMBERED_S), String(now.getTime()), String(since.getTime()));
      for (const { id, body, isWanted } of messages) parser.push(id, body, isWanted ? '1' : '0');
    },
    transformReply: (reply: number[]) => reply,
  }),
};

/**
 * Pushes onto the right end of a Redis list, and remembers beside it what was pushed. Both happen in one step, so each message
 * is there once, without a ledger or a lease.
 *
 * The memory outlives the list: a list may be deleted, restored or emptied alone. So a message that an earlier run pushed is
 * looked for in the list itself, with the body that it had then. If it is gone and the plan's query still returns its row, it
 * is pushed again. What was pushed since this run began counts as there, even if a worker has taken it by now.
 *
 * @param since when this run began, so that all of its attempts push a message once
 *
 * A lost response is not retried here: the next attempt finds the messages there.
 *
 * It uses one primary server. In a cluster that is the node that holds the list; another node answers MOVED,
 * which is thrown.
 *
 * @throws TargetMisconfigured if Redis refuses the login or the key is not a list; DestinationUnavailable
 */
export async function redisDestination(
  access: RedisAccess,
  list: string,
  { since, clock }: { since: Date; clock: Clock },
): Promise<Destination> {
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
  let listed: Promise<ReadonlySet<string>> | undefined;

  /** Whether the list lacks each message: it was never pushed, or an earlier run pushed it and it is gone. */
  async function missing(messages: readonly Message[]): Promise<boolean[]> {
    if (messages.length === 0) return [];
    listed ??= hashesIn(list);
    const hashes = await listed;
    const known = await client.hmGet(
      memoryBeside(list),
      messages.map(({ id }) => id),
    );
    return known.map((pushed) => {
      if (pushed === null) return true;
      const [at, hash = ''] = pushed.split(' ');
      return Number(at) < since.getTime() && !hashes.has(hash);
    });
  }

  /** Reads from the right end: workers take from the left one, so nothing is passed over. */
  async function hashesIn(key: string): Promise<ReadonlySet<string>> {
    const hashes = new Set<string>();
    for (let end = -1; ; end -= PAGE) {
      const bodies = await client.lRange(key, end - PAGE + 1, end);
      for (const body of bodies) hashes.add(sha1(body));
      if (bodies.length < PAGE) return hashes;
    }
  }

  return {
    rules: REDIS_RULES,
    async known(messages) {
      try {
        return (await missing(messages)).map((isMissing) => !isMissing);
      } catch (error) {
        throw named(error);
      }
    },
    async put(messages, signal) {
      signal.throwIfAborted();
      try {
        const isMissing = await missing(messages);
        const wanted = messages.map((message, index) => ({
          ...message,
          isWanted: isMissing[index] === true,
        }));
        const pushed = await client.pushNew(list, memoryBeside(list), { now: clock.now(), since }, wanted);
        return pushed.map((isNew) =>
          isNew === 1 ? { outcome: 'sent', resent: false } : { outcome: 'already-sent' },
        );
      } catch (error) {
        throw named(error);
      }
    },
    close: async () => client.destroy(),
  };
}

/**
 * The memory that belongs to a list: when each message was pushed, and the sha1 of its body then. In a cluster both must be on
 * one node, which the part in braces decides.
 * https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/#hash-tags
 */
export function memoryBeside(list: string): string {
  return /\{[^}]+\}/.test(list) ? `${list}:lifeboat:pushed` : `{${list}}:lifeboat:pushed`;
}

/** As Redis computes it in the script. */
function sha1(body: string): string {
  return createHash('sha1').update(body).digest('hex');
}
