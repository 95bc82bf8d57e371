import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type ParsedNode,
  parseAllDocuments,
  visit,
} from 'yaml';
import type { Mistake, Path } from './mistake.ts';

/** The text of a plan as YAML 1.2 (core schema), with a map from each value to its place. */
export interface PlanDocument {
  /** The value as written, unchecked. Undefined if the text is not YAML or is empty. */
  readonly value: unknown;
  /** Errors in the YAML itself. */
  readonly mistakes: readonly Mistake[];
  /** The place of a value, or of its key. If the value is missing, the place of the nearest key above it. */
  place(path: Path, part: 'key' | 'value'): { line: number; column: number };
}

/** Reads the YAML. Never throws: errors are in `mistakes`. */
export function readDocument(text: string): PlanDocument {
  const lines = countLines(text);
  const at = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return { line, column: col };
  };
  const wrong = (offset: number, expected: string): Mistake => ({
    kind: 'wrong value',
    path: '',
    ...at(offset),
    expected,
  });

  const documents = parseAllDocuments(text, {
    version: '1.2',
    schema: 'core',
    resolveKnownTags: false,
    prettyErrors: false,
  });
  const [document, ...others] = documents;
  const nowhere = () => ({ line: 1, column: 1 });
  if (!document?.contents)
    return { value: undefined, mistakes: [wrong(0, 'a plan; the file is empty')], place: nowhere };

  const syntax = [document, ...others].flatMap((each) => each.errors);
  const mistakes = [
    ...syntax.map((error) => wrong(error.pos[0], yamlPhrase(error.code, error.message))),
    ...document.warnings.map((warning) =>
      wrong(warning.pos[0], 'no custom tags: plain YAML 1.2 values only'),
    ),
    ...others.map((other) => wrong(other.range[0], 'one document, without a second one after ---')),
    ...pitfalls(document).map(({ offset, expected }) => wrong(offset, expected)),
  ];
  // After a broken line the parser guesses; mistakes in its guesses would not be the author's.
  if (syntax.some((error) => error.code !== 'DUPLICATE_KEY'))
    return { value: undefined, mistakes, place: nowhere };

  try {
    return { value: document.toJS(), mistakes, place: (path, part) => at(offsetOf(document, path, part)) };
  } catch (error) {
    // toJS refuses only one thing in a document without errors: aliases that expand too far, or to nothing.
    if (!(error instanceof ReferenceError)) throw error;
    const bomb = wrong(document.contents.range[0], 'aliases that unfold into a plan of a sane size');
    return { value: undefined, mistakes: mistakes.length > 0 ? mistakes : [bomb], place: nowhere };
  }
}

/** Computed here, because the parser skips line breaks within a scalar after a syntax error (yaml 2.9.1). */
function countLines(text: string): LineCounter {
  const lines = new LineCounter();
  lines.addNewLine(0);
  for (const { index } of text.matchAll(/\n/g)) lines.addNewLine(index + 1);
  return lines;
}

/** `yaml` quotes the text in some of its messages, but errors must not repeat a plan's text. */
function yamlPhrase(code: string, message: string): string {
  if (code === 'DUPLICATE_KEY') return 'each key once, found this one a second time';
  return `valid YAML: ${message.replace(/: ".*$/s, '')}`;
}

/** Constructs that YAML allows, but that would be lost or misread silently. */
function pitfalls(document: Document.Parsed): { offset: number; expected: string }[] {
  const found: { offset: number; expected: string }[] = [];
  const anchors = new Set<string>();
  visit(document, (key, node) => {
    if (isAlias(node) && !anchors.has(node.source)) {
      found.push({ offset: node.range?.[0] ?? 0, expected: `an anchor &${node.source} above its alias` });
    }
    if ((isScalar(node) || isMap(node) || isSeq(node)) && node.anchor) anchors.add(node.anchor);
    // JavaScript, and so zod, skips an entry of this name.
    if (key === 'key' && isScalar(node) && node.value === '__proto__') {
      found.push({ offset: node.range?.[0] ?? 0, expected: 'another key than __proto__' });
    }
  });
  return found;
}

function offsetOf(document: Document.Parsed, path: Path, part: 'key' | 'value'): number {
  let node: ParsedNode | null = document.contents;
  let key = node?.range[0] ?? 0;
  for (const step of path) {
    const collection: unknown = isAlias(node) ? node.resolve(document) : node;
    if (isMap<ParsedNode, ParsedNode | null>(collection)) {
      const pair = collection.items.find((item) => isScalar(item.key) && String(item.key.value) === step);
      if (!pair) return key;
      key = pair.key.range[0];
      node = pair.value;
    } else if (isSeq<ParsedNode>(collection) && typeof step === 'number') {
      node = collection.items[step] ?? null;
      key = node?.range[0] ?? key;
    } else {
      return key;
    }
  }
  const empty = node === null || (isScalar(node) && node.source === '');
  return part === 'key' || empty ? key : (node?.range[0] ?? key);
}
