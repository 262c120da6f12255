import { EventEmitter, once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import dynalite from 'dynalite';
import { type Call, createAdminReplies, type Reply } from './dynamo-admin.ts';

/**
 * DynamoDB on loopback: dynalite, with TransactWriteItems, which it does not have, before it. All requests go one after the
 * other, so a transaction is as atomic as in AWS.
 */
export type Dynamo = {
  readonly url: string;
  /** Each request, before it is answered. What it throws is answered with status 500. */
  onRequest: ((operation: string) => Promise<void> | void) | undefined;
  /** The operation that the caller may not call. */
  denied?: string;
  /** What goes wrong with a request. */
  fault: ((operation: string) => DynamoFault | undefined) | undefined;
  /** Each request that was done, with its reply on its way: the order of the calls is that of the table. */
  onDone: ((done: DoneRequest) => void) | undefined;
  readonly [Symbol.asyncDispose]: () => Promise<void>;
};

export type DoneRequest = { readonly operation: string; readonly body: string; readonly status: number };

/**
 * - `throttled`: it is not done, and may be repeated
 * - `not-received`, `lost`: the connection is cut before it is done, or after that
 * - `half`: it is done, and the reply ends in the middle
 * - `doneLateMs`, `toldLateMs`: it is done so much later, also if the caller is gone by then; or only the reply is late
 */
export type DynamoFault =
  | 'throttled'
  | 'not-received'
  | 'lost'
  | 'half'
  | { readonly doneLateMs: number }
  | { readonly toldLateMs: number };

export const startDynamo = async (): Promise<Dynamo> => {
  const behind: Server = dynalite({ createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 });
  const admin = createAdminReplies();
  let turn: Promise<unknown> = Promise.resolve();
  const server = createServer(async (incoming, outgoing) => {
    const body = await textOf(incoming);
    const operation = String(incoming.headers['x-amz-target']).split('.')[1] ?? '';
    const fault = dynamo.fault?.(operation);
    if (fault === 'not-received') return outgoing.destroy();
    if (fault === 'throttled')
      return outgoing.writeHead(400, { 'content-type': 'application/x-amz-json-1.0' }).end(THROTTLED);
    if (typeof fault === 'object' && 'doneLateMs' in fault) await sleep(fault.doneLateMs);
    const mine = turn.then(async () => {
      await dynamo.onRequest?.(operation);
      if (operation === dynamo.denied) return accessDenied(operation);
      const call: Call = (name, input) => forward(behind, incoming.headers, name, JSON.stringify(input));
      const reply = await (operation === 'TransactWriteItems'
        ? transact(JSON.parse(body), call)
        : (admin(operation, body, call) ?? forward(behind, incoming.headers, operation, body)));
      dynamo.onDone?.({ operation, body, status: reply.status });
      return reply;
    });
    turn = mine.catch(() => {});
    try {
      const { status, text } = await mine;
      if (typeof fault === 'object' && 'toldLateMs' in fault) await sleep(fault.toldLateMs);
      if (fault === 'lost') return outgoing.destroy();
      if (fault === 'half') {
        outgoing.writeHead(status, { 'content-length': Buffer.byteLength(text) + 1 });
        outgoing.write(text);
        return setTimeout(() => outgoing.destroy(), 1);
      }
      outgoing.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' }).end(text);
    } catch (error) {
      outgoing.writeHead(500, { 'content-type': 'application/x-amz-json-1.0' }).end(
        JSON.stringify({
          __type: 'com.amazonaws.dynamodb.v20120810#InternalServerError',
          message: String(error),
        }),
      );
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const dynamo: Dynamo = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    onRequest: undefined,
    onDone: undefined,
    fault: undefined,
    [Symbol.asyncDispose]: async () => {
      server.close();
      server.closeAllConnections();
    },
  };
  return dynamo;
};

const accessDenied = (operation: string): Reply => ({
  status: 400,
  text: JSON.stringify({
    __type: 'com.amazon.coral.service#AccessDeniedException',
    Message: `User: arn:aws:iam::123456789012:user/example is not authorized to perform: dynamodb:${operation}`,
  }),
});

const THROTTLED = JSON.stringify({
  __type: 'com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException',
  message: 'The level of configured provisioned throughput for the table was exceeded.',
});

type Key = Readonly<Record<string, unknown>>;

type Put = { readonly TableName: string; readonly Item: Key };

const transact = async (
  { TransactItems }: { readonly TransactItems: readonly { readonly Put: Put }[] },
  call: Call,
): Promise<Reply> => {
  const undo: (() => Promise<Reply>)[] = [];
  for (const [index, { Put }] of TransactItems.entries()) {
    const { TableName, Item } = Put;
    const key = { pk: Item['pk'], sk: Item['sk'] };
    const before = JSON.parse((await call('GetItem', { TableName, Key: key, ConsistentRead: true })).text);
    const reply = await call('PutItem', Put);
    if (reply.status === 200) {
      undo.push(() =>
        before.Item === undefined
          ? call('DeleteItem', { TableName, Key: key })
          : call('PutItem', { TableName, Item: before.Item }),
      );
      continue;
    }
    for (const back of undo.reverse()) await back();
    const failed = JSON.parse(reply.text) as { readonly __type: string; readonly message?: string };
    const Code = failed.__type.includes('ConditionalCheckFailed')
      ? 'ConditionalCheckFailed'
      : 'ValidationError';
    return {
      status: 400,
      text: JSON.stringify({
        __type: 'com.amazonaws.dynamodb.v20120810#TransactionCanceledException',
        Message: 'Transaction cancelled, please refer cancellation reasons for specific reasons',
        CancellationReasons: TransactItems.map((_, at) => ({ Code: at === index ? Code : 'None' })),
      }),
    };
  }
  return { status: 200, text: '{}' };
};

/** Hands a request to dynalite, which does not listen: a second connection would take as long as its work. */
const forward = (
  behind: Server,
  headers: IncomingHttpHeaders,
  operation: string,
  body: string,
): Promise<Reply> =>
  new Promise(resolve => {
    const request = Object.assign(new EventEmitter(), {
      method: 'POST',
      url: '/',
      headers: { ...headers, 'x-amz-target': `DynamoDB_20120810.${operation}` },
    });
    const response = {
      statusCode: 200,
      setHeader: () => {},
      end: (text: string) => resolve({ status: response.statusCode, text }),
    };
    behind.emit('request', request, response);
    request.emit('data', Buffer.from(body));
    request.emit('end');
  });

const textOf = async (stream: AsyncIterable<Buffer>): Promise<string> => {
  const parts: Buffer[] = [];
  for await (const part of stream) parts.push(part);
  return Buffer.concat(parts).toString();
};
