import { describe, expect, it } from 'vitest';
import { nextCommands } from '../../../electron/cli/failback-text';
import { failbackStages, type FailbackStage } from '../../../shared/domain/promotion/failback/failback';

const of = (stage: FailbackStage, over: Partial<Parameters<typeof nextCommands>[0]> = {}): readonly string[] =>
  nextCommands({ stage, startedAt: 1, outcome: null, oldName: 'gz 1', taskId: null, isInterrupted: false, ...over });

describe('what a failback in the terminal leads on to', () => {
  it.each<[FailbackStage, readonly string[]]>([
    ['secure', ['failback go-on \'gz 1\' --confirm \'gz 1\' --wait']], ['rejoin', ['failback go-on \'gz 1\' --confirm \'gz 1\' --wait']], ['catch-up', ['failback status \'gz 1\'']],
    // The word is not there to be pasted with it.
    ['divergent', ['dossier \'gz 1\' --format md --out dossier.md', 'failback go-on \'gz 1\' --confirm \'gz 1\' --give-up-divergent WORD --wait']],
    ['verify', ['failback go-on \'gz 1\' --wait']], ['switch-back', ['failback switch-back \'gz 1\' --confirm \'gz 1\'']], ['verify-forward', ['failback go-on \'gz 1\' --wait']],
    ['away', []], ['unwatched', []], ['done', []],
  ])('%s', (stage, commands) => expect(of(stage)).toEqual(commands.map((one) => `antipode ${one}`)));

  it('goes on with, or takes back, what was interrupted: nothing else can be done before', () => {
    for (const stage of failbackStages) {
      expect(of(stage, { taskId: 'x', isInterrupted: true })).toEqual(['antipode recover x --resume', 'antipode recover x --undo']);
    }
  });

  it('nothing while it is at work or once it is over, and its beginning where it has none', () => {
    for (const stage of failbackStages) expect([...of(stage, { taskId: 'x' }), ...of(stage, { outcome: 'done' })]).toEqual([]);
    for (const over of [{ startedAt: null }, { outcome: 'cancelled' }] as const) {
      expect(of('secure', over)).toEqual(['antipode failback start \'gz 1\' --confirm \'gz 1\' --wait']);
      expect(of('away', over)).toEqual([]);
    }
  });
});
