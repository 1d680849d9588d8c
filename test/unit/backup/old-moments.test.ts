import { describe, expect, it } from 'vitest';
import { readManifest, sealOf, type Manifest, type ManifestTable } from '../../../electron/backup/manifest';
import { wholeChoice } from '../../../electron/backup/restore/choice';
import { oldMoments } from '../../../electron/backup/restore/old-moments';

const table = (name: string, over: Partial<ManifestTable> = {}): ManifestTable => ({
  database: 'shop', table: name, columns: [{ name: 'id', type: 'int' }, { name: 'ts', type: 'timestamp' }], stored: [], holdsRows: true, key: null, rows: 3, bytes: 1,
  content: null, files: [], ...over,
});
const computed = table('computed', { stored: [{ name: 'day', type: 'varchar' }] });
const manifest = (over: Partial<Manifest> = {}): Manifest => ({
  format: 'antipode-backup', version: 1, id: 'b', madeBy: 'x', server: { instanceId: '', name: '', uuid: '', version: '8.0.31', lowerCaseTableNames: 0 },
  startedAt: 0, endedAt: 0, gtidSet: '', lockedMs: 0, zone: '+05:30', scope: { kind: 'instance' }, encryption: null, databases: ['shop'], tables: [computed, table('plain')],
  programs: [], accounts: [], leftOut: [], files: [], seal: '', ...over,
});

describe('moments of a backup', () => {
  it('are refused where an earlier version wrote them in UTC and columns are computed from them elsewhere', () => {
    expect(oldMoments(manifest(), wholeChoice)?.error).toMatchObject({ code: 'backup-old-moments', params: { name: 'b', tables: 'shop.computed' } });
  });

  it.each<readonly [string, Partial<Manifest>]>([
    ['they are written in that zone', { momentsIn: 'zone' }], ['that zone is UTC', { zone: '+00:00' }], ['nothing is computed from them', { tables: [table('plain')] }],
    ['there are none', { tables: [{ ...computed, rows: 0 }] }],
  ])('are restored where %s', (_what, over) => {
    expect(oldMoments(manifest(over), wholeChoice)).toBeNull();
  });

  it('are restored where the tables in question are not chosen', () => {
    expect(oldMoments(manifest(), { ...wholeChoice, scope: { kind: 'partial', databases: [{ database: 'shop', tables: ['plain'] }] } })).toBeNull();
  });

  it('are sealed with what is said of them, and a seal of before holds', () => {
    const key = Buffer.alloc(32, 1);
    expect(sealOf(manifest({ momentsIn: 'zone' }), key)).not.toBe(sealOf(manifest(), key));
    expect(readManifest(JSON.stringify(manifest()))).not.toHaveProperty('manifest.momentsIn');
  });
});
