// A class of a style sheet is written once: two of one name are one, and what is meant for a field also holds for a strip of days.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const renderer = fileURLToPath(new URL('../../../renderer', import.meta.url));
const sheets = readdirSync(renderer, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.module.css'));

/** Selectors outside of every block that are one class and nothing else. */
function lone(sheet: string): string[] {
  let rest = sheet.replaceAll(/\/\*[\s\S]*?\*\//g, '');
  for (let before = ''; before !== rest;) [before, rest] = [rest, rest.replaceAll(/\{[^{}]*\}/g, ';')];
  return rest.split(';').map((one) => one.trim()).filter((one) => /^\.\w+$/.test(one));
}

it('defines each class once', () => {
  const twice = sheets.flatMap((name) => {
    const classes = lone(readFileSync(join(renderer, name), 'utf8'));
    return classes.filter((one, at) => classes.indexOf(one) !== at).map((one) => `${name} ${one}`);
  });
  expect(sheets.length).toBeGreaterThan(50);
  expect(twice).toEqual([]);
});
