import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { test } from 'node:test';
import { curlCommand } from '../../src/cli/connection/curl.ts';
import { createClient } from '../../src/metering/client.ts';
import { fixedCredentials } from '../../src/metering/credentials.ts';
import { createSigner } from '../../src/metering/sign.ts';
import { createTransport } from '../../src/metering/transport.ts';
import { type Ended, tool, withEmulator } from '../helpers/tool.ts';
import { testWorld } from '../helpers/world.ts';
import { startCapture } from './capture.ts';

const has = (program: string): boolean => {
  try {
    execFileSync(program, ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
};

const skip = !has('curl') && 'there is no curl to paste the request into';

/** Runs a pasted line in a shell, without the curl configuration of the machine. */
const paste = (line: string): Promise<Ended> =>
  new Promise((resolve, reject) => {
    const shell = spawn('sh', ['-c', line], {
      env: { PATH: process.env.PATH, HOME: '/nonexistent', LC_ALL: 'C' },
    });
    let stdout = '';
    let stderr = '';
    shell.stdout.setEncoding('utf8').on('data', text => {
      stdout += text;
    });
    shell.stderr.setEncoding('utf8').on('data', text => {
      stderr += text;
    });
    shell.on('error', reject);
    shell.on('close', code => resolve({ code, stdout, stderr }));
  });

/** Printable characters, each special in some shell. */
const DIMENSION = `it's-"the"-$HOME-\`id\`-$(id)-\\-%s-!!-*-?-[a]-{b,c}-~-#-;-&-|-<>-end`;

const METER = ['meter', '--product-code', '4ml54db8vrmjuykaw1psroool', '--quantity', '3'];

test('a pasted meter is accepted, and every character of it survives the shell', { skip }, async () => {
  await withEmulator(async (emulator, env) => {
    const allocations = ['--allocation', 'Cost Center=A+B @ /:_.-=1:2', '--allocation', 'Cost Center=C:1'];
    const args = [...METER, '--dimension', DIMENSION, ...allocations, '--client-token', `a'b"c`];
    const shown = await tool([...args, '--show-request'], { env });
    assert.equal(shown.code, 0, shown.stderr);
    assert.equal(emulator.records().length, 0);
    assert.equal(shown.stdout.trimEnd().split('\n').length, 1);

    const pasted = await paste(shown.stdout);
    assert.equal(pasted.code, 0, pasted.stderr);
    assert.match(JSON.parse(pasted.stdout).MeteringRecordId, /^[0-9a-f-]{36}$/, pasted.stdout);
    const stored = JSON.stringify(emulator.records());
    assert.equal(emulator.records().length, 1);
    for (const text of [DIMENSION, 'Cost Center', 'A+B @ /:_.-=1']) {
      assert.ok(stored.includes(JSON.stringify(text)), stored);
    }
  });
});

test('a pasted request that is sent twice is recognized, and billed once', { skip }, async () => {
  await withEmulator(async (emulator, env) => {
    const { stdout: line } = await tool([...METER, '--dimension', 'users', '--show-request'], { env });
    const ids = [JSON.parse((await paste(line)).stdout), JSON.parse((await paste(line)).stdout)];
    assert.deepEqual(ids[0], ids[1]);
    assert.equal(emulator.records().length, 1);
  });
});

test('a pasted request that was edited is rejected because of its signature', { skip }, async () => {
  await withEmulator(async (emulator, env) => {
    const { stdout: line } = await tool([...METER, '--dimension', 'users', '--show-request'], { env });
    const pasted = await paste(line.replace('"UsageQuantity":3', '"UsageQuantity":9'));
    assert.match(JSON.parse(pasted.stdout).__type, /#InvalidSignatureException$/);
    assert.equal(emulator.records().length, 0);
  });
});

test('a pasted resolve request transfers any character of a token', { skip }, async () => {
  await withEmulator(async (_emulator, env) => {
    const { stdout: line } = await tool(['resolve', `it's"$(id)\`x\`für€👍`, '--show-request'], { env });
    const pasted = await paste(line);
    assert.equal(pasted.code, 0, pasted.stderr);
    // The signature is valid, so the body arrived as it was signed. The emulator never issued this token.
    assert.match(JSON.parse(pasted.stdout).__type, /#InvalidTokenException$/);
  });
});

test('the secret key is not in what is shown', { skip }, async () => {
  await withEmulator(async (_emulator, env) => {
    const { stdout, stderr } = await tool([...METER, '--dimension', 'users', '--show-request'], { env });
    assert.ok(!`${stdout}${stderr}`.includes('wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY'));
  });
});

/** More than the checks allow: AWS may accept more characters one day, but shells will not change. */
const WILD: readonly string[] = [
  `für 2 € 日本 👍 "'"'"'`,
  `'`,
  `''`,
  `'\\''`,
  `\\`,
  'a\nb\r\n\tc',
  '$(id) `id` $IFS $1 $$',
  '!!:s/x/y/ ^a^b #!/bin/sh',
  '@/etc/passwd',
  '\u0001\u001b[31m\u007f\u2028\u202e',
];

test('with any text in a tag, a shell sends exactly the bytes that were signed', { skip }, async t => {
  const { url, captured } = await startCapture(t);
  const credentials = fixedCredentials({
    accessKeyId: 'AKIDEXAMPLE',
    secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
    sessionToken: 'IQoJb3JpZ2luX2VjEJr/+=',
  });
  const client = createClient({
    destination: {
      url: new URL(url),
      region: 'eu-west-1',
      regionSource: '--region',
      endpointSource: '--endpoint-url',
    },
    transport: createTransport(),
    sign: createSigner({ region: 'eu-west-1', credentials: credentials.get }),
    credentials,
    world: testWorld(),
    trace: undefined,
    onClockSet: () => {},
  });
  t.after(client.close);
  for (const Value of WILD) {
    const UsageAllocations = [{ AllocatedUsageQuantity: 2_147_483_647, Tags: [{ Key: Value, Value }] }];
    const request = await client.prepare('MeterUsage', {
      ProductCode: '4ml54db8vrmjuykaw1psroool',
      Timestamp: 1_795_341_600,
      UsageDimension: Value,
      UsageQuantity: 2_147_483_647,
      UsageAllocations,
    });
    const pasted = await paste(curlCommand(request));
    assert.equal(pasted.code, 0, pasted.stderr);
    const { body, headers, method, path } = captured.at(-1) ?? assert.fail();
    assert.equal(body, request.body);
    assert.deepEqual([method, path], ['POST', '/']);
    for (const [name, value] of Object.entries(request.headers)) assert.equal(headers[name], value, name);
  }
  assert.equal(captured.length, WILD.length);
});
