import { ServiceError, UNEXPECTED_REPLY } from '../errors.ts';

export type Page<T> = { readonly items: readonly T[]; readonly nextToken: string | undefined };

/** Pages without an item in a row. A filter may leave a page empty, but not hundreds of them. */
const MAX_EMPTY_PAGES = 200;

/** Five million agreements: more pages than this are a fault of the service. */
const MAX_PAGES = 100_000;

/** The items of all pages. Throws ServiceError when the pages form a loop or have no end, because the rest is not known. */
export async function* itemsOf<T>(
  operation: string,
  turn: (nextToken: string | undefined) => Promise<Page<T>>,
): AsyncGenerator<T> {
  const followed = new Set<string>();
  let nextToken: string | undefined;
  let emptyPages = 0;
  do {
    const page = await turn(nextToken);
    yield* page.items;
    emptyPages = page.items.length === 0 ? emptyPages + 1 : 0;
    ({ nextToken } = page);
    if (nextToken === undefined) return;
    if (followed.has(nextToken)) throw endless(operation, 'a token was returned for the second time');
    followed.add(nextToken);
    if (emptyPages >= MAX_EMPTY_PAGES) throw endless(operation, `${emptyPages} pages in a row were empty`);
  } while (followed.size < MAX_PAGES);
  throw endless(operation, `there are more than ${MAX_PAGES} pages`);
}

const endless = (operation: string, because: string): ServiceError =>
  new ServiceError(`the pages of ${operation} do not end`, {
    kind: 'unavailable',
    code: UNEXPECTED_REPLY,
    operation,
    because,
    maybeDelivered: false,
    next: 'run the same command again',
  });
