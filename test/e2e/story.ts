import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright';
import { afterEach } from 'vitest';
import { appFolder } from './app';

export interface Story {
  /** Keeps a picture of a main step. */
  picture(name: string): Promise<void>;
}

/**
 * What is kept of the tests of one `describe`: pictures, in memory. On a failure they are written to `test-results/`, with one of that
 * moment and what a screen reader has then.
 */
export function story(title: string, page: () => Page | undefined): Story {
  const folder = join(appFolder, 'test-results', plain(title));
  const taken: { readonly name: string; readonly png: Buffer }[] = [];
  const picture = async (name: string): Promise<void> => {
    const png = await page()?.screenshot();
    if (png !== undefined) taken.push({ name, png });
  };
  // Before the file's own afterEach, which may close the dialog that tells why.
  afterEach(async ({ task }) => {
    if (task.result?.state !== 'fail') return;
    // A window that is gone gives no picture: what was taken before is written all the same.
    await picture(`failed ${task.name}`).catch(() => undefined);
    const heard = await page()?.locator('body').ariaSnapshot().catch(() => '');
    // The end of it is where an open dialog is: where only the output is kept, that tells the most.
    console.log((heard ?? '').slice(-2500));
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'failed.aria.yml'), heard ?? '');
    for (const [index, { name, png }] of taken.entries()) writeFileSync(join(folder, `${String(index + 1).padStart(2, '0')}-${plain(name)}.png`), png);
  });
  return { picture };
}

function plain(text: string): string {
  return text.replaceAll(/[^\w.-]+/g, '-').slice(0, 80);
}
