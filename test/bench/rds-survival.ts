import { surviveOutages } from '../integration/rds/support/outages.ts';
import { type Figure, median } from './figure.ts';

/**
 * A Region of the local RDS with three instances, killed and brought back under load so many times. Not a race against anything: what was
 * lost, damaged or left has to be none.
 */
export async function benchRdsSurvival({ rounds }: { rounds: number }): Promise<Figure[]> {
  const survival = await surviveOutages(rounds, (round) => {
    if (round % 10 === 0) process.stderr.write(`${round} of ${rounds} …\n`);
  });
  const { lost, snapshots, processesLeft, acknowledged, interruptionsElsewhere, secondsToComeBack } =
    survival;
  for (const what of [...lost, ...snapshots.damaged]) process.stderr.write(`${what}\n`);
  const figure = (what: string, ours: number): Figure => ({ what, ours, theirs: null, better: 'less' });
  return [
    figure('outages of a Region with three instances', rounds),
    figure('writes acknowledged', acknowledged),
    figure('acknowledged writes lost', lost.length),
    figure('snapshots found whole by their manifests', snapshots.verified),
    figure('snapshots damaged', snapshots.damaged.length),
    figure('snapshots failed, with the reason', snapshots.failed),
    figure('processes left', processesLeft),
    figure('interruptions of a writer in another Region', interruptionsElsewhere),
    figure('until all three are available, median seconds', median(secondsToComeBack)),
    figure('until all three are available, worst seconds', Math.max(...secondsToComeBack)),
  ];
}
