import { Drawer } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { useEffect } from 'react';
import type { ComponentType, ReactElement } from 'react';
import { useText } from '../stores/language';
import { useUi } from '../stores/ui';
import type { Dialog, Page } from '../stores/ui';
import { RegionPanel } from '../features/fleet/overview/RegionPanel';
import { Banners } from './Banners';
import { CommandPalette } from './CommandPalette';
import { ErrorBoundary } from './ErrorBoundary';
import { InstanceMenu } from './InstanceMenu';
import { useKeyboard } from './keyboard';
import { Rail } from './Rail';
import { useFeatures } from '../stores/registry';
import classes from './Shell.module.css';

/** Speaks state changes to screen readers; nothing to see. */
function LiveRegion(): ReactElement {
  const t = useText();
  const { text, n } = useUi((state) => state.said);
  // An equal text is spoken again only where the node's content differs: a trailing space does that.
  return (
    <div className="visually-hidden" role="status" aria-live="polite">
      {text === null ? '' : `${t.message(text)}${n % 2 === 0 ? '' : '\u00a0'}`}
    </div>
  );
}

function DialogHost(): ReactElement | null {
  const dialog = useUi((state) => state.dialog);
  const { dialogs } = useFeatures();
  if (dialog === null) return null;
  // The table pairs every kind with a component of that kind.
  const Component = dialogs[dialog.kind] as ComponentType<{ dialog: Dialog }> | undefined;
  return Component === undefined ? null : <Component key={JSON.stringify(dialog).slice(0, 200)} dialog={dialog} />;
}

/**
 * What a page is about. What was typed, chosen or shown for one server never stays for another: its page is a new one. The map alone goes on where another
 * of its servers is looked at.
 */
function subjectOf(page: Page): string {
  switch (page.id) {
    case 'sync-task':
      return `${page.id} ${page.syncId}`;
    case 'report':
      return `${page.id} ${page.reportId}`;
    case 'verification':
      return `${page.id} ${page.sourceId} ${page.standbyId}`;
    case 'dependencies':
      return page.id;
    default:
      return 'instanceId' in page ? `${page.id} ${page.instanceId}` : page.id;
  }
}

function CurrentPage(): ReactElement | null {
  const page = useUi((state) => state.page);
  const { pages } = useFeatures();
  // The table pairs every page with a component of that page.
  const Component = pages[page.id] as ComponentType<{ page: Page }> | undefined;
  return Component === undefined ? null : (
    <ErrorBoundary key={subjectOf(page)}>
      <Component page={page} />
    </ErrorBoundary>
  );
}

/** The window: rail, region tree, main area. Below 960 px the tree moves into a drawer. */
export function Shell(): ReactElement {
  const t = useText();
  const narrow = useMediaQuery('(max-width: 959px)', false, { getInitialValueInEffect: false });
  const treeOpen = useUi((state) => state.treeOpen);
  const pageId = useUi((state) => state.page.id);
  useKeyboard();
  useEffect(() => {
    document.documentElement.lang = t.language;
    document.title = `${t(`common.nav.${pageId}`)} – ${t('common.product')}`;
  }, [t, pageId]);
  return (
    <div className={classes.shell} data-narrow={narrow || undefined}>
      <a className={classes.skip} href="#main">
        {t('common.skip')}
      </a>
      <Rail narrow={narrow} />
      {narrow ? (
        <Drawer
          opened={treeOpen}
          onClose={() => useUi.setState({ treeOpen: false })}
          withCloseButton={false}
          size={300}
          padding={0}
          attributes={{ content: { 'aria-label': t('common.nav.tree') } }}
          classNames={{ body: classes.drawer, inner: classes.drawerInner, overlay: classes.drawerOverlay }}
        >
          <RegionPanel />
        </Drawer>
      ) : (
        <aside className={classes.tree} aria-label={t('common.nav.tree')}>
          <RegionPanel />
        </aside>
      )}
      <main id="main" className={classes.main} tabIndex={-1} aria-label={t('common.main')}>
        <Banners />
        <div className={classes.page}>
          <CurrentPage />
        </div>
        <InstanceMenu />
      </main>
      <ErrorBoundary>
        <DialogHost />
      </ErrorBoundary>
      <CommandPalette />
      <LiveRegion />
    </div>
  );
}
