import {
  ActionIcon,
  Alert,
  Autocomplete,
  Button,
  Checkbox,
  createTheme,
  Drawer,
  Menu,
  Modal,
  MultiSelect,
  NumberInput,
  PasswordInput,
  Radio,
  SegmentedControl,
  Select,
  Switch,
  Tabs,
  TagsInput,
  Textarea,
  TextInput,
  Tooltip,
} from '@mantine/core';
import type { CSSVariablesResolver, MantineColorsTuple } from '@mantine/core';
import classes from './theme.module.css';

// Mantine wants ten shades a colour; ours are few and live in tokens.css, so these only carry the neighbourhood.
const accent: MantineColorsTuple = ['#e1ebfc', '#c4d8f9', '#9cbef4', '#6ba6ff', '#4a8bf0', '#3a76ea', '#2b66d9', '#2460d0', '#1c58c4', '#15459c'];
const dark: MantineColorsTuple = ['#dbe3ee', '#a3b0c2', '#8694a8', '#5b697c', '#37455a', '#222c38', '#1a222c', '#12181f', '#0e141a', '#0c1016'];
const gray: MantineColorsTuple = ['#fbfcfd', '#eef1f5', '#e9edf3', '#d8dfe8', '#a9b5c4', '#7f8da0', '#5a687c', '#465468', '#2b3646', '#18212d'];

const field = { size: 'xs' as const, classNames: { wrapper: classes.field, input: classes.input, label: classes.label, description: classes.description, error: classes.error } };
const choice = { label: classes.choiceLabel, description: classes.choiceDescription };
const quick = { transition: 'fade' as const, duration: 90 };

const listField = { ...field, comboboxProps: { transitionProps: quick } };
const list = { dropdown: classes.dropdown, option: classes.menuItem };

/** Compact controls on a 13 px base, hairlines, small radii; motion under 100 ms, none if the system asks for none. */
export const theme = createTheme({
  primaryColor: 'accent',
  primaryShade: { light: 7, dark: 6 },
  colors: { accent, dark, gray },
  fontFamily: 'var(--a-font)',
  fontFamilyMonospace: 'var(--a-mono)',
  fontSizes: { xs: '12px', sm: '13px', md: '13px', lg: '15px', xl: '18px' },
  lineHeights: { xs: '1.4', sm: '1.45', md: '1.45', lg: '1.4', xl: '1.3' },
  spacing: { xs: '6px', sm: '10px', md: '14px', lg: '20px', xl: '28px' },
  radius: { xs: '2px', sm: '3px', md: '4px', lg: '6px', xl: '8px' },
  defaultRadius: 'sm',
  headings: { fontWeight: '600', sizes: { h1: { fontSize: '18px' }, h2: { fontSize: '15px' }, h3: { fontSize: '13px' }, h4: { fontSize: '13px' } } },
  cursorType: 'pointer',
  respectReducedMotion: true,
  focusRing: 'auto',
  components: {
    ActionIcon: ActionIcon.extend({ defaultProps: { variant: 'subtle', size: 24, color: 'gray' }, classNames: { root: classes.icon } }),
    Alert: Alert.extend({ defaultProps: { variant: 'outline' } }),
    Autocomplete: Autocomplete.extend({ defaultProps: listField, classNames: list }),
    Button: Button.extend({ defaultProps: { size: 'xs', variant: 'default' }, classNames: { root: classes.button } }),
    Checkbox: Checkbox.extend({ defaultProps: { size: 'xs' }, classNames: choice }),
    Drawer: Drawer.extend({ defaultProps: { lockScroll: false, transitionProps: { duration: 100 } } }),
    Menu: Menu.extend({
      // In place, so that what is in it belongs to the landmark of its button; the first item takes the focus.
      defaultProps: { transitionProps: quick, shadow: 'none', withinPortal: false, withInitialFocusPlaceholder: false },
      classNames: { dropdown: classes.dropdown, item: classes.menuItem },
    }),
    Modal: Modal.extend({
      // Nothing behind a dialog scrolls in this window, and the scroll lock would inject a style sheet.
      defaultProps: { lockScroll: false, centered: true, transitionProps: quick, overlayProps: { backgroundOpacity: 0.5 } },
      classNames: { content: classes.modal, header: classes.modalHeader, title: classes.modalTitle, body: classes.modalBody },
    }),
    // Two dialogs may be open, one over the other, and a page has one banner.
    ModalHeader: { defaultProps: { component: 'div' } },
    MultiSelect: MultiSelect.extend({ defaultProps: listField, classNames: list }),
    NumberInput: NumberInput.extend({ defaultProps: field }),
    PasswordInput: PasswordInput.extend({ defaultProps: field }),
    Radio: Radio.extend({ defaultProps: { size: 'xs' }, classNames: choice }),
    SegmentedControl: SegmentedControl.extend({ defaultProps: { size: 'xs', transitionDuration: 100 }, classNames: { root: classes.segments, label: classes.segment } }),
    Select: Select.extend({ defaultProps: { ...listField, allowDeselect: false }, classNames: list }),
    Switch: Switch.extend({ defaultProps: { size: 'xs' }, classNames: choice }),
    Tabs: Tabs.extend({ classNames: { tab: classes.tab, list: classes.tabList } }),
    TagsInput: TagsInput.extend({ defaultProps: listField, classNames: list }),
    Textarea: Textarea.extend({ defaultProps: field }),
    TextInput: TextInput.extend({ defaultProps: field }),
    Tooltip: Tooltip.extend({ defaultProps: { openDelay: 350, transitionProps: quick, multiline: true, maw: 360 }, classNames: { tooltip: classes.tooltip } }),
  },
});

/** Points Mantine's own variables at our tokens, so that every part follows them in both schemes. */
export const variables: CSSVariablesResolver = () => {
  const shared = {
    '--mantine-color-body': 'var(--a-panel)',
    '--mantine-color-text': 'var(--a-text)',
    '--mantine-color-dimmed': 'var(--a-text-2)',
    '--mantine-color-placeholder': 'var(--a-text-3)',
    '--mantine-color-anchor': 'var(--a-accent)',
    '--mantine-color-error': 'var(--a-bad)',
    '--mantine-color-default': 'var(--a-field)',
    '--mantine-color-default-hover': 'var(--a-raised)',
    '--mantine-color-default-color': 'var(--a-text)',
    '--mantine-color-default-border': 'var(--a-line-strong)',
    '--mantine-primary-color-filled': 'var(--a-accent-fill)',
    '--mantine-primary-color-filled-hover': 'var(--a-accent-fill-hover)',
    '--mantine-color-accent-filled': 'var(--a-accent-fill)',
    '--mantine-color-accent-filled-hover': 'var(--a-accent-fill-hover)',
    '--mantine-color-red-filled': 'var(--a-bad-fill)',
    '--mantine-color-red-filled-hover': 'var(--a-bad-fill)',
  };
  return { variables: {}, light: shared, dark: shared };
};
