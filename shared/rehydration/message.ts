/** A row of the plan's query that becomes a message. */
export interface Message {
  /** The same for the same row, whoever sends it and when: a message is sent once for each id. */
  readonly id: string;
  readonly body: string;
  /** Of a FIFO queue: messages of one group stay in their order. */
  readonly group: string | null;
}

/** The id of a row's message. Keys of two rehydrations are two. */
export function messageId(rehydration: string, key: string): string {
  return `${rehydration}#${key}`;
}
