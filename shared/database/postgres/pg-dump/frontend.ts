import type { MessagePort } from 'node:worker_threads';
import type pg from 'pg';
import { followRequests } from './requests.ts';

/** Settings that a server reports at login. */
export type ServerGreeting = Readonly<Record<string, string>>;

/** Bytes that pg_dump sends: messages, or a piece of a long message. */
export interface FrontendBytes {
  readonly bytes: Uint8Array;
}

const TERMINATE = 'X'.charCodeAt(0);
const READY_FOR_QUERY = 'Z'.charCodeAt(0);
const PROTOCOL_3 = 3;
const GSSENC_REQUEST = 80877104;
const SSL_REQUEST = 80877103;

/**
 * Plays the server for one pg_dump. Its requests for encryption are declined and its login is accepted here: the bytes never
 * leave the process, and the connection behind them is already verified and logged in. Everything later goes to the real
 * server and back, whole messages at a time.
 *
 * The messages are framed by hand. pg-protocol decodes what a server sends, does not give the bytes to pass on, and cannot
 * write what a server sends.
 * https://www.postgresql.org/docs/current/protocol-flow.html
 */
export function serveFrontend(options: {
  client: pg.Client;
  port: MessagePort;
  /** pg_dump's thread sleeps on this word. It is set to 1 once the port has an answer. */
  woken: Int32Array;
  greeting: ServerGreeting;
  onLost: (error: Error) => void;
}): void {
  const { client, port, woken, greeting, onLost } = options;
  const { stream } = client.connection;
  let started = false;
  let received: Buffer[] = [];
  let receivedBytes = 0;
  let wanted = 5;

  const answer = (bytes: Uint8Array): void => {
    port.postMessage(bytes);
    Atomics.store(woken, 0, 1);
    Atomics.notify(woken, 0);
  };

  const isAnswered = followRequests();
  /** Everything up to ReadyForQuery belongs to one answer. */
  const readyAt = scanForReady();
  stream.removeAllListeners('data');
  stream.on('data', (chunk: Buffer) => {
    received.push(chunk);
    receivedBytes += chunk.length;
    if (receivedBytes < wanted) return;
    const all = Buffer.concat(received);
    const scan = readyAt(all);
    wanted = scan.wanted;
    received = [all];
    if (!scan.ready) return;
    received = [];
    receivedBytes = 0;
    wanted = 5;
    answer(all);
  });
  stream.on('close', () => onLost(new Error('the connection was lost while the schema was being dumped')));

  port.on('message', ({ bytes }: FrontendBytes) => {
    const message = Buffer.from(bytes);
    if (started) {
      // pg_dump says goodbye before it returns what it wrote. The connection ends then, and nothing is lost.
      if (message[0] === TERMINATE) stream.removeAllListeners('close');
      stream.write(message);
      if (!isAnswered(message)) answer(new Uint8Array());
      return;
    }
    const code = message.readInt32BE(4);
    if (code === SSL_REQUEST || code === GSSENC_REQUEST) answer(Buffer.from('N'));
    else if (code >>> 16 === PROTOCOL_3) {
      started = true;
      answer(welcome(greeting));
    } else onLost(new Error(`pg_dump began with an unknown request ${code}`));
  });
}

/** Follows the messages in a growing buffer and says when ReadyForQuery ends it, without reading any message twice. */
function scanForReady(): (all: Buffer) => { ready: boolean; wanted: number } {
  let at = 0;
  let ready = false;
  return (all) => {
    while (all.length >= at + 5) {
      const end = at + all.readInt32BE(at + 1) + 1;
      if (all.length < end) return { ready: false, wanted: end };
      if (all[at] === READY_FOR_QUERY) ready = true;
      at = end;
    }
    // A notice may follow right behind ReadyForQuery. It is passed on with the answer.
    if (!ready || at < all.length) return { ready: false, wanted: at + 5 };
    at = 0;
    ready = false;
    return { ready: true, wanted: 5 };
  };
}

/** AuthenticationOk, the settings, an unused cancellation key, ReadyForQuery. */
function welcome(greeting: ServerGreeting): Buffer {
  const settings = Object.entries(greeting).map(([name, value]) =>
    frame('S', Buffer.from(`${name}\0${value}\0`)),
  );
  return Buffer.concat([
    frame('R', Buffer.alloc(4)),
    ...settings,
    frame('K', Buffer.alloc(8)),
    frame('Z', Buffer.from('I')),
  ]);
}

function frame(type: string, body: Buffer): Buffer {
  const head = Buffer.alloc(5);
  head.write(type, 0, 'latin1');
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}
