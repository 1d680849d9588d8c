import type { InstanceView } from '../../../../shared/domain/fleet/view';
import type { Problem, ProblemCode } from '../../../../shared/domain/fleet/problem';

/** What of a source keeps its changes from arriving, or will. The rest of its problems is not the link's. */
const ofSource: readonly ProblemCode[] = ['unreachable', 'login-refused', 'binlog-off', 'gtid-off', 'retention-short', 'duplicate-server-id', 'fenced-writable', 'two-writable-members', 'certificate-expiring'];

/** The problems that concern a sync link, worst first: all of its standby, and those of its source that reach it. Notes are left out. */
export function linkProblems(
  source: InstanceView | undefined,
  standby: InstanceView | undefined,
): readonly { readonly view: InstanceView; readonly problem: Problem }[] {
  const of = (view: InstanceView | undefined, counts: (code: ProblemCode) => boolean) => (view === undefined ? [] : view.problems.filter(({ code, severity }) => severity !== 'info' && counts(code)).map((problem) => ({ view, problem })));
  const all = [...of(standby, () => true), ...of(source, (code) => ofSource.includes(code))];
  return [...all.filter(({ problem }) => problem.severity === 'critical'), ...all.filter(({ problem }) => problem.severity !== 'critical')];
}
