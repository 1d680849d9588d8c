import { Button, Menu } from '@mantine/core';
import type { ReactElement } from 'react';
import { parseServerVersion } from '../../../../shared/domain/fleet/version';
import { formsOf, type ExplainForm } from '../../../../shared/domain/operations/sql/explain';
import { useInstance } from '../../../stores/fleet';
import { useText } from '../../../stores/language';
import { IconChevronDown, IconSitemap } from '../../../ui/icons';

/** The forms in which a server tells its plan. The one that runs the statement says so. */
export function ExplainMenu({ instanceId, off, onForm }: {
  readonly instanceId: string; readonly off: boolean; readonly onForm: (form: ExplainForm) => void;
}): ReactElement {
  const t = useText();
  const server = useInstance(instanceId)?.facts?.server;
  const version = server === undefined ? null : parseServerVersion(server.version, server.versionComment);
  return (
    <Menu position="bottom-start" withinPortal>
      <Menu.Target>
        <Button leftSection={<IconSitemap size={14} />} rightSection={<IconChevronDown size={14} />} disabled={off}>{t('sql.explain.open')}</Button>
      </Menu.Target>
      <Menu.Dropdown>
        {formsOf(version).map((form) => <Menu.Item key={form} onClick={() => onForm(form)}>{t(`sql.explain.${form}`)}</Menu.Item>)}
      </Menu.Dropdown>
    </Menu>
  );
}
