// Pictures of every main page, in both languages, of a demo's data folder. Called by "npm run demo -- --screenshots DIR".
//   node scripts/screenshots.mjs --data FOLDER --to DIR
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { _electron } from 'playwright';
import { runnerImport } from 'vite';
import { checkout } from './lib/build.mjs';
import { main } from './lib/outcome.mjs';
import { findElectron } from './setup/electron.mjs';

const say = (text) => process.stderr.write(`[screenshots] ${text}\n`);
const size = { width: 1440, height: 900 };

/** A call of the app's own contract, as its window makes it. */
async function call(page, method, input) {
  const answer = await page.evaluate(([name, value]) => globalThis.api.call(name, value, crypto.randomUUID()), [method, input]);
  if (!answer.ok) throw new Error(`${method}: ${JSON.stringify(answer.error)}`);
  return answer.value;
}

async function until(what, condition, seconds = 120) {
  const end = Date.now() + seconds * 1000;
  for (;;) {
    const value = await condition();
    if (value) return value;
    if (Date.now() > end) throw new Error(`Waited ${seconds} s for ${what}.`);
    await new Promise((resolve) => { setTimeout(resolve, 300); });
  }
}

const lab = { primary: 'guangzhou-1', standby: 'shanghai-1', spare: 'chengdu-1' };

/** The scene: a primary under load with a standby that follows it, a third server left to choose. */
async function prepare(page) {
  await call(page, 'lab.up', { servers: 3, runtimeId: null, sample: true });
  const idOf = async (name) => until(`the instance ${name}`, async () => {
    const { instances } = await call(page, 'fleet.snapshot');
    return instances.find(({ instance, reachable }) => instance.name === name && reachable !== false)?.instance.id;
  });
  const sourceId = await idOf(lab.primary);
  const standbyId = await idOf(lab.standby);
  if ((await call(page, 'sync.list')).length === 0) {
    await call(page, 'sync.create', {
      spec: { name: 'orders to Shanghai', sourceId, standbyId, scope: { kind: 'instance' }, seed: 'copy', acceptWarnings: true, eraseTarget: false },
      start: true,
      eraseConfirmation: null,
    });
  }
  await until('the standby to follow', async () => {
    const [task] = await call(page, 'sync.list');
    if (task.state === 'failed') throw new Error(`The sync task failed: ${JSON.stringify(task.error)}`);
    return task.state === 'replicating';
  });
  await until('the roles to show', async () => {
    const { instances } = await call(page, 'fleet.snapshot');
    return instances.some(({ instance, role }) => instance.id === standbyId && role === 'standby');
  });
}

/** What is shown, from the fleet to the dialog that moves the primary; each leaves the window ready for the next. */
function scenes(page, t) {
  const rail = (name) => page.getByRole('navigation').getByRole('button', { name: t(`common.nav.${name}`), exact: true }).click();
  const open = async (name) => {
    await rail('fleet');
    await page.locator('aside').getByText(name, { exact: true }).first().click();
    await page.getByRole('heading', { name }).first().waitFor();
    // A tab that was looked at stays the one of the next instance.
    await page.getByRole('tab', { name: t('fleet.tab.details') }).click();
  };
  const openDialog = page.locator('[role="dialog"], [role="alertdialog"]').filter({ visible: true }).first();
  const dialog = async () => {
    await openDialog.waitFor();
    return async () => {
      await page.keyboard.press('Escape');
      await openDialog.waitFor({ state: 'hidden' });
    };
  };
  return [
    ['fleet', () => rail('fleet')],
    ['dependencies', async () => {
      await rail('fleet');
      await page.getByText(t('fleet.view.dependencies'), { exact: true }).first().click();
    }],
    ['primary', () => open(lab.primary)],
    ['add-standby', async () => {
      await open(lab.primary);
      await page.getByRole('button', { name: t('fleet.add-standby') }).first().click();
      return dialog();
    }],
    ['standby', () => open(lab.standby)],
    ['locked-operations', async () => {
      await open(lab.standby);
      await page.getByRole('tab', { name: t('fleet.tab.operations') }).click();
    }],
    ['locked-operation', async () => {
      // Locked means that it opens to the reason; the driver would wait for it to be unlocked.
      await page.getByRole('button', { name: t('operations.name.accounts') }).first().click({ force: true });
      return dialog();
    }],
    ['monitoring', async () => {
      await open(lab.primary);
      await page.getByRole('tab', { name: t('fleet.tab.monitoring') }).click();
      for (let times = 0; times < 5; times += 1) await page.getByRole('button', { name: t('monitoring.page.zoom-in') }).click();
    }],
    ['slow-queries', async () => {
      await open(lab.primary);
      await page.getByRole('tab', { name: t('fleet.tab.slow-queries') }).click();
      await page.getByRole('region', { name: t('fleet.tab.slow-queries') }).getByRole('row').nth(2).waitFor();
    }],
    ['switch', async () => {
      await open(lab.standby);
      await page.getByRole('button', { name: t('promotion.action.switch') }).click();
      await page.getByText(t('promotion.action.planned'), { exact: true }).click();
      return dialog();
    }],
    ['instance-menu', async () => {
      await rail('fleet');
      await page.getByRole('row', { name: new RegExp(`^${lab.standby}`) }).click({ button: 'right' });
      await page.getByRole('menu').waitFor();
      return () => page.keyboard.press('Escape');
    }],
    ['palette', async () => {
      await page.keyboard.press('Control+K');
      await openDialog.waitFor();
      await openDialog.locator('input').fill(lab.standby);
      return dialog();
    }],
    ['unsaved', async () => {
      await rail('fleet');
      await page.getByRole('button', { name: t('fleet.add-instance') }).first().click();
      await openDialog.getByLabel(t('fleet.form.host'), { exact: true }).fill('db1.example.com');
      await page.keyboard.press('Escape');
      await page.getByRole('alertdialog', { name: t('common.unsaved.title') }).waitFor();
      return async () => {
        await page.getByRole('button', { name: t('common.unsaved.discard') }).click();
        await openDialog.waitFor({ state: 'hidden' });
      };
    }],
    ['practice-lab', async () => {
      await rail('fleet');
      await page.keyboard.press('Control+K');
      await openDialog.locator('input').fill(t('lab.panel.title'));
      await page.keyboard.press('Enter');
      // The palette gives way to the dialog.
      await page.getByRole('dialog', { name: t('lab.panel.title') }).waitFor();
      return dialog();
    }],
    ['sync', () => rail('sync')],
    ['sync-task', async () => {
      await rail('sync');
      await page.getByRole('button', { name: 'orders to Shanghai' }).first().click();
    }],
    ['audit', () => rail('audit')],
    ['settings', () => rail('settings')],
  ];
}

/** The practice primary is lost, as in a power cut: the scenes of the incident, and of the promotion that ends it. */
async function losePrimary(page, data) {
  process.kill(Number(readFileSync(join(data, 'lab', lab.primary, 'mysqld.pid'), 'utf8')), 'SIGKILL');
  await until('the standby to miss its source', async () => {
    const { instances } = await call(page, 'fleet.snapshot');
    return instances.find(({ instance }) => instance.name === lab.primary)?.health.state === 'unreachable'
      && instances.some(({ instance, problems }) => instance.name === lab.standby && problems.some(({ code }) => code === 'receiver-connecting'));
  });
}

function incidentScenes(page, t) {
  const rail = (name) => page.getByRole('navigation').getByRole('button', { name: t(`common.nav.${name}`), exact: true }).click();
  const openDialog = page.locator('[role="dialog"], [role="alertdialog"]').filter({ visible: true }).first();
  return [
    ['incident', () => rail('fleet')],
    ['incident-banner', () => rail('sync')],
    ['incident-primary', async () => {
      await rail('fleet');
      await page.locator('aside').getByText(lab.primary, { exact: true }).first().click();
    }],
    ['incident-promote', async () => {
      await rail('fleet');
      await page.getByRole('main').getByRole('button', { name: t('incident.act.promote', { name: lab.standby }) }).first().click();
      await openDialog.getByText(t('common.plan.preconditions')).waitFor({ timeout: 60_000 });
      return async () => {
        await page.keyboard.press('Escape');
        await openDialog.waitFor({ state: 'hidden' });
      };
    }],
  ];
}

/** Waits until nothing in the window changes any more, apart from figures that tick. */
async function settle(page) {
  await page
    .waitForFunction(() => document.querySelector('[aria-busy="true"], .mantine-Loader-root') === null, undefined, { timeout: 20_000 })
    .catch(() => undefined);
  await page.waitForTimeout(600);
}

/** Pictures of these scenes in both languages and both themes. */
async function take(page, to, translatorOf, scenesOf, missed) {
  for (const [language, theme] of [['en', 'dark'], ['zh-CN', 'dark'], ['en', 'light'], ['zh-CN', 'light']]) {
    await call(page, 'settings.set', { language, theme });
    await page.reload({ waitUntil: 'load' });
    for (const [name, show] of scenesOf(page, translatorOf(language))) {
      try {
        const close = await show();
        await settle(page);
        await page.screenshot({ path: join(to, `${language}-${theme}-${name}.png`) });
        if (typeof close === 'function') await close();
      } catch (error) {
        missed.push(`${language} ${theme} ${name}: ${String(error.message).split('\n')[0]}`);
        await page.screenshot({ path: join(to, `${language}-${theme}-${name}.missed.png`) }).catch(() => undefined);
        await page.reload({ waitUntil: 'load' });
      }
    }
    say(`${language}, ${theme}: done`);
  }
}

await main(async () => {
  const { values } = parseArgs({ options: { data: { type: 'string' }, to: { type: 'string' } } });
  if (!values.data || !values.to) throw new Error('Usage: node scripts/screenshots.mjs --data FOLDER --to DIR');
  const electron = findElectron();
  if (electron === undefined) throw new Error('There is no Electron runtime. Run "npm run setup".');
  mkdirSync(values.to, { recursive: true });
  const { module: texts } = await runnerImport(join(checkout, 'shared/i18n/translate.ts'), { configFile: false, root: checkout, logLevel: 'error' });
  const { ELECTRON_RUN_AS_NODE: _, ...env } = process.env;
  const flags = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  const app = await _electron.launch({
    executablePath: electron.executable, args: [...flags, '--disable-gpu', '--force-device-scale-factor=1', checkout, '--data', values.data], env,
  });
  const stop = () => void app.close().finally(() => process.exit(130));
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, stop);
  const missed = [];
  try {
    const page = await app.firstWindow();
    await app.evaluate(({ BrowserWindow }, { width, height }) => BrowserWindow.getAllWindows()[0].setContentSize(width, height), size);
    await page.waitForLoadState('load');
    page.setDefaultTimeout(15_000);
    say('preparing a standby');
    await prepare(page);
    await take(page, values.to, texts.translator, scenes, missed);
    say('losing the primary');
    await losePrimary(page, values.data);
    await take(page, values.to, texts.translator, incidentScenes, missed);
  } finally {
    await app.close();
  }
  if (missed.length > 0) throw new Error(`Pictures that could not be taken:\n  ${missed.join('\n  ')}`);
  say(`the pictures are in ${values.to}`);
  return 0;
});
