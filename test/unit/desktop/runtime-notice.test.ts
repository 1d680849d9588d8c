import { expect, it } from 'vitest';
import { developmentNotice } from '../../../scripts/lib/runtime-notice.mjs';

it('names the development runtime, and the user\'s own data where they are what it opens', () => {
  const development = { version: '33.2.1', official: false };
  expect(developmentNotice(development, [])).toMatch(/development runtime \(Electron 33\.2\.1.*your own data/);
  expect(developmentNotice(development, ['--data', '/tmp/x'])).not.toContain('your own data');
  expect(developmentNotice(development, ['--data=/tmp/x'])).toContain('development runtime');
  expect(developmentNotice({ version: '33.2.1', official: true }, [])).toBeNull();
  expect(developmentNotice(undefined, [])).toBeNull();
});
