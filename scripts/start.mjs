// npm start: the app on the user's own data. Arguments after "--" go to the app.
import { buildIfStale } from './lib/build.mjs';
import { provideDisplay } from './lib/display.mjs';
import { endChild, startApp } from './lib/electron-app.mjs';
import { developmentNotice } from './lib/runtime-notice.mjs';
import { findElectron } from './setup/electron.mjs';
import { main, onStop } from './lib/outcome.mjs';
import { setup } from './setup.mjs';

await main(async () => {
  await setup({ only: ['dependencies', 'system', 'electron'] });
  await buildIfStale('app');
  const display = await provideDisplay({ once: true });
  if (display.virtual) process.stderr.write(`There is no display here; the app runs on a virtual one (${display.env.DISPLAY}) and cannot be seen.\n`);
  const notice = developmentNotice(findElectron(), process.argv.slice(2));
  if (notice !== null) process.stderr.write(`${notice}\n`);
  const app = startApp(process.argv.slice(2), display.env);
  onStop(() => endChild(app));
  try {
    return await app.ended;
  } finally {
    display.stop();
  }
});
