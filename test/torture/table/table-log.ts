import type { DoneRequest } from '../../helpers/dynamo.ts';

/** What a request changed in the table, as the table saw it. A line of `table.jsonl`. */
export type TableChange = {
  /** When it was done, epoch milliseconds. */
  readonly at: number;
  readonly items: readonly ChangedItem[];
};

type ChangedItem = {
  readonly partition: string;
  readonly sort: string;
  readonly revision: number;
  /** JSON; undefined: it was deleted. */
  readonly body?: string;
};

type Attributes = Readonly<Record<string, { readonly S?: string; readonly N?: string }>>;

type Put = { readonly Item: Attributes };

/** Undefined when nothing was changed. */
export const changeOf = ({ operation, body, status }: DoneRequest, at: number): TableChange | undefined => {
  if (status !== 200) return undefined;
  switch (operation) {
    case 'PutItem':
      return { at, items: [itemOf((JSON.parse(body) as Put).Item)] };
    case 'TransactWriteItems': {
      const { TransactItems } = JSON.parse(body) as {
        readonly TransactItems: readonly { readonly Put: Put }[];
      };
      return { at, items: TransactItems.map(({ Put }) => itemOf(Put.Item)) };
    }
    case 'DeleteItem':
      return { at, items: [itemOf((JSON.parse(body) as { readonly Key: Attributes }).Key)] };
    default:
      return undefined;
  }
};

/** The attributes of an item: its key, its revision and its content. */
const itemOf = ({ pk, sk, rev, body }: Attributes): ChangedItem => ({
  partition: pk?.S ?? '',
  sort: sk?.S ?? '',
  revision: Number(rev?.N ?? 0),
  ...(body?.S !== undefined && { body: body.S }),
});
