import { describe, expect, it } from 'vitest';
import { nextSteps } from '../../../cli/render/next-step.ts';
import { EMPTY_ACCOUNT } from '../../../shared/replay/account/account.ts';
import type { AnyEvidence } from '../../../shared/run/evidence.ts';
import { replayed } from './replay-evidence.ts';

const where = { planPath: 'plans/mailblast.yml', stage: 'prod', region: 'us-east-1' };
const which = 'plans/mailblast.yml webhook-events --stage prod';
const commandsOf = (changed: Partial<AnyEvidence>) =>
  nextSteps({ ...replayed, ...changed }, where).map(({ command }) => command);

describe('the next step after a replay', () => {
  it('is none where everything is delivered', () => {
    const account = { ...EMPTY_ACCOUNT, received: 5, delivered: 5 };
    expect(commandsOf({ account })).toEqual([]);
  });

  it('is to look into quarantine where something is there', () => {
    const account = { ...EMPTY_ACCOUNT, received: 5, delivered: 3, quarantined: 2 };
    expect(commandsOf({ account })).toEqual([`npx lifeboat replay quarantine list ${which}`]);
  });

  it('is another replay where messages went back, or it stopped itself', () => {
    const account = { ...EMPTY_ACCOUNT, received: 5, returned: 5, reasons: { failed: 5 } };
    expect(commandsOf({ account })).toEqual([`npx lifeboat replay ${which}`]);
    expect(commandsOf({ outcome: 'stopped', account: EMPTY_ACCOUNT })).toEqual([
      `npx lifeboat replay ${which}`,
    ]);
  });

  it('is none for what the filter left in the queue on purpose', () => {
    const account = { ...EMPTY_ACCOUNT, received: 5, returned: 5, reasons: { filtered: 5 } };
    expect(commandsOf({ account })).toEqual([]);
  });

  it('is the replay itself after a dry run', () => {
    expect(commandsOf({ outcome: 'dry-run', account: null })).toEqual([`npx lifeboat replay ${which}`]);
  });

  it('is nothing that a backup could have', () => {
    expect(commandsOf({ machine: 'backup', outcome: 'failed', account: null })).toEqual([]);
  });
});
