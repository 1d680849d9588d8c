import { readFile, stat, writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { app, clipboard, dialog } from 'electron';
import type { BrowserWindow } from 'electron';
import { failure } from '../../shared/errors/codes';
import type { Language } from '../../shared/i18n/translate';
import type { DesktopPort } from '../api/handlers';

/** The largest file that is read into a window, bytes: an inventory or an option file. */
const largestTextBytes = 50_000_000;

/** What only the desktop can do, over Electron's clipboard and dialogs. */
export function createDesktopPort(options: {
  readonly dataFolder: string;
  readonly systemLanguage: Language;
  readonly window: () => BrowserWindow | null;
}): DesktopPort {
  const { dataFolder, systemLanguage } = options;

  async function chooseFile(extensions: readonly string[], what: 'openFile' | 'openDirectory' = 'openFile'): Promise<string | null> {
    const filters = extensions.length === 0 ? [] : [{ name: extensions.map((extension) => `*.${extension}`).join(', '), extensions: [...extensions] }];
    const settings = { properties: [what], filters };
    const window = options.window();
    const { canceled, filePaths } = await (window === null ? dialog.showOpenDialog(settings) : dialog.showOpenDialog(window, settings));
    return canceled ? null : (filePaths[0] ?? null);
  }

  async function chooseTarget(suggestedName: string): Promise<string | null> {
    const window = options.window();
    // The name comes from a window, or from a server's: a bare file name, never a path.
    const settings = { defaultPath: basename(suggestedName.replaceAll('\\', '/')) };
    const { canceled, filePath } = await (window === null ? dialog.showSaveDialog(settings) : dialog.showSaveDialog(window, settings));
    return canceled || filePath === '' ? null : filePath;
  }

  async function save(suggestedName: string, content: string | Buffer): Promise<string | null> {
    const filePath = await chooseTarget(suggestedName);
    if (filePath === null) return null;
    try {
      await writeFile(filePath, content);
    } catch (thrown) {
      const { code, message } = thrown as NodeJS.ErrnoException;
      if (code === 'ENOSPC') throw failure('storage-full', { file: basename(filePath) });
      throw failure('internal', { detail: message }, { cause: thrown });
    }
    return filePath;
  }

  return {
    info: () => ({
      version: app.getVersion(),
      electron: process.versions.electron ?? '',
      dataFolder,
      systemLanguage,
      platform: process.platform,
      timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    }),
    copy: (text) => clipboard.writeText(text),
    chooseTarget,
    saveText: (suggestedName, text) => save(suggestedName, text),
    savePng: (suggestedName, base64) => save(suggestedName, Buffer.from(base64, 'base64')),
    async openText(extensions) {
      const path = await chooseFile(extensions);
      if (path === null) return null;
      const { size } = await stat(path);
      if (size > largestTextBytes) throw failure('invalid-input', { field: basename(path), reason: `larger than ${largestTextBytes} bytes` });
      return { path, text: await readFile(path, 'utf8') };
    },
    chooseFile: () => chooseFile([]),
    chooseProgram: () => chooseFile([]),
    chooseFolder: () => chooseFile([], 'openDirectory'),
    trustsPaths: false,
  };
}
