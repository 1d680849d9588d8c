import { UnstyledButton } from '@mantine/core';
import type { ReactElement } from 'react';
import { useText } from '../stores/language';
import { go, useUi } from '../stores/ui';
import type { Page, PageId } from '../stores/ui';
import { IconArchive, IconCommand, IconHistory, IconMenu2, IconServer, IconSettings, IconTransfer } from '../ui/icons';
import { openPalette } from './CommandPalette';
import { useFeatures } from '../stores/registry';
import classes from './Rail.module.css';

type Entry = { readonly page: Page; readonly within: readonly PageId[]; readonly label: 'fleet' | 'sync' | 'backups' | 'audit' | 'settings'; readonly Icon: typeof IconServer };

const entries: readonly Entry[] = [
  { page: { id: 'fleet' }, within: ['fleet', 'instance', 'dependencies', 'failback', 'accounts', 'charset', 'import', 'parameters', 'rollback', 'sql'], label: 'fleet', Icon: IconServer },
  { page: { id: 'sync' }, within: ['sync', 'sync-task', 'verification'], label: 'sync', Icon: IconTransfer },
  { page: { id: 'backups' }, within: ['backups'], label: 'backups', Icon: IconArchive },
  { page: { id: 'audit' }, within: ['audit', 'report', 'dossier'], label: 'audit', Icon: IconHistory },
  { page: { id: 'settings' }, within: ['settings'], label: 'settings', Icon: IconSettings },
];

const isMac = navigator.userAgent.includes('Mac');

/** The mark: two places opposite each other on one globe. */
function Mark(): ReactElement {
  return (
    <svg width="24" height="24" viewBox="0 0 24 24" aria-hidden focusable="false">
      <circle cx="12" cy="12" r="8.4" fill="none" stroke="currentColor" strokeWidth="1.3" opacity="0.45" />
      <path d="M6.1 17.9 17.9 6.1" stroke="currentColor" strokeWidth="1.3" strokeDasharray="1.6 2" />
      <path d="M18 2.6 21.4 6 18 9.4 14.6 6Z" fill="currentColor" />
      <path d="M6 15.2 8.8 18 6 20.8 3.2 18Z" fill="var(--a-panel)" stroke="currentColor" strokeWidth="1.3" />
    </svg>
  );
}

/** The way between the main pages. Pages that are not built are not here. */
export function Rail({ narrow }: { narrow: boolean }): ReactElement {
  const t = useText();
  const page = useUi((state) => state.page);
  const { pages } = useFeatures();
  const built = entries.filter((entry) => pages[entry.page.id] !== undefined);
  const draw = ({ page: target, within, label, Icon }: Entry): ReactElement => (
    <UnstyledButton key={label} className={classes.entry} aria-current={within.includes(page.id) ? 'page' : undefined} onClick={() => go(target)}>
      <Icon size={19} stroke={1.6} aria-hidden />
      <span>{t(`common.nav.${label}`)}</span>
    </UnstyledButton>
  );
  return (
    <nav className={classes.rail} aria-label={t('common.region-nav')}>
      <div className={classes.mark}>
        <Mark />
      </div>
      {narrow ? (
        <UnstyledButton className={classes.entry} aria-label={t('common.nav.open-tree')} title={t('common.nav.open-tree')} onClick={() => useUi.setState({ treeOpen: true })}>
          <IconMenu2 size={19} stroke={1.6} aria-hidden />
        </UnstyledButton>
      ) : null}
      {built.filter(({ label }) => label !== 'settings').map(draw)}
      <div className={classes.room} />
      <UnstyledButton className={classes.entry} onClick={openPalette} title={t('common.palette.open')} aria-keyshortcuts="Control+K Meta+K">
        <IconCommand size={19} stroke={1.6} aria-hidden />
        <span className="visually-hidden">{t('common.palette.open')}</span>
        <span>{isMac ? '⌘ K' : 'Ctrl K'}</span>
      </UnstyledButton>
      {built.filter(({ label }) => label === 'settings').map(draw)}
    </nav>
  );
}
