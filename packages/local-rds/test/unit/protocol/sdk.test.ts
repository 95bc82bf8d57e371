import * as sdk from '@aws-sdk/client-rds';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Fault, type ModelledFault, wireFault } from '../../../protocol/fault.ts';
import { parseForm } from '../../../protocol/form.ts';
import { readInput } from '../../../protocol/read-input.ts';
import { writeAnswer, writeFault } from '../../../protocol/write-answer.ts';
import { sampleValue } from '../../support/sample-value.ts';
import { serviceModel } from '../../support/service-model.ts';
import { openWire, type Wire } from '../../support/wire.ts';

const model = await serviceModel();
let wire: Wire;

beforeAll(async () => {
  wire = await openWire();
});
afterAll(() => wire.stop());

type AnyCommand = new (input: unknown) => Parameters<typeof wire.client.send>[0];
const commandOf = (operation: string) =>
  (sdk as unknown as Record<string, AnyCommand>)[`${operation}Command`] as AnyCommand;

/** Those that the SDK has by the name of the model: all but none, as long as both are of one age. */
const operations = Object.keys(model.operations).filter((name) => commandOf(name) !== undefined);

describe('what the SDK and the service model say to each other', () => {
  test('is held for every action of the model', () => {
    expect(operations.length).toBe(Object.keys(model.operations).length);
  });

  test.each(operations)(
    '%s: the input arrives as it was sent, the output as it was written',
    async (name) => {
      const operation = model.operations[name];
      if (!operation) throw new Error(name);
      // A presigned URL is made by the SDK itself.
      const { PreSignedUrl: _made, ...input } = sampleValue(model, operation.input) as Record<
        string,
        unknown
      >;
      const output = operation.output && sampleValue(model, operation.output);
      const answer = writeAnswer(model, name, output, 'some-id');
      let received: unknown;
      const body = await wire.exchange(async () => {
        received = await wire.client.send(new (commandOf(name))(input));
      }, answer);
      const { PreSignedUrl: _, ...read } = readInput(model, name, parseForm(body)) as Record<string, unknown>;
      expect(read).toEqual(input);
      const { $metadata: _metadata, ...got } = received as { $metadata: unknown };
      expect(got).toEqual(output ?? {});
    },
  );

  test('is its typed class for every fault of the model', async () => {
    const faults = Object.entries(model.shapes).filter(([, shape]) => shape.exception);
    expect(faults.length).toBeGreaterThan(100);
    for (const [name, shape] of faults) {
      const answer = writeFault(model, new Fault(name as ModelledFault, 'A <reason> & more'), 'some-id');
      const sent = wire.exchange(() => wire.client.send(new sdk.DescribeDBInstancesCommand({})), answer);
      const error = await sent.catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf((sdk as unknown as Record<string, new () => Error>)[name]);
      expect(error).toMatchObject({
        message: 'A <reason> & more',
        $fault: 'client',
        $metadata: { httpStatusCode: shape.error?.httpStatusCode },
      });
    }
  });

  test('is a code for a fault that every action may answer', async () => {
    const answer = writeFault(model, new Fault('InvalidParameterValue', 'No.'), 'some-id');
    const sent = wire.exchange(() => wire.client.send(new sdk.DescribeDBInstancesCommand({})), answer);
    await expect(sent).rejects.toMatchObject({ name: 'InvalidParameterValue', message: 'No.' });
    expect(wireFault(model, 'InternalFailure')).toEqual({
      code: 'InternalFailure',
      status: 500,
      type: 'Receiver',
    });
  });
});
