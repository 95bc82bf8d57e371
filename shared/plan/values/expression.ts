import {
  EmptyExpressionError,
  IncompleteExpressionError,
  JMESPathTypeError,
  LexerError,
  ParseError,
  search,
} from '@aws-lambda-powertools/jmespath';
import { LifeboatError } from '../../errors/lifeboat-error.ts';

/** A JMESPath expression that was read. Evaluating it throws where a function is given what it cannot take. */
export type Expression = (document: unknown) => unknown;

/** The text is no JMESPath expression. */
export class ExpressionInvalid extends LifeboatError {
  override readonly name = 'ExpressionInvalid';
  override readonly kind = 'usage';
  /** Where reading stopped, counted from 1. */
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
 * Reads a JMESPath expression.
 *
 * @throws ExpressionInvalid with the column where reading stopped
 */
export function parseExpression(text: string): Expression {
  try {
    search(text, null); // the library reads and evaluates in one step
  } catch (error) {
    const offset = offsetOf(error);
    if (offset !== undefined) throw new ExpressionInvalid(text, offset + 1, { cause: error });
    // Everything else is about the document, which there is none of yet.
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
