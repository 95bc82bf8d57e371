import { classifyServiceError, wordsOf } from '../../aws/service-error.ts';
import type { Requested } from '../../backup/rds-request.ts';
import { InstanceKeyUnusable, InstanceRefused, OriginMissing } from './instance-errors.ts';

/** What RDS says when it has no room for one more instance now. */
const QUEUED = /^(?:InstanceQuotaExceeded|StorageQuotaExceeded|InsufficientDBInstanceCapacity)/;

/** Something that an instance needs is missing, or does not fit it. */
const REFUSED =
  /^(?:DBParameterGroupNotFound|DBSubnetGroupNotFound|OptionGroupNotFound|DBSubnetGroupDoesNotCoverEnoughAZs|InvalidSubnet|InvalidVPCNetworkState|InvalidParameterValue|InvalidParameterCombination|StorageTypeNotSupported|DBSecurityGroupNotFound|CertificateNotFound)/;

/**
 * Sends a request about an instance, and tells what passes by itself from what does not.
 *
 * @throws OriginMissing, InstanceRefused, InstanceKeyUnusable
 */
export async function askRds(region: string, request: () => Promise<unknown>): Promise<Requested> {
  try {
    await request();
    return { kind: 'begun' };
  } catch (error) {
    const name = error instanceof Error ? error.name : '';
    const refused = (because: string): Requested => ({
      kind: 'refused',
      because: `${region}: ${because}: ${wordsOf(error)}`,
    });
    // The next look tells whose it is.
    if (/^DBInstanceAlreadyExists/.test(name)) return { kind: 'begun' };
    if (QUEUED.test(name)) return refused('queued, because a quota is reached');
    if (/^InvalidDB(?:Instance|Snapshot)State/.test(name)) return refused('RDS is not ready for it');
    if (/^KMSKeyNotAccessible/.test(name))
      throw new InstanceKeyUnusable(`a KMS key cannot be used in ${region}: ${wordsOf(error)}`, {
        hint: 'enable the key of the recovery point, and let the role of the function use it',
      });
    if (
      /^(?:DB(?:Snapshot|ClusterSnapshot|Instance|InstanceAutomatedBackup)NotFound|PointInTimeRestoreNotEnabled)/.test(
        name,
      )
    )
      throw new OriginMissing(`${region} does not have what is to be restored: ${wordsOf(error)}`, {
        hint: 'somebody deleted it, or switched automated backups off; choose another recovery point',
      });
    if (REFUSED.test(name))
      throw new InstanceRefused(`RDS refuses the instance in ${region}: ${wordsOf(error)}`, {
        hint: 'correct "into" in the plan, or create what is missing',
      });
    const kind = classifyServiceError(error);
    if (kind === 'throttled') return refused('queued, because RDS throttles');
    // What was asked for may have begun: the next look tells.
    if (kind === 'unavailable' || kind === 'unreachable') return refused('RDS did not respond');
    throw error;
  }
}
