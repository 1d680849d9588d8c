import { describe, expect, it } from 'vitest';
import { commandAlone, readArguments, vitestArguments, type TestRequest } from '../../../scripts/lib/test/arguments.mjs';

const testFiles = [
  'test/unit/lag.test.ts', 'test/unit/renderer-shell.test.tsx', 'test/contract/router.test.ts', 'test/integration/lag.test.ts', 'test/e2e/look.test.ts',
];
const read = (...given: string[]): TestRequest => readArguments(given, { testFiles, checkout: '/checkout/here', randomSeed: () => 77 });

describe('the arguments of npm test', () => {
  it('without any: everything', () => {
    expect(read()).toEqual({
      parts: ['lint', 'typecheck', 'unit', 'contract', 'integration', 'faults', 'e2e'], files: [], further: [], busy: false, seed: null, minutes: null, whole: true,
    });
  });

  it('parts are run in the order of the run, whatever the order they are named in', () => {
    expect(read('unit', 'lint')).toMatchObject({ parts: ['lint', 'unit'], whole: false });
  });

  it('a file restricts the run to the projects that hold it', () => {
    expect(read('test/unit/lag.test.ts')).toMatchObject({ parts: ['unit'], files: ['test/unit/lag.test.ts'], whole: false });
    expect(read('./test/e2e/look.test.ts')).toMatchObject({ parts: ['e2e'], files: ['test/e2e/look.test.ts'] });
    expect(read('/checkout/here/test/contract/router.test.ts')).toMatchObject({ parts: ['contract'], files: ['test/contract/router.test.ts'] });
  });

  it('a part of a path stands for every file that has it, a line for a test in the file', () => {
    expect(read('lag')).toMatchObject({ parts: ['unit', 'integration'], files: ['lag'] });
    expect(read('test/integration/lag.test.ts:12')).toMatchObject({ parts: ['integration'], files: ['test/integration/lag.test.ts:12'] });
  });

  it('a file within a part: only there; a check that is named runs beside it', () => {
    expect(read('integration', 'lag')).toMatchObject({ parts: ['integration'] });
    expect(read('lint', 'unit', 'lag')).toMatchObject({ parts: ['lint', 'unit'] });
    expect(() => read('e2e', 'lag')).toThrow('No test file of e2e is named by lag.');
  });

  it('a file that is not there is an error, not a run of nothing', () => {
    expect(() => read('no-such-file')).toThrow('No test file\'s path contains "no-such-file".');
  });

  it.each([
    [['-t', 'a name']], [['-t=a name']], [['--testNamePattern', 'a name']], [['--testNamePattern=a name']],
  ])('a name restricts the run to tests: %j', (given) => {
    expect(read(...given)).toMatchObject({ parts: ['unit', 'contract', 'integration', 'faults', 'e2e'], further: ['-t', 'a name'], whole: false });
  });

  it('a name may be that of a part', () => {
    expect(read('lag', '-t', 'unit')).toMatchObject({ parts: ['unit', 'integration'], further: ['-t', 'unit'] });
  });

  it('an option without its value is an error', () => {
    expect(() => read('-t')).toThrow('-t wants a part of a test\'s name.');
    expect(() => read('--shuffle=soon')).toThrow('A seed is a number');
    for (const given of [['--minutes'], ['--minutes', '0'], ['--minutes', 'many'], ['--minutes', '1.5']]) expect(() => read(...given)).toThrow('--minutes wants a number of minutes');
  });

  it('minutes restrict nothing but what is begun after them', () => {
    expect(read('--minutes', '65')).toMatchObject({ minutes: 65, whole: true, further: [] });
  });

  it('a seed is taken, or made and told', () => {
    expect(read('--shuffle').seed).toBe(77);
    expect(read('--shuffle', '42')).toMatchObject({ seed: 42, files: [], whole: true });
    expect(read('--shuffle=42').seed).toBe(42);
    expect(read('--shuffle', 'unit')).toMatchObject({ seed: 77, parts: ['unit'] });
  });

  it('busy is for everything that runs', () => {
    expect(read('--busy')).toMatchObject({ busy: true, whole: true, further: [] });
  });

  it('what it does not know goes on to vitest', () => {
    expect(read('--bail=1', 'unit').further).toEqual(['--bail=1']);
  });

  it('vitest is told of files, order and the rest', () => {
    expect(vitestArguments(read('lag', '-t', 'x', '--shuffle', '5'))).toEqual([
      'lag', '--sequence.shuffle.files', '--sequence.shuffle.tests', '--sequence.seed=5', '-t', 'x',
    ]);
    expect(vitestArguments(read())).toEqual([]);
  });
});

describe('the command that runs a test alone', () => {
  it('names the file and the whole name', () => {
    expect(commandAlone('test/unit/lag.test.ts', 'lag is old')).toBe("npm test -- test/unit/lag.test.ts -t '^lag is old$'");
  });

  it('takes every sign of a name literally', () => {
    expect(commandAlone('a.test.ts', "(a+b)? it's [1.5] $x \\")).toBe("npm test -- a.test.ts -t '^\\(a\\+b\\)\\? it'\\''s \\[1\\.5\\] \\$x \\\\$'");
  });

  it('a file that could not run is named as a whole', () => {
    expect(commandAlone('test/unit/lag.test.ts')).toBe('npm test -- test/unit/lag.test.ts');
  });
});
