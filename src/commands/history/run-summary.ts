import type { KnownRun } from '../../ledger/queries/runs.ts';
import type { RunSummary } from '../../render/text/runs.ts';
import { MEMBER_OF } from '../../upload/result.ts';
import { STATUSES } from '../../usage/outcome.ts';

/** A run with what its summary says. A run that was killed has none, and an older version's may lack a member. */
export const runSummary = ({ summary, ...run }: KnownRun): RunSummary => {
  const number = (member: string): number | undefined => {
    const value = summary?.[member];
    return typeof value === 'number' ? value : undefined;
  };
  return {
    ...run,
    seconds: number('seconds'),
    records: number('records'),
    requests: number('requests'),
    counts:
      summary === undefined
        ? undefined
        : Object.fromEntries(STATUSES.map(status => [status, number(MEMBER_OF[status]) ?? 0])),
  };
};
