import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { NAMES } from '../src/dynamodb/schema.ts';

/**
 * A table as far as a ledger needs it, in memory: dynalite takes longer for a request than the network that is measured.
 * Each request is answered after so many milliseconds, as by a table that far away.
 */
export const startTableServer = async (awayMs: number) => {
  const items = new Map<string, Item>();
  const calls = new Map<string, number>();
  const server = createServer(async (incoming, outgoing) => {
    const operation = String(incoming.headers['x-amz-target']).split('.')[1] ?? '';
    const input = JSON.parse(await textOf(incoming)) as Input;
    calls.set(operation, (calls.get(operation) ?? 0) + 1);
    setTimeout(() => {
      const { status, body } = answer(items, operation, input);
      outgoing.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' }).end(JSON.stringify(body));
    }, awayMs);
  });
  server.listen(0, '127.0.0.1');
  await new Promise(resolve => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    calls,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
};

type Text = { readonly S: string };

type Item = {
  readonly [NAMES.partition]: Text;
  readonly [NAMES.sort]: Text;
  readonly [NAMES.revision]: { readonly N: string };
};

type Put = {
  readonly Item: Item;
  readonly ConditionExpression?: string;
  readonly ExpressionAttributeValues?: Readonly<Record<string, { readonly N?: string; readonly S?: string }>>;
};

type Input = Put & {
  readonly Key: Pick<Item, 'pk' | 'sk'>;
  readonly TransactItems: readonly { readonly Put: Put }[];
};

const nameOf = ({ pk, sk }: Pick<Item, 'pk' | 'sk'>): string => `${pk.S}\n${sk.S}`;

const answer = (items: Map<string, Item>, operation: string, input: Input) => {
  /** The tool has two conditions: there is no item, or it has this revision. */
  const holds = (
    name: string,
    { ConditionExpression, ExpressionAttributeValues }: Omit<Put, 'Item'>,
  ): boolean =>
    ConditionExpression === undefined ||
    (ConditionExpression.startsWith('attribute_not_exists')
      ? !items.has(name)
      : items.get(name)?.[NAMES.revision].N === ExpressionAttributeValues?.[':r']?.N);
  const ok = (body: object) => ({ status: 200, body });
  const failed = (code: string, more: object = {}) => ({
    status: 400,
    body: { __type: `com.amazonaws.dynamodb.v20120810#${code}`, ...more },
  });
  switch (operation) {
    case 'GetItem': {
      const found = items.get(nameOf(input.Key));
      return ok(found === undefined ? {} : { Item: found });
    }
    case 'Query': {
      const values = input.ExpressionAttributeValues;
      const from = values?.[':s']?.S ?? '';
      const found = [...items.values()].filter(({ pk, sk }) => pk.S === values?.[':p']?.S && sk.S >= from);
      return ok({ Items: found.sort((a, b) => (a.sk.S < b.sk.S ? -1 : 1)) });
    }
    case 'PutItem':
      if (!holds(nameOf(input.Item), input)) return failed('ConditionalCheckFailedException');
      items.set(nameOf(input.Item), input.Item);
      return ok({});
    case 'TransactWriteItems': {
      const puts = input.TransactItems.map(({ Put }) => Put);
      const reasons = puts.map(put => ({
        Code: holds(nameOf(put.Item), put) ? 'None' : 'ConditionalCheckFailed',
      }));
      if (reasons.some(({ Code }) => Code !== 'None'))
        return failed('TransactionCanceledException', { CancellationReasons: reasons });
      for (const put of puts) items.set(nameOf(put.Item), put.Item);
      return ok({});
    }
    case 'DeleteItem':
      if (!holds(nameOf(input.Key), input)) return failed('ConditionalCheckFailedException');
      items.delete(nameOf(input.Key));
      return ok({});
    default:
      return failed('UnknownOperationException');
  }
};

const textOf = async (stream: IncomingMessage): Promise<string> => {
  const parts: Buffer[] = [];
  for await (const part of stream) parts.push(part as Buffer);
  return Buffer.concat(parts).toString();
};
