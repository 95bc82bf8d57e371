import type { Finding } from '../mistake.ts';
import { noDeadLetterQueue } from './queues.ts';
import { asMap, mapAt, namesAt, oneOfNames } from './raw-plan.ts';

export function rehydrationRules(raw: unknown): Finding[] {
  const databases = namesAt(raw, 'databases');
  return Object.entries(mapAt(raw, 'rehydrations') ?? {}).flatMap(([name, rehydration]) => {
    const path = ['rehydrations', name];
    const { database } = asMap(rehydration) ?? {};
    return [
      ...oneOfNames([...path, 'database'], 'a database of this plan', database, databases),
      ...noDeadLetterQueue([...path, 'into', 'queue'], mapAt(rehydration, 'into')?.queue, raw),
    ];
  });
}
