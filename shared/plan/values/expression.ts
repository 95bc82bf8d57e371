import {
  EmptyExpressionError,
  IncompleteExpressionError,
  JMESPathTypeError,
  LexerError,
  ParseError,
  search,
} from '@aws-lambda-powertools/jmespath';
import { LifeboatError } from '../../errors/lifeboat-error.ts';

/**
 * A parsed JMESPath expression. Evaluating it throws if a function receives an argument that it does not
 * accept.
 */
export type Expression = (document: unknown) => unknown;

/** The text is not a valid JMESPath expression. */
export class ExpressionInvalid extends LifeboatError {
  override readonly name = 'ExpressionInvalid';
  override readonly kind = 'usage';
  /** Where parsing stopped, counted from 1. */
  readonly column: number;

  constructor(expression: string, column: number, options?: ErrorOptions) {
    super(
      `not a JMESPath expression, from column ${column} on:\n  ${expression}\n  ${' '.repeat(column - 1)}^\n` +
        'Its language: https://jmespath.org/specification.html',
      options,
    );
    this.column = column;
  }
}

/**
 * Parses a JMESPath expression.
 *
 * @throws ExpressionInvalid with the column where parsing stopped
 */
export function parseExpression(text: string): Expression {
  try {
    search(text, null); // the library parses and evaluates in one step
  } catch (error) {
    const offset = offsetOf(error);
    if (offset !== undefined) throw new ExpressionInvalid(text, offset + 1, { cause: error });
    // All other errors concern the document, and there is no document yet.
    if (!(error instanceof JMESPathTypeError)) throw new ExpressionInvalid(text, 1, { cause: error });
  }
  return (document) => search(text, document as Parameters<typeof search>[1]);
}

function offsetOf(error: unknown): number | undefined {
  if (error instanceof EmptyExpressionError) return 0;
  if (error instanceof LexerError) return error.lexerPosition;
  if (error instanceof ParseError || error instanceof IncompleteExpressionError) return error.lexPosition;
  return undefined;
}
