import { CopyHandedOver, InstanceHandedOver } from '../../shared/handover/step-answers.ts';
import type { Account } from '../../shared/replay/account/account.ts';
import type { AnyEvidence } from '../../shared/run/evidence.ts';
import { count } from '../../shared/run/quantity.ts';
import { typed } from '../typed.ts';
import type { Workload } from '../workload.ts';
import type { Screen } from './screen.ts';
import { shown } from './shown.ts';

const HandedOver = InstanceHandedOver.or(CopyHandedOver);

/** A command to run next, and its purpose. */
export interface NextStep {
  readonly why: string;
  readonly command: string;
}

/** The next steps after a replay or a restore. */
export function nextSteps(
  { machine, outcome, subject, account, steps }: AnyEvidence,
  { planPath, stage, region }: Pick<Workload, 'planPath' | 'stage' | 'region'>,
): NextStep[] {
  if (machine === 'restore')
    return afterRestore(outcome, region, HandedOver.safeParse(steps.handOver).data?.secret);
  if (machine !== 'replay') return [];
  const which = [planPath, subject, '--stage', stage];
  const replay = typed('replay', ...which);
  if (outcome === 'dry-run') return [{ why: 'nothing was sent; to send', command: replay }];
  const quarantined = account?.quarantined ?? 0;
  const returned = account ? worthReplaying(account) : 0;
  return [
    ...(quarantined > 0
      ? [
          {
            why: `${count(quarantined, 'message')} in quarantine; to see why`,
            command: typed('replay', 'quarantine', 'list', ...which),
          },
        ]
      : []),
    ...(outcome !== 'replayed' || returned > 0
      ? [{ why: 'what is not delivered is in the queue; once the reason is gone', command: replay }]
      : []),
  ];
}

function afterRestore(outcome: string, region: string, secret: string | undefined): NextStep[] {
  if (outcome !== 'restored' || secret === undefined) return [];
  return [
    {
      why: 'the connection details, password included; give them to the application, then delete the secret',
      command: `aws secretsmanager get-secret-value --secret-id ${secret} --region ${region} --query SecretString --output text`,
    },
  ];
}

/** Messages returned to the queue for a reason other than the filter. */
function worthReplaying({ returned, reasons }: Account): number {
  return returned - (reasons.filtered ?? 0);
}

/** Shows the next steps. */
export function showNextSteps(screen: Screen, steps: readonly NextStep[]): void {
  for (const { why, command } of steps) {
    screen.aside();
    screen.aside(`  ${why}:`);
    screen.aside(shown`    ${screen.paint('cyan', command)}`);
  }
}
