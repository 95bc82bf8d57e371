import { parseArgs } from 'node:util';
import { surviveOutages } from '../support/outages.ts';

/*
 * A Region with three instances, killed and brought back under load many times. There is no competitor to compare with: the counts
 * of what was lost, damaged or left must be zero.
 *
 *     npm run bench -w local-rds -- --rounds 100
 */

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '100' } } });
const rounds = Number(values.rounds);

const survival = await surviveOutages(rounds, (round) => {
  if (round % 10 === 0) process.stderr.write(`${round} of ${rounds} …\n`);
});
const { lost, snapshots, processesLeft, acknowledged, interruptionsElsewhere, secondsToComeBack } = survival;
for (const what of [...lost, ...snapshots.damaged]) process.stderr.write(`${what}\n`);
console.table({
  'outages of a Region with three instances': rounds,
  'writes acknowledged': acknowledged,
  'acknowledged writes lost': lost.length,
  'snapshots found whole by their manifests': snapshots.verified,
  'snapshots damaged': snapshots.damaged.length,
  'snapshots failed, with the reason': snapshots.failed,
  'processes left': processesLeft,
  'interruptions of a writer in another Region': interruptionsElsewhere,
  'until all three are available, median seconds': secondsToComeBack.toSorted((a, b) => a - b)[
    secondsToComeBack.length >> 1
  ],
  'until all three are available, worst seconds': Math.max(...secondsToComeBack),
});
