import { useSyncExternalStore } from 'react';

const readScheme = (): string => document.documentElement.dataset['mantineColorScheme'] ?? '';
/** The colours change with an attribute of the page, which is set after the components were told. */
function onScheme(changed: () => void): () => void {
  const watch = new MutationObserver(changed);
  watch.observe(document.documentElement, { attributeFilter: ['data-mantine-color-scheme'] });
  return () => watch.disconnect();
}

/** The colour scheme in force: what is drawn in colours of the page is drawn again when it changes. */
export function useScheme(): string {
  return useSyncExternalStore(onScheme, readScheme);
}
