import { describeAction } from '../../contract/action.ts';
import { replicasInMemory, rolesInMemory } from './memory-world.ts';

describeAction('denying logins in memory', async () => rolesInMemory());
describeAction('promoting replicas in memory', async () => replicasInMemory());
