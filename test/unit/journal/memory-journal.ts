import {
  type AnnouncementNote,
  type Journal,
  type JournalRecord,
  RecordMissing,
  type RecoveryPointRecord,
  recordKey,
  seriesKey,
} from '../../../shared/journal/journal.ts';

/** A journal that keeps its records in memory, for tests of what stands on it. */
export function memoryJournal(opened: readonly JournalRecord[] = []): Journal & {
  readonly records: ReadonlyMap<string, JournalRecord>;
  /** Keeps a note, as the state machine does. */
  keep(note: AnnouncementNote): Promise<void>;
} {
  const nameOf = (record: JournalRecord) =>
    recordKey(record.machine, { runId: record.runId, runStartedAt: record.startedAt });
  const records = new Map(opened.map((record) => [nameOf(record), record]));
  const announcements = new Map<string, string>();
  const beats = new Set<string>();
  const points = new Map<string, RecoveryPointRecord>();
  const existing = (name: string): JournalRecord => {
    const record = records.get(name);
    if (!record) throw new RecordMissing(name);
    return record;
  };
  return {
    records,
    async write(record) {
      records.set(nameOf(record), record);
    },
    async reportProgress(name, progress) {
      records.set(name, { ...existing(name), progress });
    },
    async close(name, outcome) {
      const { progress: _, ...record } = existing(name);
      const known = Object.entries(outcome).filter(([, value]) => value !== null);
      records.set(name, { ...record, ...Object.fromEntries(known) });
    },
    async recent(limit) {
      const newestFirst = [...records].sort(([a], [b]) => (a < b ? 1 : -1));
      return newestFirst.slice(0, limit).map(([, record]) => record);
    },
    async find(name) {
      return records.get(name) ?? null;
    },
    async noteRecoveryPoint(name, note) {
      const key = `${name.database}/${name.backup}/${name.recoveryPoint}`;
      points.set(key, {
        ...{ taken: null, verified: null, read: null, label: null },
        ...points.get(key),
        ...name,
        ...note,
      });
    },
    async recoveryPoints({ database, backup }, limit) {
      const newestFirst = [...points].sort(([a], [b]) => (a < b ? 1 : -1));
      return newestFirst
        .filter(([key]) => key.startsWith(`${database}/${backup}/`))
        .slice(0, limit)
        .map(([, point]) => point);
    },
    async noteHeartbeat(database, at) {
      beats.add(`${database}/${at.toISOString()}`);
    },
    async heartbeats(database, { from, to }) {
      const prefix = `${database}/`;
      return [...beats]
        .filter((beat) => beat.startsWith(prefix))
        .map((beat) => new Date(beat.slice(prefix.length)))
        .filter((at) => from <= at && at <= to)
        .sort((one, other) => other.getTime() - one.getTime());
    },
    async keep({ series, announced }) {
      announcements.set(series, announced);
    },
    async announced(series) {
      const kept = announcements.get(seriesKey(series));
      return kept === undefined ? null : JSON.parse(kept);
    },
  };
}
