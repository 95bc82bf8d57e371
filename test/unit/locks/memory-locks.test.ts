import { describeLocks } from '../../contract/locks.ts';
import { memoryLocks } from './memory-locks.ts';

const store = new Map();

describeLocks('locks in memory', (clock) => memoryLocks(clock, store));
