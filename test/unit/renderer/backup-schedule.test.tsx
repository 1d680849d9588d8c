// @vitest-environment happy-dom
// The schedule of an instance's backups in the window.
import { fireEvent, screen, waitFor, within } from '@testing-library/react';
import { expect, it, vi } from 'vitest';
import { openInstance } from '../../../renderer/stores/ui';
import type { ScheduleView } from '../../../shared/domain/schedules/schedule';
import { failure } from '../../../shared/errors/codes';
import { fresh, now, open, sent, type Handlers } from '../../fixtures/backup-window';
import { violations, windowForEachTest } from '../../fixtures/renderer-window';

vi.setConfig({ testTimeout: 60_000 });
windowForEachTest();

const daily: ScheduleView = {
  id: 's-1', kind: 'backup', subject: 'orders-gz', pattern: '0 3 * * *', timeZone: 'local', enabled: true, catchUp: false, createdAt: now, lastRunAt: now - 60_000,
  lastTaskId: 't', lastOutcome: { kind: 'started', at: now - 60_000, dueAt: now - 60_000, taskId: 't' }, missed: { count: 2, since: now - 90_000_000 }, name: 'orders-gz',
  instanceIds: ['orders-gz'], zone: 'UTC', nextRunAt: now + 3_600_000, rests: false, lastTask: { state: 'failed', error: null },
};

async function openSchedule(handlers: Handlers = {}) {
  const bridge = await open([fresh], handlers);
  openInstance('orders-gz', 'backups');
  const group = await screen.findByRole('radiogroup', { name: 'Automatic backup' });
  const pick = (choice: string) => fireEvent.click(within(group).getByRole('radio', { name: choice }));
  return { bridge, pick, save: () => screen.getByRole<HTMLButtonElement>('button', { name: 'Save schedule' }) };
}
const secrets = (tier: 'keyring' | 'session') => ({ tier, keyringAvailable: tier === 'keyring', locked: false, broken: false });
const field = (name: string): HTMLInputElement => screen.getByRole<HTMLInputElement>('textbox', { name });

it('is off at first; set, it says what is kept and orders both', async () => {
  const { bridge, pick, save } = await openSchedule({
    'secrets.status': () => secrets('keyring'), 'backup.setPolicy': (policy) => policy, 'schedules.save': () => daily,
  });
  expect(save().disabled).toBe(true);
  expect(screen.queryByRole('checkbox', { name: 'Encrypt it with a passphrase' })).toBeNull();
  pick('Daily');
  expect(screen.getByText(/The schedule keeps the newest 14\..*never the newest good one, nor the newest proven one\.$/)).toBeTruthy();
  expect(screen.getByText(/Without it, who has the files has the data/)).toBeTruthy();
  fireEvent.change(field('Keep the newest'), { target: { value: '7' } });
  fireEvent.change(field('Keep, in days'), { target: { value: '30' } });
  expect(screen.getByText(/The schedule keeps the newest 7, and those younger than 30 days\./)).toBeTruthy();
  expect(await violations()).toEqual([]);
  fireEvent.click(save());
  await waitFor(() => expect(sent(bridge, 'schedules.save')).toEqual([
    { id: null, kind: 'backup', subject: 'orders-gz', pattern: '0 3 * * *', timeZone: 'local', enabled: true, catchUp: false },
  ]));
  expect(sent(bridge, 'backup.setPolicy')).toEqual([{ instanceId: 'orders-gz', place: null, keepCount: 7, keepDays: 30, encrypted: false, proveDays: null, passphrase: null }]);
});

it('leaves the policy alone where only the times change, and the times where the policy is refused', async () => {
  const { bridge, pick, save } = await openSchedule({ 'backup.setPolicy': () => { throw failure('not-found', { kind: 'place', name: '/x' }); }, 'schedules.save': () => daily });
  pick('Hourly');
  fireEvent.click(save());
  await waitFor(() => expect(sent(bridge, 'schedules.save')).toHaveLength(1));
  expect(sent(bridge, 'backup.setPolicy')).toEqual([]);
  fireEvent.change(field('Keep the newest'), { target: { value: '' } });
  expect(screen.getByText(/The schedule keeps all of them\./)).toBeTruthy();
  fireEvent.click(save());
  expect(await screen.findByRole('alert')).toBeTruthy();
  expect(sent(bridge, 'backup.setPolicy')).toEqual([{ instanceId: 'orders-gz', place: null, keepCount: null, keepDays: null, encrypted: false, proveDays: null, passphrase: null }]);
  expect(sent(bridge, 'schedules.save')).toHaveLength(1);
});

it('tells how it stands: the next run, how the last one went, and what was missed', async () => {
  await openSchedule({ 'schedules.list': () => [daily] });
  const section = screen.getByRole('heading', { name: 'Schedule' }).closest('section');
  expect(section?.textContent).toContain('daily at 03:00 (UTC)');
  expect(section?.textContent).toMatch(/failed.*2 runs since/);
  expect(await violations()).toEqual([]);
});

const encrypt = (): HTMLInputElement => screen.getByRole<HTMLInputElement>('checkbox', { name: 'Encrypt it with a passphrase' });
const typed = (label: string, value: string) => fireEvent.change(screen.getByLabelText(label), { target: { value } });

it('encrypts with a passphrase that is typed twice and sent once; later only another one is asked for', async () => {
  const { bridge, pick, save } = await openSchedule({
    'secrets.status': () => secrets('keyring'), 'schedules.save': () => daily, 'backup.setPolicy': ({ passphrase: _, ...policy }) => policy,
  });
  pick('Daily');
  fireEvent.click(encrypt());
  expect(save().disabled).toBe(true);
  typed('Passphrase', 'correct horse');
  typed('Passphrase again', 'correct hors');
  expect(save().disabled).toBe(true);
  typed('Passphrase again', 'correct horse');
  fireEvent.change(field('Prove a new one after so many days without a proof'), { target: { value: '7' } });
  expect(await violations()).toEqual([]);
  fireEvent.click(save());
  await waitFor(() => expect(sent(bridge, 'schedules.save')).toHaveLength(1));
  expect(sent(bridge, 'backup.setPolicy')).toMatchObject([{ encrypted: true, proveDays: 7, passphrase: 'correct horse' }]);
  await waitFor(() => expect(screen.queryByLabelText('Passphrase')).toBeNull());
  expect(screen.getByText(/The passphrase is kept with the passwords/)).toBeTruthy();
  fireEvent.change(field('Keep the newest'), { target: { value: '3' } });
  fireEvent.click(save());
  await waitFor(() => expect(sent(bridge, 'backup.setPolicy')).toHaveLength(2));
  expect(sent(bridge, 'backup.setPolicy')[1]).toMatchObject({ encrypted: true, keepCount: 3, passphrase: null });
  fireEvent.click(await screen.findByRole('button', { name: 'Another passphrase…' }));
  expect(screen.getByLabelText('Passphrase')).toBeTruthy();
});

it('sets no passphrase where secrets are kept nowhere, and says what to do', async () => {
  const { pick } = await openSchedule({ 'secrets.status': () => secrets('session') });
  pick('Daily');
  await screen.findByText(/This workstation keeps secrets nowhere/);
  expect(encrypt().disabled).toBe(true);
});

it('takes no choice before it is known what is set: it would be lost when that arrives', async () => {
  let tell: (() => void) | undefined;
  const told = new Promise<void>((resolve) => { tell = resolve; });
  await open([fresh], { 'schedules.list': async () => { await told; return [daily]; } });
  openInstance('orders-gz', 'backups');
  expect(await screen.findByText('Reading what is kept…')).toBeTruthy();
  expect(screen.queryByRole('radiogroup', { name: 'Automatic backup' })).toBeNull();
  tell?.();
  const group = await screen.findByRole('radiogroup', { name: 'Automatic backup' });
  expect(within(group).getByRole<HTMLInputElement>('radio', { name: 'Daily' }).checked).toBe(true);
});

it('says that what is set could not be read, and reads it again', async () => {
  let isBroken = true;
  await open([fresh], { 'schedules.list': () => {
    if (isBroken) throw failure('internal', { detail: 'made up' });
    return [daily];
  } });
  openInstance('orders-gz', 'backups');
  const again = await screen.findByRole('button', { name: 'Try again' });
  expect(screen.queryByRole('radiogroup', { name: 'Automatic backup' })).toBeNull();
  isBroken = false;
  fireEvent.click(again);
  expect(await screen.findByRole('radiogroup', { name: 'Automatic backup' })).toBeTruthy();
});
