import type { StorageChecks } from '../engine.ts';
import { storageChecks as postgres } from '../postgres/storage/storage-checks.ts';
import type { EngineName } from './engine-name.ts';

/** Opens what looks into a copy of a server's storage. */
export const openStorageChecks = (engine: EngineName): StorageChecks => ({ postgres })[engine];
