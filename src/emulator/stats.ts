import type { CalledOperation } from './answer.ts';
import type { ErrorName } from './rules/errors.ts';

/** Calls by operation (`unknown` for a call without a known one), and their errors. */
export type Stats = {
  readonly requests: number;
  readonly operations: Readonly<Record<string, { readonly requests: number; readonly errors: ErrorCounts }>>;
};

type ErrorCounts = Readonly<Partial<Record<ErrorName, number>>>;

type Counter = {
  readonly count: (operation: CalledOperation | undefined, error: ErrorName | undefined) => void;
  readonly stats: () => Stats;
  readonly reset: () => void;
};

export const createCounter = (): Counter => {
  const operations = new Map<string, { requests: number; errors: Map<ErrorName, number> }>();
  return {
    count: (operation, error) => {
      const name = operation ?? 'unknown';
      const counts = operations.get(name) ?? { requests: 0, errors: new Map<ErrorName, number>() };
      operations.set(name, counts);
      counts.requests++;
      if (error !== undefined) counts.errors.set(error, (counts.errors.get(error) ?? 0) + 1);
    },
    stats: () => ({
      requests: [...operations.values()].reduce((sum, { requests }) => sum + requests, 0),
      operations: Object.fromEntries(
        [...operations].map(([name, { requests, errors }]) => [
          name,
          { requests, errors: Object.fromEntries(errors) as ErrorCounts },
        ]),
      ),
    }),
    reset: () => operations.clear(),
  };
};
