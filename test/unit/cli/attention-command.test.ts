// What is said about watching, in the terminal: each problem that is named, and what is printed of it.
import { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { attentionCommands } from '../../../electron/cli/attention-commands';
import type { Run, Start } from '../../../electron/cli/run';
import { problemKey, type Problem } from '../../../shared/domain/fleet/problem';
import { translator } from '../../../shared/i18n/translate';

const word = { by: 'ann', since: 0, until: null, note: '' };
const problem = (code: Problem['code'], quiet: Problem['quiet'] = undefined, params: Problem['params'] = {}): Problem => ({ code, severity: 'warning', instanceId: 'a', params, quiet });
const ofTwo = ['i2', 'i3'].map((replicaId) => problem('retention-short', undefined, { replicaId }));

async function drive(words: readonly string[], changed: readonly string[] = [], more: readonly Problem[] = []) {
  const calls: unknown[] = [];
  const lines: string[] = [];
  const view = { instance: { id: 'a', attention: { acknowledged: more.map((one) => ({ key: problemKey(one) })) } }, paused: null, silenced: null, problems: [problem('lagging', { ...word, kind: 'acknowledged' }), problem('clock-skew'), problem('binlog-off', { ...word, kind: 'silenced' }), ...more] };
  const call = (method: string, input: unknown): Promise<unknown> => {
    calls.push([method, input]);
    return Promise.resolve([{ id: 'a', error: null, changed }]);
  };
  const run = {
    call, instance: (name: string) => ({ id: name, name }),
    engine: { fleet: { view: () => view, instances: () => [], snapshot: () => ({ instances: [], topology: { links: [] } }) } },
    out: {
      t: translator('en'), result: (_value: unknown, print: () => void) => print(), line: (text: string) => void lines.push(text), progress: () => undefined,
    },
  } as unknown as Run;
  const start: Start = (action) => async (...given) => void (await action(run, ...given));
  const instance = new Command('instance').exitOverride();
  attentionCommands(instance, start);
  await instance.parseAsync([...words], { from: 'user' });
  return { calls, lines };
}

describe('instance acknowledge', () => {
  it('--end ends each problem that is named', async () => {
    const { calls, lines } = await drive(['acknowledge', 'a', '--problem', 'lagging', 'clock-skew', '--end']);
    expect(calls).toEqual([['fleet.endAttention', { ids: ['a'], act: 'acknowledge', problems: ['lagging', 'clock-skew'] }]]);
    expect(lines).toEqual(['a: not acknowledged any more: lagging, clock-skew']);
  });

  it('--end alone ends all', async () => {
    const { calls, lines } = await drive(['acknowledge', 'a', '--end']);
    expect([calls, lines]).toEqual([[['fleet.endAttention', { ids: ['a'], act: 'acknowledge', problems: null }]], ['a: no problem is acknowledged any more']]);
  });

  it('a code means each problem that has it, a key the one', async () => {
    const keysOf = async (name: string): Promise<string[]> => {
      const [call] = (await drive(['acknowledge', 'a', '--problem', name], [], ofTwo)).calls as [string, { instances: { problems: { key: string }[] }[] }][];
      return call?.[1].instances[0]?.problems.map(({ key }) => key) ?? [];
    };
    expect(await keysOf('retention-short')).toEqual(['retention-short i2', 'retention-short i3']);
    expect(await keysOf('retention-short i3')).toEqual(['retention-short i3']);
    const { calls } = await drive(['acknowledge', 'a', '--problem', 'retention-short', '--end'], [], ofTwo);
    expect(calls).toMatchObject([['fleet.endAttention', { problems: ['retention-short', 'retention-short i2', 'retention-short i3'] }]]);
  });

  it('prints what is acknowledged, and in a dry run what would be', async () => {
    expect((await drive(['acknowledge', 'a'])).lines).toEqual(['a: acknowledged: lagging']);
    expect((await drive(['acknowledge', 'a', '--problem', 'clock-skew', '--dry-run'])).lines).toEqual(['would be done: a: acknowledged: lagging, clock-skew']);
  });

  it('hands over what it read just now, and names what became worse since', async () => {
    const { calls, lines } = await drive(['acknowledge', 'a', '--problem', 'clock-skew', '--note', 'x'], ['clock-skew']);
    const seen = { key: 'clock-skew', severity: 'warning', amount: null };
    expect(calls).toMatchObject([['fleet.acknowledge', { instances: [{ id: 'a', problems: [seen] }], until: null, note: 'x' }]]);
    expect(lines.at(-1)).toContain('clock-skew');
  });
});
