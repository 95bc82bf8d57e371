import { readdir, readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { planJsonSchema } from '../../../shared/plan/json-schema.ts';
import { loadPlan } from '../../../shared/plan/load.ts';
import { longestGapOf } from '../../../shared/plan/promises.ts';
import { formatDuration } from '../../../shared/plan/values/duration.ts';

const plans = new URL('../../../plans/', import.meta.url);
const files = (await readdir(plans)).filter((file) => file.endsWith('.yml'));

describe('the plans of this repository', () => {
  it('include those of four documents', () => {
    expect(files.sort()).toEqual(
      ['healing-guard.yml', 'marimo-erp.yml', 'mailblast.yml', 'mgx-ai.yml'].sort(),
    );
  });

  it.each([
    ['mgx-ai', '15m', '1h', { full: ['1d', '30d'], hourly: ['1h', '30d'], 'point-in-time': ['5m', '30d'] }],
    ['healing-guard', '5m', '15m', { hourly: ['1h', '30d'], 'point-in-time': ['5m', '35d'] }],
  ])('%s has the objectives and the backups of its document', async (name, rpo, rto, backups) => {
    const { objectives, databases } = await loadPlan(new URL(`${name}.yml`, plans).pathname);
    expect([formatDuration(objectives.rpo ?? 0), formatDuration(objectives.rto)]).toEqual([rpo, rto]);
    const planned = Object.entries(databases.main?.backups ?? {}).map(([name, backup]) => [
      name,
      [formatDuration(longestGapOf(backup) ?? 0), formatDuration(backup.retention)],
    ]);
    expect(Object.fromEntries(planned)).toMatchObject(backups);
  });

  it.each(files)('%s loads, and is named after its workload', async (file) => {
    const plan = await loadPlan(new URL(file, plans).pathname);
    expect(`${plan.workload}.yml`).toBe(file);
  });

  it.each(files)('%s tells editors its schema', async (file) => {
    const text = await readFile(new URL(file, plans), 'utf8');
    expect(text.split('\n')[0]).toBe('# yaml-language-server: $schema=../shared/plan/plan.schema.json');
  });
});

describe('plan.schema.json', () => {
  it('is what npm run plan:schema writes', async () => {
    const written = await readFile(new URL('../shared/plan/plan.schema.json', plans), 'utf8');
    expect(written).toBe(planJsonSchema());
  });

  it('has an id and titles, names JMESPath, and says in words what a text must look like', () => {
    const text = planJsonSchema();
    const schema = JSON.parse(text);
    expect(schema).toMatchObject({ $id: 'urn:lifeboat:plan', title: 'Lifeboat recovery plan' });
    expect(schema.properties.restoreTests.title).toBe('Restore tests');
    const replay = schema.properties.replays.additionalProperties.properties;
    expect([replay.filter.title, replay.key.title]).toEqual(['Filter', 'Key']);
    expect(schema.properties.workload.patternErrorMessage).toMatch(
      /^Expected a name of at most 31 lower-case/,
    );
    expect(text.match(/"pattern":/g)?.length ?? 0).toBeGreaterThan(50);
    expect(patternsWithoutWords(schema)).toEqual([]);
    expect(text).toContain('A JMESPath expression: https://jmespath.org');
    expect(text).not.toContain('"jmespath"');
  });

  it('explains every key', () => {
    expect(keysWithoutDescription(JSON.parse(planJsonSchema()), '')).toEqual([]);
  });

  it('shows how durations and schedules are written, and asks for no more than parsePlan does', () => {
    const { properties } = JSON.parse(planJsonSchema());
    const database = properties.databases.additionalProperties;
    const [logical, ...others] = database.properties.backups.additionalProperties.anyOf;
    expect(logical.properties.retention).toMatchObject({
      type: 'string',
      examples: expect.arrayContaining(['30d']),
    });
    expect(logical.properties.schedule.examples).toContain('cron(0 2 * * ? *)');
    expect(logical.required).toEqual(['logical', 'schedule', 'retention']);
    expect(others.map(({ required }: { required: string[] }) => required[0])).toEqual([
      'pointInTime',
      'schema',
      'rdsSnapshot',
    ]);
    const [pointInTime, schema, rdsSnapshot] = others;
    expect(schema.required).toContain('takenBy');
    expect(pointInTime.required).toEqual(['pointInTime', 'schedule', 'retention']);
    expect(rdsSnapshot.required).toEqual(['rdsSnapshot', 'schedule', 'retention']);
    expect(database.properties.postgres.required).not.toContain('network');
    expect(properties.restoreTests.additionalProperties.required).not.toContain('afterRestore');
  });

  it('asks of a queue for no more than parsePlan does, and shows each kind of target', () => {
    const queue = JSON.parse(planJsonSchema()).properties.replays.additionalProperties;
    expect(queue.required).toEqual(['deadLetters', 'target', 'scenario']);
    expect(queue.properties).toMatchObject({ key: { type: 'string' }, filter: { type: 'string' } });
    expect(queue.properties.pace.properties.rate).toMatchObject({ type: 'number', default: 200 });
    expect(queue.properties.target.anyOf.map(({ required }: { required: string[] }) => required)).toEqual([
      ['webhook'],
      ['queue'],
      ['topic'],
      ['function'],
    ]);
  });
});

interface JsonSchema {
  description?: string;
  properties?: Record<string, JsonSchema>;
  additionalProperties?: JsonSchema | false;
  items?: JsonSchema;
  anyOf?: JsonSchema[];
}

function keysWithoutDescription(schema: JsonSchema, path: string): string[] {
  const { properties = {}, additionalProperties, items, anyOf = [] } = schema;
  const inside = [additionalProperties, items, ...anyOf].filter(
    (each) => each !== undefined && each !== false,
  );
  return [
    ...Object.entries(properties).flatMap(([key, value]) => [
      ...(value.description ? [] : [`${path}.${key}`]),
      ...keysWithoutDescription(value, `${path}.${key}`),
    ]),
    ...inside.flatMap((each) => keysWithoutDescription(each, `${path}.*`)),
  ];
}

/** Patterns that an editor would show as they are. Those of a map's keys have no place for words. */
function patternsWithoutWords(schema: unknown): unknown[] {
  if (typeof schema !== 'object' || schema === null) return [];
  const { pattern, patternErrorMessage, propertyNames, ...others } = schema as Record<string, unknown>;
  const own = typeof pattern === 'string' && patternErrorMessage === undefined ? [pattern] : [];
  return [...own, ...Object.values(others).flatMap(patternsWithoutWords)];
}
