import type { Authorize } from 'local-rds/authorize';
import { Fault } from 'local-rds/fault';
import type { Callers } from './callers.ts';
import { contextOf } from './context.ts';
import { evaluate } from './evaluate.ts';
import type { IdentityPolicies } from './identity-policies.ts';

/**
 * Authorizes callers by their identity policies, with AWS's messages. An account's root user may do everything. If a
 * decision is impossible, this service fails with InternalFailure and the reason.
 */
export function authorizeByPolicies(callers: Callers, policies: IdentityPolicies): Authorize {
  return async (request) => {
    const caller = await callers.find(request.accessKey);
    if (!caller) return { allowed: false, reason: 'because its access key is unknown' };
    if (caller.identity.kind === 'root') return { allowed: true };
    if (caller.limitedBy !== undefined)
      throw undecided(`${caller.arn} is limited by ${caller.limitedBy}, which is not evaluated here.`);
    const { action, resource } = request;
    const verdict = await policies
      .of(caller)
      .then((found) => evaluate(found, { action, resource, context: contextOf(request, caller) }))
      .catch((error: Error) => {
        throw undecided(error.message, error);
      });
    if (verdict.decision === 'allowed') return { allowed: true };
    const reason =
      verdict.decision === 'implicitly denied'
        ? `because no identity-based policy allows the ${action} action`
        : `with an explicit deny in an identity-based policy: ${verdict.policy}`;
    return { allowed: false, caller: caller.arn, reason };
  };
}

function undecided(why: string, cause?: Error): Fault {
  return new Fault('InternalFailure', `It cannot be decided whether this is allowed. ${why}`, { cause });
}
