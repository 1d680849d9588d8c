import { Modal } from '@mantine/core';
import type { ReactElement } from 'react';
import { useText } from '../../stores/language';
import { closeDialog } from '../../stores/ui';
import { LabPanel } from './LabPanel';

/** The practice lab, from anywhere. */
export function LabDialog(): ReactElement {
  const t = useText();
  return (
    <Modal opened onClose={closeDialog} title={t('lab.panel.title')} size={620} closeButtonProps={{ 'aria-label': t('common.close') }}>
      <p>{t('lab.panel.text')}</p>
      <br />
      <LabPanel />
    </Modal>
  );
}
