import { deadLetterQueueContract } from '../../contract/dead-letter-queue.ts';
import { memoryQueue } from './memory-queue.ts';
import { virtualTimer } from './virtual-timer.ts';

deadLetterQueueContract('memory', async (kind) => {
  const { queue, send } = memoryQueue(virtualTimer(), [], { fifo: kind === 'fifo' });
  return { queue, send: async (message) => send(message) };
});
