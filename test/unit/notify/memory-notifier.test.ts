import { notifierContract } from '../../contract/notifier.ts';
import { memoryNotifier } from './memory-notifier.ts';

notifierContract(memoryNotifier, (lines) => lines.join('\n'));
