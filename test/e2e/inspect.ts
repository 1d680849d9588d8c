// A look at a page as it is shown: in light and dark, in both languages, wide and narrow.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Page } from 'playwright';
import { expect } from 'vitest';
import type { AxeResults } from 'axe-core';
import { ofMain, type RunningApp } from './app';
import { get } from './operator';

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
/** Each language and each theme once: words do not change colours, and colours do not change what fits. The last is the usual one. */
const appearances = [{ language: 'zh-CN', theme: 'dark' }, { language: 'en', theme: 'light' }] as const;
/** For whoever wants to look at it, all of them. */
const everyAppearance = [{ language: 'zh-CN', theme: 'light' }, { language: 'en', theme: 'dark' }, ...appearances] as const;
/** Of the window's content; the first is the usual one. */
export const sizes = [[1280, 800], [900, 700]] as const;

declare const window: Window & { readonly axe?: { run(context: Document, options: object): Promise<AxeResults> } };

/** Gives the window's content a size. */
export async function resize({ electron, page }: RunningApp, width: number, height: number): Promise<void> {
  await ofMain(() => electron.evaluate(({ BrowserWindow }, [w, h]) => BrowserWindow.getAllWindows()[0]?.setContentSize(w, h), [width, height] as const));
  await page.waitForFunction(([w, h]) => innerWidth === w && innerHeight === h, [width, height] as const);
}

/** Waits until nothing moves any more; what turns for ever is left out. */
async function still(page: Page): Promise<void> {
  await page.evaluate(async () => {
    const ending = document.getAnimations().filter((animation) => animation.effect?.getComputedTiming().iterations !== Infinity);
    await Promise.allSettled(ending.map((animation) => animation.finished));
    await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
  });
}

/** What axe finds on what is shown now, one line per place. */
async function barriers(page: Page): Promise<string[]> {
  // By the debugger, not by a script element: the page's content policy stays as it is.
  if (!(await page.evaluate(() => window.axe !== undefined))) await page.evaluate(axeSource);
  const { violations } = await page.evaluate(async () => {
    const results = await window.axe?.run(document, { resultTypes: ['violations'], preload: false });
    return { violations: results?.violations ?? [] };
  });
  return violations.flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) => `${id}: ${target.join(' ')} ${failureSummary?.replaceAll(/\s+/g, ' ') ?? ''}`));
}

/** Labels of things to press that do not fit into them, and things to press that stick out of the window. */
async function clipped(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const found: string[] = document.documentElement.scrollWidth > innerWidth + 1 ? ['wider than the window'] : [];
    for (const element of document.querySelectorAll<HTMLElement>('button, [role="tab"], [role="menuitem"], [role="radio"] + label, label, th, h1, h2, h3')) {
      const box = element.getBoundingClientRect();
      const text = element.innerText.trim();
      if (text === '' || box.width <= 1 || !element.checkVisibility({ visibilityProperty: true })) continue;
      for (const part of [element, ...element.querySelectorAll<HTMLElement>('*')]) {
        if (![...part.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.textContent?.trim() !== '')) continue;
        const { overflowX, textOverflow } = getComputedStyle(part);
        // An ellipsis is honest where the whole text can be had by pointing at it or by opening the line.
        const isTold = textOverflow === 'ellipsis' && part.closest('[title], [aria-expanded]') !== null;
        if (overflowX !== 'visible' && part.clientWidth > 1 && part.scrollWidth > part.clientWidth + 1 && !isTold) found.push(`cut off: ${text} (${part.scrollWidth} in ${part.clientWidth})`);
      }
      if (box.right > innerWidth + 1 && element.closest('[class*="scroll"], [class*="diagram"], table') === null) found.push(`out of the window: ${text}`);
    }
    return found;
  });
}

/** Where pictures go, for whoever wants to look at them. */
const pictures = process.env['ANTIPODE_PICTURES'];

/**
 * Looks at what is open now in each language, theme and size: axe finds nothing, no label is cut off, nothing sticks out.
 * Ends in English, light, at the usual size. `name`: of the pictures that are kept where ANTIPODE_PICTURES names a folder.
 */
export async function inspect(app: RunningApp, name?: string): Promise<void> {
  const { page } = app;
  const found: string[] = [];
  for (const { language, theme } of pictures === undefined ? appearances : everyAppearance) {
    await get(page, 'settings.set', { language, theme });
    await page.locator(`html[lang="${language}"][data-mantine-color-scheme="${theme}"]`).waitFor({ state: 'attached' });
    for (const [width, height] of [...sizes].reverse()) {
      await resize(app, width, height);
      await still(page);
      found.push(...(await clipped(page)).map((line) => `${language} ${theme} ${width}×${height}: ${line}`));
      if (pictures !== undefined && name !== undefined) await page.screenshot({ path: join(pictures, `${name}-${language}-${theme}-${width}.png`) });
    }
    found.push(...(await barriers(page)).map((line) => `${language} ${theme}: ${line}`));
  }
  expect(found).toEqual([]);
}
