import type { Instance } from '../../state/things.ts';
import type { Service } from '../service.ts';
import { instanceFailed } from './instance.ts';

/** A backup from which nothing can be restored makes an instance `incompatible-restore`, anything else makes it `failed`. */
export function restoreFailed(service: Service, instance: Instance, error: Error): void {
  const damaged = error.name === 'BackupDamaged' || error.name === 'BackupNotFound';
  instanceFailed(service, instance, error, damaged ? 'incompatible-restore' : 'failed');
}
