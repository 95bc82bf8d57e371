import { memoryVault } from './memory-vault.ts';
import { vaultContract } from './vault-contract.ts';

vaultContract('the vault in memory', memoryVault);
