import { journalContract } from '../../contract/journal.ts';
import { memoryJournal } from './memory-journal.ts';

journalContract('memory', () => memoryJournal());
