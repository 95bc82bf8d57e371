import { ledgerContract } from '../../contract/ledger.ts';
import { memoryLedger } from './memory-ledger.ts';

ledgerContract('memory', (clock) => memoryLedger(clock).ledgerOf);
