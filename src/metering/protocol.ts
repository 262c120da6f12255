import { SERVICE } from '../usage/wire.ts';

/** The part of a request that depends on the operation and its input. */
export type Message = {
  readonly method: 'GET' | 'POST';
  /** Below the path of the endpoint, without a slash in front. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string>>;
  /** Undefined: the request has none. */
  readonly body: string | undefined;
};

/** How the operations of an AWS service are called: the input and the output of each. */
export type Protocol<In, Out> = {
  readonly messageOf: <N extends keyof In & string>(operation: N, input: In[N]) => Message;
  /** The result in a reply with status 200; undefined when it does not have the form of the operation. */
  readonly decode: <N extends keyof In & keyof Out & string>(
    operation: N,
    body: string,
  ) => Out[N] | undefined;
  /** No call changes anything, so none is waited for when the program is to stop. */
  readonly onlyReads?: true;
};

/** The requests of AWS JSON: `POST /`, the operation in `X-Amz-Target`. */
export const jsonMessages =
  (targetOf: (operation: string) => string, contentType: string = SERVICE.contentType) =>
  (operation: string, input: unknown): Message => ({
    method: 'POST',
    path: '',
    headers: { 'content-type': contentType, 'x-amz-target': targetOf(operation) },
    body: JSON.stringify(input),
  });
