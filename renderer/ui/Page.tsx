import { ActionIcon } from '@mantine/core';
import type { ReactElement, ReactNode } from 'react';
import { useText } from '../stores/language';
import { IconArrowLeft } from './icons';
import classes from './Page.module.css';

/** The way from a page to what it belongs to, by its name. */
export interface WayBack {
  readonly to: string;
  readonly onBack: () => void;
}

/**
 * The frame of a page: a head that stays (title, a line beneath, actions at the right) and a body that scrolls.
 * `flush` leaves the body's padding out, for pages that draw to the edge.
 */
export function Page({
  icon, title, sub, actions, tabs, flush = false, back, children,
}: {
  back?: WayBack;
  icon?: ReactNode;
  title: ReactNode;
  sub?: ReactNode;
  actions?: ReactNode;
  tabs?: ReactNode;
  flush?: boolean;
  children: ReactNode;
}): ReactElement {
  return (
    <div className={classes.page}>
      <header className={classes.head} data-tabs={tabs !== undefined || undefined}>
        <div className={classes.titles}>
          <h1 className={classes.title}>
            {back === undefined ? null : <Back {...back} />}
            {icon}
            {title}
          </h1>
          {sub === undefined ? null : <div className={classes.sub}>{sub}</div>}
        </div>
        {actions === undefined ? null : <div className={classes.actions}>{actions}</div>}
        {tabs === undefined ? null : <div className={classes.tabs}>{tabs}</div>}
      </header>
      <div className={classes.body} data-flush={flush || undefined}>
        {children}
      </div>
    </div>
  );
}

function Back({ to, onBack }: WayBack): ReactElement {
  const said = useText()('common.back-to', { name: to });
  return <ActionIcon size={26} className={classes.back} aria-label={said} title={said} onClick={onBack}><IconArrowLeft size={17} /></ActionIcon>;
}

/** A titled part of a page; `aside` stands at the right of the title. */
export function Section({
  title, aside, children, boxed = false,
}: {
  title: ReactNode;
  aside?: ReactNode;
  children: ReactNode;
  boxed?: boolean;
}): ReactElement {
  return (
    <section className={classes.section}>
      <div className={classes.sectionHead}>
        <h2 className={classes.sectionTitle}>{title}</h2>
        {aside === undefined ? null : <div className={classes.aside}>{aside}</div>}
      </div>
      {boxed ? <div className={classes.box}>{children}</div> : children}
    </section>
  );
}

/** Facts as pairs of name and value, in columns where there is room. */
export function Facts({ rows }: { rows: readonly { readonly name: ReactNode; readonly value: ReactNode; readonly wide?: boolean }[] }): ReactElement {
  return (
    <dl className={classes.facts}>
      {rows.map((row, index) => (
        <div key={index} className={classes.fact} data-wide={row.wide || undefined}>
          <dt>{row.name}</dt>
          <dd>{row.value}</dd>
        </div>
      ))}
    </dl>
  );
}
