import { useCallback, useEffect, useState } from 'react';
import type { Mark, MonitoringRange, MonitoringView } from '../../../shared/domain/monitoring/monitoring';
import { watchLeaseMs } from '../../../shared/domain/monitoring/monitoring';
import { seriesIds } from '../../../shared/domain/monitoring/series';
import type { Threshold } from '../../../shared/domain/monitoring/thresholds';
import { api } from '../../api';
import type { CallError } from '../../api';
import { onLivePoint } from '../../stores/live-points';
import { useUi } from '../../stores/ui';
import type { TimeWindow } from '../../charts/columns';
import { withPoint } from './range-values';

/** As many as the finest ring holds. */
export const mostPoints = 3_600;
/** What stands still for a moment is asked for: not every step of a drag. */
const settleMs = 150;
/** A live view asks for everything again, so that what the rings joined meanwhile is in it. */
const renewMs = 60_000;

/** With what an instance is compared: another one, or itself some time ago. */
export type Comparison = { readonly instanceId: string; readonly shiftMs: number };

/** What the page draws. */
export interface Monitored {
  readonly view: MonitoringView | null;
  readonly range: MonitoringRange | null;
  readonly compared: MonitoringRange | null;
  readonly marks: readonly Mark[];
  readonly error: CallError | null;
  readonly setView: (view: MonitoringView) => void;
}

/** Has instances sampled each second while the page is open, and tells how they are read. */
function useWatched(ids: string, setView: (view: MonitoringView) => void, setError: (error: CallError | null) => void): void {
  useEffect(() => {
    const all = ids.split(' ');
    let open = true;
    const renew = async (id: string, at: number): Promise<void> => {
      const answer = await api.monitoring.watch({ instanceId: id });
      if (!open || at > 0) return;
      if (answer.ok) setView(answer.value);
      else setError(answer.error);
    };
    const watch = (): void => all.forEach((id, at) => void renew(id, at));
    const look = async (): Promise<void> => {
      const answer = await api.monitoring.view({ instanceId: all[0] ?? '' });
      if (open && answer.ok) setView(answer.value);
    };
    watch();
    const timers = [setInterval(watch, watchLeaseMs / 3), setInterval(() => void look(), 3_000)];
    return () => {
      open = false;
      timers.forEach(clearInterval);
      for (const id of all) void api.monitoring.unwatch({ instanceId: id });
    };
  }, [ids, setView, setError]);
}

/** The values of a window, kept and live; `window` is that of the moment, also where it is live. */
export function useMonitoring(instanceId: string, window: TimeWindow, live: boolean, comparison: Comparison | null): Monitored {
  const [view, setRead] = useState<MonitoringView | null>(null);
  // What is absent seldom changes, and every chart depends on it: as long as it is the same it stays the same object.
  const setView = useCallback((next: MonitoringView) => setRead((before) => (
    before !== null && JSON.stringify(before.absent) === JSON.stringify(next.absent) ? { ...next, absent: before.absent } : next)), []);
  const [range, setRange] = useState<MonitoringRange | null>(null);
  const [compared, setCompared] = useState<MonitoringRange | null>(null);
  const [marks, setMarks] = useState<readonly Mark[]>([]);
  const [error, setError] = useState<CallError | null>(null);
  const otherId = comparison?.instanceId ?? null;
  const shiftMs = comparison?.shiftMs ?? 0;
  const ids = otherId === null || otherId === instanceId ? instanceId : `${instanceId} ${otherId}`;
  useWatched(ids, setView, setError);

  useEffect(() => onLivePoint((point) => {
    if (!live) return;
    setRange((before) => (before?.instanceId === point.instanceId ? withPoint(before, point) : before));
    if (shiftMs === 0) setCompared((before) => (before?.instanceId === point.instanceId ? withPoint(before, point) : before));
  }), [live, shiftMs]);

  // A live window moves every second; what it needs is asked for each minute only, and the seconds between come as live points.
  const spanMs = Math.round(window.to - window.from);
  const until = live ? Math.floor(window.to / renewMs) : Math.ceil(window.to);
  useEffect(() => {
    const aborter = new AbortController();
    const load = async (): Promise<void> => {
      const to = live ? Date.now() : until;
      const from = Math.max(0, to - spanMs);
      const ask = (id: string, shift: number) => api.monitoring.range(
        { instanceId: id, series: [...seriesIds], from: Math.max(0, from - shift), to: to - shift + (shift > 0 && live ? renewMs : 0), maxPoints: mostPoints },
        { signal: aborter.signal },
      );
      const [own, other, happened] = await Promise.all([
        ask(instanceId, 0), otherId === null ? null : ask(otherId, shiftMs),
        api.monitoring.marks({ instanceIds: ids.split(' '), from, to: Math.ceil(to) }, { signal: aborter.signal }),
      ]);
      if (aborter.signal.aborted) return;
      setError([own, other, happened].find((answer) => answer?.ok === false)?.error ?? null);
      if (own.ok) setRange(own.value);
      setCompared(other?.ok === true ? other.value : null);
      if (happened.ok) setMarks(happened.value);
    };
    const timer = setTimeout(() => void load(), settleMs);
    return () => {
      clearTimeout(timer);
      aborter.abort();
    };
  }, [instanceId, otherId, shiftMs, ids, live, spanMs, until]);

  return { view, range, compared, marks, error, setView };
}

/** The thresholds in force; read again when a dialog closes, which may have changed them. */
export function useThresholds(): readonly Threshold[] {
  const [thresholds, setThresholds] = useState<readonly Threshold[]>([]);
  const dialogOpen = useUi((state) => state.dialog !== null);
  useEffect(() => {
    if (dialogOpen) return undefined;
    let open = true;
    void api.monitoring.thresholds().then((answer) => {
      if (open && answer.ok) setThresholds(answer.value);
    });
    return () => { open = false; };
  }, [dialogOpen]);
  return thresholds;
}
