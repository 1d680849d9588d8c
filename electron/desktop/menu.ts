import { app, Menu } from 'electron';
import type { MenuItemConstructorOptions } from 'electron';
import type { Translator } from '../../shared/i18n/translate';

/** The menu: editing, zoom and window, no more. Reload and developer tools only in a build that is not packaged. */
export function installMenu(t: Translator): void {
  const development: MenuItemConstructorOptions[] = app.isPackaged ? [] : [
    { type: 'separator' }, { role: 'reload', label: t('desktop.menu.reload') }, { role: 'toggleDevTools', label: t('desktop.menu.devTools') },
  ];
  const template: MenuItemConstructorOptions[] = [
    {
      label: process.platform === 'darwin' ? app.name : t('desktop.menu.file'),
      submenu: [
        ...(process.platform === 'darwin' ? ([
          { role: 'hide', label: t('desktop.menu.hide') }, { type: 'separator' },
        ] satisfies MenuItemConstructorOptions[]) : []),
        { role: 'quit', label: t('desktop.menu.quit') },
      ],
    },
    {
      label: t('desktop.menu.edit'),
      submenu: [
        { role: 'undo', label: t('desktop.menu.undo') },
        { role: 'redo', label: t('desktop.menu.redo') },
        { type: 'separator' },
        { role: 'cut', label: t('desktop.menu.cut') },
        { role: 'copy', label: t('desktop.menu.copy') },
        { role: 'paste', label: t('desktop.menu.paste') },
        { role: 'selectAll', label: t('desktop.menu.selectAll') },
      ],
    },
    {
      label: t('desktop.menu.view'),
      submenu: [
        { role: 'resetZoom', label: t('desktop.menu.actualSize') },
        { role: 'zoomIn', label: t('desktop.menu.zoomIn') },
        { role: 'zoomOut', label: t('desktop.menu.zoomOut') },
        { role: 'togglefullscreen', label: t('desktop.menu.fullScreen') },
        ...development,
      ],
    },
  ];
  Menu.setApplicationMenu(Menu.buildFromTemplate(template));
}
