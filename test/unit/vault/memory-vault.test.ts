import { vaultContract } from '../../contract/vault.ts';
import { memoryVault } from './memory-vault.ts';

vaultContract('the vault in memory', memoryVault);
