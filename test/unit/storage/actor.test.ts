import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import os, { hostname, tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it, vi } from 'vitest';
import { actor, actorName, processExists } from '../../../electron/storage/actor';
import { openAuditLog } from '../../../electron/storage/audit';
import { describeOwner, newOwner, retireOwner } from '../../../electron/tasks/owner';

afterEach(() => vi.restoreAllMocks());

/** What is told of the operator by the audit log and by the journals of tasks. */
function told(): { audit: string; owner: string } {
  const folder = mkdtempSync(join(tmpdir(), 'antipode-actor-'));
  const owner = newOwner();
  try {
    const log = openAuditLog({ dataFolder: folder, front: 'terminal' });
    log.append({ action: 'test', target: 't', outcome: 'done', detail: {} });
    return { audit: log.list(1)[0]?.actor ?? '', owner: describeOwner(owner) };
  } finally {
    retireOwner(owner);
    rmSync(folder, { recursive: true });
  }
}

it('is the account and the workstation, the same wherever it is told', () => {
  const name = `${userInfo().username}@${hostname()}`;
  expect(actorName()).toBe(name);
  expect(told()).toEqual({ audit: name, owner: `${name} (pid ${process.pid})` });
  expect(actorName({ user: 'alice', host: 'ws-2' })).toBe('alice@ws-2');
});

it('is told by number where the account has no name, in the same words everywhere', () => {
  vi.spyOn(os, 'userInfo').mockImplementation(() => {
    throw new Error('ENOENT');
  });
  const user = `uid-${process.getuid?.() ?? 'unknown'}`;
  expect(actor()).toEqual({ user, host: hostname() });
  expect(told()).toEqual({ audit: `${user}@${hostname()}`, owner: `${user}@${hostname()} (pid ${process.pid})` });
});

it('knows a process that lives from one that has ended', () => {
  expect(processExists(process.ppid)).toBe(true);
  expect(processExists(spawnSync(process.execPath, ['-e', '']).pid)).toBe(false);
});
