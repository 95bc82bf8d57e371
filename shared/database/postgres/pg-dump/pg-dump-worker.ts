import path from 'node:path';
import { type MessagePort, parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { pgDump } from '@electric-sql/pglite-tools/pg_dump';
import { ownWords } from './own-words.ts';
import { followWrites } from './written-file.ts';

/**
 * The thread in which pg_dump runs. pg_dump is synchronous C: for each request it posts the bytes to the thread that holds
 * the connection, and sleeps until the answer is there.
 */
const { port, woken, args } = workerData as { port: MessagePort; woken: Int32Array; args: string[] };

const server = {
  query: async () => ({ rows: [{ search_path: '' }] }),
  exec: async () => {},
  execProtocolRawStream(bytes: Uint8Array, { onRawData }: { onRawData: (data: Uint8Array) => void }): void {
    Atomics.store(woken, 0, 0);
    // A copy, because the bytes are in WebAssembly memory, which cannot be posted.
    port.postMessage({ bytes: bytes.slice() });
    Atomics.wait(woken, 0, 0);
    const answer = receiveMessageOnPort(port)?.message as Uint8Array | undefined;
    if (answer && answer.length > 0) onRawData(answer);
  },
};

const written = followWrites();
try {
  // The package's type asks for a whole PGlite; it calls these three methods.
  await pgDump({ pg: server as never, args });
  parentPort?.postMessage({ archive: written.bytes() });
} catch (error) {
  const said = error instanceof Error ? error.message : String(error);
  parentPort?.postMessage({ failure: ownWords(said, path.basename(process.argv[1] ?? '')) });
}
