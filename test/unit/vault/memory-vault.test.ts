import { describeVault } from '../../contract/vault.ts';
import { memoryVault } from './memory-vault.ts';

describeVault('the vault in memory', memoryVault);
