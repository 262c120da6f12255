import { createHmac, randomBytes } from 'node:crypto';

type PageOf<T> = { readonly items: readonly T[]; readonly nextToken: string | undefined };

/** Cuts lists into pages. Undefined: the token is not valid for this query, or is from another emulator. */
export type Pager = <T>(
  all: readonly T[],
  query: string,
  size: number,
  token: string | undefined,
) => PageOf<T> | undefined;

/** A token is sealed together with its query. It has only letters, digits, `-` and `_`, as AWS's models require. */
export const createPager = (): Pager => {
  const key = randomBytes(32);
  const tokenOf = (start: number, query: string): string => {
    const seal = createHmac('sha256', key).update(`${start}\n${query}`).digest('base64url');
    return `${start}_${seal}`;
  };
  return (all, query, size, token) => {
    const start = token === undefined ? 0 : Number(/^[0-9]{1,9}(?=_)/.exec(token)?.[0]);
    if (token !== undefined && token !== tokenOf(start, query)) return undefined;
    const end = start + size;
    return { items: all.slice(start, end), nextToken: end < all.length ? tokenOf(end, query) : undefined };
  };
};
