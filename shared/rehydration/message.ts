/** A row of the plan's query that becomes a message. */
export interface Message {
  /** The same row always has the same id, in every attempt. Each id is sent once. */
  readonly id: string;
  readonly body: string;
  /** For a FIFO queue: messages of one group stay in order. */
  readonly group: string | null;
}

/** The id of a row's message. Equal keys of two rehydrations get different ids. */
export function messageId(rehydration: string, key: string): string {
  return `${rehydration}#${key}`;
}
