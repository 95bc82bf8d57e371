import { connect, type Socket } from 'node:net';
import { Worker } from 'node:worker_threads';

/** A port that drops packets, as a subnet without a route does. */
export interface BlackHole {
  readonly url: string;
  close(): Promise<void>;
}

/** Listens with the shortest queue, and then never accepts: Linux drops what finds the queue full. */
const LISTEN_AND_BLOCK = `
  const { createServer } = require('node:net');
  const { parentPort } = require('node:worker_threads');
  const server = createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
    parentPort.postMessage(server.address().port);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  });`;

/** More than the queue holds. */
const FILLING = 8;

/** Opens a port on which no connection is ever made. */
export async function openBlackHole(): Promise<BlackHole> {
  const worker = new Worker(LISTEN_AND_BLOCK, { eval: true });
  const port = await new Promise<number>((resolve) => worker.once('message', resolve));
  const sockets: Socket[] = [];
  for (let count = 0; count < FILLING; count++)
    sockets.push(connect(port, '127.0.0.1').on('error', () => {}));
  await new Promise((resolve) => setTimeout(resolve, 100));
  return {
    url: `http://127.0.0.1:${port}`,
    async close() {
      for (const socket of sockets) socket.destroy();
      await worker.terminate();
    },
  };
}
