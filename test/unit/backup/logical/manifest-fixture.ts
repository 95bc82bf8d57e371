import type { Manifest } from '../../../../shared/backup/logical/manifest.ts';
import type { RecoveryPointPlace } from '../../../../shared/backup/place.ts';

export const place: RecoveryPointPlace = {
  database: 'main',
  backup: 'full',
  id: '20261005T020000Z-1f2e3d4c-a1b2c3d4',
};

const content = `recovery-points/main/full/${place.id}/`;

/** A complete recovery point of two tables, one of them in two parts. A test states only what differs. */
export const manifest: Manifest = {
  format: 'lifeboat-logical-2',
  recoveryPoint: place.id,
  workload: 'mailblast',
  database: 'main',
  backup: 'full',
  runId: 'nightly-20261005',
  label: null,
  planVersion: '0123456789ab',
  snapshotAt: '2026-10-05T02:00:01.250Z',
  completedAt: '2026-10-05T02:01:12.000Z',
  lockedUntil: '2026-11-04T02:00:01.250Z',
  heartbeatAt: '2026-10-05T01:59:30.000Z',
  source: {
    serverVersion: 180004,
    serverVersionText: '18.4',
    encoding: 'UTF8',
    localeProvider: 'libc',
    collate: 'C.UTF-8',
    ctype: 'C.UTF-8',
    locale: null,
    icuRules: null,
    extensions: [{ name: 'plpgsql', version: '1.0' }],
    settings: { DateStyle: 'ISO, MDY' },
  },
  schema: {
    fingerprint: 'a'.repeat(64),
    archive: {
      key: `${content}schema/schema.dump`,
      versionId: 'v1',
      bytes: 900,
      sha256: 'b'.repeat(64),
    },
    roles: [],
    invalidIndexes: [],
    fragileConstraints: [],
    notCarried: [],
  },
  tables: [
    {
      schema: 'public',
      name: 'contacts',
      columns: ['id', 'email'],
      format: 'binary',
      loaded: 'together',
      through: null,
      extension: null,
      rows: '3',
      content: '-12345678901234567890123',
      parts: [
        {
          part: 0,
          key: `${content}rows/0/0.lbk`,
          versionId: 'v3',
          rows: 2,
          rawBytes: 40,
          bytes: 120,
          sha256: 'd'.repeat(64),
        },
        {
          part: 1,
          key: `${content}rows/0/1.lbk`,
          versionId: 'v4',
          rows: 1,
          rawBytes: 20,
          bytes: 110,
          sha256: 'e'.repeat(64),
        },
      ],
    },
    {
      schema: 'lifeboat',
      name: 'heartbeat',
      columns: ['workload', 'beat_at'],
      format: 'binary',
      loaded: 'together',
      through: null,
      extension: null,
      rows: '1',
      content: '77',
      parts: [
        {
          part: 0,
          key: `${content}rows/1/0.lbk`,
          versionId: 'v5',
          rows: 1,
          rawBytes: 30,
          bytes: 115,
          sha256: 'f'.repeat(64),
        },
      ],
    },
  ],
  sequences: [{ schema: 'public', name: 'contacts_id_seq', lastValue: '3', isCalled: true }],
};
