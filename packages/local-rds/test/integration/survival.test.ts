import { expect, test, vi } from 'vitest';
import { surviveOutages } from '../support/outages.ts';

/** A hundred on a machine that has time for them: RDS_OUTAGES=100. */
const rounds = Number(process.env.RDS_OUTAGES ?? 6);

vi.setConfig({ testTimeout: 60_000 + rounds * 20_000 });

test.runIf(process.platform === 'linux')(
  `a Region that is killed and comes back ${rounds} times under load loses nothing that it acknowledged`,
  async () => {
    const survival = await surviveOutages(rounds);
    expect(survival).toMatchObject({
      lost: [],
      snapshots: { damaged: [] },
      processesLeft: 0,
      interruptionsElsewhere: 0,
    });
    expect(survival.acknowledged).toBeGreaterThan(rounds * 80);
    expect(survival.snapshots.verified).toBeGreaterThan(0);
  },
);
