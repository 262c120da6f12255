import assert from 'node:assert/strict';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { instanceRegion } from '../../src/metering/destination.ts';

const TOKEN = 'AQAEAMetadataToken==';
const PLACE = '/latest/meta-data/placement/region';

/** The metadata service of an instance, where AWS's package looks for it. */
const metadata = async (t: TestContext, listener: RequestListener): Promise<string[]> => {
  const seen: string[] = [];
  const server = createServer((request, response) => {
    seen.push(`${request.method} ${request.url}`);
    response.setHeader('connection', 'close');
    listener(request, response);
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  pointAt(t, `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return seen;
};

const pointAt = (t: TestContext, endpoint: string): void => {
  const name = 'AWS_EC2_METADATA_SERVICE_ENDPOINT';
  const before = process.env[name];
  process.env[name] = endpoint;
  t.after(() => {
    if (before === undefined) delete process.env[name];
    else process.env[name] = before;
  });
};

const instance =
  (status: number, body: string): RequestListener =>
  (request, response) => {
    if (request.method === 'PUT' && request.url === '/latest/api/token') {
      response.end(TOKEN);
      return;
    }
    const known = request.headers['x-aws-ec2-metadata-token'] === TOKEN && request.url === PLACE;
    response.writeHead(known ? status : 401);
    response.end(known ? body : 'no token');
  };

test('on an instance its Region is found, with a session token as IMDSv2 wants it', async t => {
  const seen = await metadata(t, instance(200, 'eu-west-1\n'));
  assert.equal(await instanceRegion({}), 'eu-west-1');
  assert.deepEqual(seen, ['PUT /latest/api/token', `GET ${PLACE}`]);
});

const NOWHERE: readonly (readonly [what: string, listener: RequestListener])[] = [
  ['does not know the place', instance(404, '<html>404</html>')],
  ['fails', instance(500, '')],
  ['answers nothing', instance(200, '')],
  ['answers a line break', instance(200, '\n')],
  ['gives no token', (_request, response) => response.writeHead(403).end()],
  ['cuts the connection', request => request.socket.destroy()],
];

for (const [what, listener] of NOWHERE) {
  test(`a metadata service that ${what} gives no Region`, async t => {
    await metadata(t, listener);
    assert.equal(await instanceRegion({}), undefined);
  });
}

test('nothing is asked without a token: IMDSv1 could be a redirect of somebody else', async t => {
  const seen = await metadata(t, (_request, response) => response.writeHead(404).end());
  await instanceRegion({});
  assert.deepEqual(seen, ['PUT /latest/api/token']);
});

test('where nothing listens there is no Region', async t => {
  pointAt(t, 'http://127.0.0.1:1');
  assert.equal(await instanceRegion({}), undefined);
});

test('an address that is none gives no Region', async t => {
  pointAt(t, 'nonsense');
  assert.equal(await instanceRegion({}), undefined);
});

for (const value of ['true', 'TRUE']) {
  test(`with AWS_EC2_METADATA_DISABLED=${value} nothing is asked`, async t => {
    const seen = await metadata(t, instance(200, 'eu-west-1'));
    assert.equal(await instanceRegion({ AWS_EC2_METADATA_DISABLED: value }), undefined);
    assert.deepEqual(seen, []);
  });
}
