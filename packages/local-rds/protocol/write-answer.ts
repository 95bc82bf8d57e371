import { XmlNode, XmlText } from '@aws-sdk/xml-builder';
import { type Fault, wireFault } from './fault.ts';
import type { Reference, ServiceModel } from './service-model.ts';

/** What goes back: status and XML. */
export interface Answer {
  readonly status: number;
  readonly body: string;
}

/** An action answered something that its model does not describe: a defect of the action. */
export class AnswerNotOfModel extends Error {
  override readonly name = 'AnswerNotOfModel';

  constructor(at: string, expected: string) {
    super(`The answer's ${at} is not what the service model describes; expected: ${expected}.`);
  }
}

/** The answer of an action, written from its output shape. */
export function writeAnswer(
  model: ServiceModel,
  operation: string,
  output: unknown,
  requestId: string,
): Answer {
  const { output: reference } = model.operations[operation] ?? {};
  const root = new XmlNode(`${operation}Response`).addAttribute('xmlns', model.metadata.xmlNamespace);
  if (reference) root.addChildNode(write(model, reference, output, reference.resultWrapper ?? operation));
  root.addChildNode(new XmlNode('ResponseMetadata').addChildNode(XmlNode.of('RequestId', requestId)));
  return { status: 200, body: document(root) };
}

/** A fault, with the code and status that the model gives it, by which an SDK finds its typed class. */
export function writeFault(model: ServiceModel, fault: Fault, requestId: string): Answer {
  const { code, status, type } = wireFault(model, fault.fault);
  const error = new XmlNode('Error')
    .addChildNode(XmlNode.of('Type', type))
    .addChildNode(XmlNode.of('Code', code))
    .addChildNode(XmlNode.of('Message', fault.message));
  const root = new XmlNode('ErrorResponse')
    .addAttribute('xmlns', model.metadata.xmlNamespace)
    .addChildNode(error)
    .addChildNode(XmlNode.of('RequestId', requestId));
  return { status, body: document(root) };
}

const document = (root: XmlNode) => `<?xml version="1.0" encoding="UTF-8"?>\n${root.toString()}\n`;

function write(model: ServiceModel, { shape: name }: Reference, value: unknown, as: string): XmlNode {
  const shape = model.shapes[name];
  const node = new XmlNode(as);
  switch (shape?.type) {
    case 'structure': {
      const members = shape.members ?? {};
      const given = isRecord(value) ? value : fail(as, 'a structure');
      for (const key of Object.keys(given)) if (!members[key]) fail(`${as}.${key}`, 'no such member');
      for (const [key, member] of Object.entries(members)) {
        if (given[key] !== undefined)
          node.addChildNode(write(model, member, given[key], member.locationName ?? key));
      }
      return node;
    }
    case 'list': {
      const member = shape.member as Reference;
      const items: unknown[] = Array.isArray(value) ? value : fail(as, 'a list');
      for (const item of items)
        node.addChildNode(write(model, member, item, member.locationName ?? 'member'));
      return node;
    }
    case 'map': {
      const given = isRecord(value) ? value : fail(as, 'a map');
      for (const [key, item] of Object.entries(given)) {
        const entry = new XmlNode('entry').addChildNode(XmlNode.of(shape.key?.locationName ?? 'key', key));
        const itemName = shape.value?.locationName ?? 'value';
        node.addChildNode(entry.addChildNode(write(model, shape.value as Reference, item, itemName)));
      }
      return node;
    }
    case 'boolean':
      return text(node, typeof value === 'boolean' ? String(value) : fail(as, 'a boolean'));
    case 'integer':
    case 'long':
      return text(node, Number.isSafeInteger(value) ? String(value) : fail(as, 'an integer'));
    case 'double':
      return text(node, typeof value === 'number' ? String(value) : fail(as, 'a number'));
    case 'timestamp':
      return text(node, value instanceof Date ? value.toISOString() : fail(as, 'a Date'));
    case 'string':
      return text(node, typeof value === 'string' ? value : fail(as, 'a text'));
    default:
      return fail(as, `the shape ${name}`);
  }
}

const text = (node: XmlNode, content: string) => node.addChildNode(new XmlText(content));

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);

function fail(at: string, expected: string): never {
  throw new AnswerNotOfModel(at, expected);
}
