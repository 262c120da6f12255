import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { toolHere as tool, toolInVain } from '../helpers/in-process.ts';
import { fileWith, hourAgo, newFolder, withEmulator } from '../helpers/tool.ts';

const BUYER = '111111111111';
const LICENSE = 'arn:aws:license-manager::123456789012:license:l-1';

/** A page of agreements, and the token of another page. */
const FIRST_PAGE = JSON.stringify({
  agreementViewSummaries: [
    {
      agreementId: 'agmt-1',
      acceptor: { accountId: BUYER },
      entitlements: [{ licenseArn: LICENSE }],
      status: 'ACTIVE',
    },
  ],
  nextToken: 'more',
});

const refuse = (response: ServerResponse, status: number, error: string): void => {
  const body = JSON.stringify({ __type: `com.amazonaws.agreementmarketplace#${error}`, message: 'no' });
  response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' }).end(body);
};

/** How the Agreement API fails, while usage is accepted as always: a reply for each request. */
const OUTAGES: readonly (readonly [
  what: string,
  reply: (response: ServerResponse, requests: number) => void,
  message: RegExp,
])[] = [
  ['is not available', response => refuse(response, 503, 'ServiceUnavailable'), /ServiceUnavailable/],
  ['throttles every call', response => refuse(response, 400, 'ThrottlingException'), /ThrottlingException/],
  [
    'fails after the first page',
    (response, requests) =>
      requests === 1
        ? response.writeHead(200, { 'x-amzn-requestid': 'a' }).end(FIRST_PAGE)
        : refuse(response, 500, 'InternalServerException'),
    /InternalServerException/,
  ],
  ['resets each connection', response => response.socket?.destroy(), /SearchAgreements/],
  [
    'is behind a page of a proxy',
    response => response.writeHead(200, { 'content-type': 'text/html' }).end('<html>login</html>'),
    /did not come from AWS/,
  ],
];

const serving = async <T>(listener: RequestListener, use: (url: string) => Promise<T>): Promise<T> => {
  const server = createServer(listener);
  await new Promise<void>(resolve => void server.listen(0, '127.0.0.1', resolve));
  try {
    return await use(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  } finally {
    server.closeAllConnections();
    await new Promise(resolve => void server.close(resolve));
  }
};

const HEADER = 'timestamp,customer_aws_account_id,license_arn,dimension,quantity';

describe('when the Agreement API', () => {
  for (const [index, [what, reply, message]] of OUTAGES.entries())
    test(`${what}, nothing is listed or written, and usage is billed`, async () => {
      let requests = 0;
      const listener: RequestListener = (request, response) => {
        requests += 1;
        request.resume().on('end', () => reply(response, requests));
      };
      await serving(listener, url =>
        withEmulator(async (_emulator, emulated) => {
          const folder = newFolder();
          const env = {
            ...emulated,
            AMPMETER_LEDGER: join(folder, 'ledger.db'),
            AWS_ENDPOINT_URL_MARKETPLACE_AGREEMENT: url,
          };
          const usage = fileWith(`${HEADER}\n${hourAgo(2)},${BUYER},${LICENSE},users,3\n`);
          const checked = ['--no-rejects', '--check-dimensions=error'];
          const sent = await toolInVain(['batch', usage, ...checked], { env });
          assert.equal(sent.code, 0, sent.stderr);
          assert.match(sent.stderr, /warning: dimensions could not be listed: .*; they are not checked\n/);

          const page = join(folder, 'page.html');
          const zeros = join(folder, 'zeros.csv');
          writeFileSync(page, '<!-- before -->');
          const commands = [
            ['subscribers', '-o', 'csv'],
            ['gaps', '--agreements', '--zero-fill', zeros],
            ['gaps', '--agreements', '-o', 'jsonl'],
            ['report', '--agreements', '--html', page, '--force'],
            ['history', '--value', '-o', 'csv'],
          ];
          // All of them call alike.
          for (const args of index === 0 ? commands : commands.slice(0, 2)) {
            requests = 0;
            const ended = await toolInVain(args, { env });
            assert.deepEqual([ended.code, ended.stdout], [5, ''], `${args.join(' ')}\n${ended.stderr}`);
            assert.match(ended.stderr, message, args.join(' '));
          }
          assert.deepEqual([readFileSync(page, 'utf8'), existsSync(zeros)], ['<!-- before -->', false]);
          // What needs only the ledger goes on.
          assert.equal((await tool(['gaps', '--since', '-2h'], { env })).code, 4);
        }),
      );
    });

  for (const [what, isAnswered] of [
    ['does not reply', false],
    ['shows only its time', true],
  ] as const)
    test(`${what}, a signal ends the command at once`, async () => {
      const asked = Promise.withResolvers<void>();
      await serving(
        ({ method }, response) => {
          if (isAnswered && method !== 'POST') response.end();
          else asked.resolve();
        },
        async url => {
          const env = {
            AWS_REGION: 'us-east-1',
            AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
            AWS_SECRET_ACCESS_KEY: 'secret',
            AWS_ENDPOINT_URL: url,
            XDG_STATE_HOME: newFolder(),
          };
          const stop = { signal: 'SIGTERM', when: asked.promise } as const;
          const ended = await tool(['subscribers', '-o', 'csv'], { env, stop });
          assert.deepEqual([ended.code, ended.stdout], [143, '']);
          // Not that AWS may have processed it: the call changes nothing.
          assert.match(ended.stderr, /error: SearchAgreements was not processed: .*stopped/);
        },
      );
    });
});
