import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, watch, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { toolHere as tool } from '../helpers/in-process.ts';
import { fileWith, hourAgo, newFolder, TOOL } from '../helpers/tool.ts';

const CANARY = 'CANARY-wJalrXUtnFEMI-bPxRfiCYEXAMPLEKEY';

/** A home folder with this AWS config. */
const homeWith = (config: string): { home: string; env: Record<string, string> } => {
  const home = newFolder();
  mkdirSync(join(home, '.aws'));
  writeFileSync(join(home, '.aws', 'config'), config);
  return { home, env: { HOME: home, XDG_STATE_HOME: home } };
};

const METER = '--product-code x --dimension users --quantity 1 --region us-east-1 --timestamp'.split(' ');

const COMMANDS: readonly (readonly string[])[] = [
  ['resolve', 'test_token'],
  // With a time of its own: no clock is asked first.
  ['meter', ...METER, hourAgo(1)],
  ['doctor'],
];

const FORMATS: readonly (readonly string[])[] = [[], ['-o', 'json'], ['-o', 'jsonl'], ['--debug']];

const LEAKS: readonly (readonly [what: string, config: string, cause: RegExp])[] = [
  [
    'a process that fails',
    `credential_process = sh -c 'echo ${CANARY} >&2; echo ${CANARY}; exit 3'`,
    /the credential_process of profile \\?"default\\?" failed with exit code 3/,
  ],
  [
    'a process that is not there',
    `credential_process = /nowhere/${CANARY}`,
    /failed with exit code 127 \(the command was not found\)/,
  ],
  [
    'a process that prints something else',
    `credential_process = echo ${CANARY}`,
    /did not print a JSON object/,
  ],
  [
    'a process that prints half of it',
    `credential_process = printf '{"Version":1,"SecretAccessKey":"${CANARY}"}'`,
    /printed no AccessKeyId/,
  ],
  [
    'half a key pair',
    `aws_secret_access_key = ${CANARY}`,
    /has aws_secret_access_key and no aws_access_key_id/,
  ],
];

describe('no secret is printed, in any format, and the cause is', {
  skip: process.platform === 'win32',
}, () => {
  for (const [what, setting, cause] of LEAKS) {
    test(what, async () => {
      const { env } = homeWith(`[default]\n${setting}\n`);
      for (const command of COMMANDS) {
        for (const format of FORMATS) {
          const { code, stdout, stderr } = await tool([...command, ...format], { env });
          const said = stdout + stderr;
          assert.equal(code, 6, said);
          assert.ok(!said.includes('CANARY'), said);
          assert.match(said.replaceAll(/\s+/g, ' '), cause);
        }
      }
    });
  }
});

test('a token file is told with its variable, by every command and by doctor', async () => {
  const token = fileWith(`${CANARY}\n`, 'token');
  const env = {
    AWS_CONTAINER_CREDENTIALS_FULL_URI: 'http://127.0.0.1:1/',
    AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: token,
  };
  for (const command of COMMANDS) {
    const { code, stdout, stderr } = await tool([...command, '-o', 'json'], { env });
    assert.equal(code, 6);
    const said = stdout + stderr;
    assert.ok(!said.includes('CANARY'), said);
    assert.ok(
      said.includes(`the token of AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE (${token}) ends in a line break`),
    );
  }
});

test('a profile that does not exist is told with the variable and the files that cannot be read', async () => {
  const env = {
    AWS_PROFILE: 'nobody',
    AWS_CONFIG_FILE: '/nowhere/config',
    AWS_SHARED_CREDENTIALS_FILE: newFolder(),
  };
  for (const command of COMMANDS) {
    const { code, stdout, stderr } = await tool([...command, '-o', 'json'], { env });
    assert.equal(code, 6);
    const said = (stdout + stderr).replaceAll('\\"', '"');
    assert.match(said, /profile "nobody" \(AWS_PROFILE\) does not exist/);
    assert.match(said, /AWS_CONFIG_FILE \(\/nowhere\/config\) cannot be read: file not found/);
    assert.match(said, /AWS_SHARED_CREDENTIALS_FILE \(\S+\) cannot be read: it is a directory/);
  }
});

const UNFINISHED: readonly (readonly [config: string, said: RegExp])[] = [
  ['[profile seller]\n', /profile "seller" \(AWS_PROFILE\) has no settings/],
  [
    '[profile seller]\ncredential_process =\n',
    /credential_process of profile "seller" \(AWS_PROFILE\) is empty/,
  ],
  [
    '[default]\n[profile seller\nregion = x\n',
    /line 2 of ~\/\.aws\/config begins a section but does not end/,
  ],
];

test('a profile that is there and is not finished is not said to be missing', async () => {
  for (const [config, expected] of UNFINISHED) {
    const { env } = homeWith(config);
    for (const command of COMMANDS) {
      const { code, stdout, stderr } = await tool([...command, '-o', 'json'], {
        env: { ...env, AWS_PROFILE: 'seller' },
      });
      const said = (stdout + stderr).replaceAll('\\"', '"');
      assert.equal(code, 6, said);
      assert.match(said, expected);
      assert.doesNotMatch(said, /does not exist/);
    }
  }
});

/** A process that nobody has asked for the result of yet counts as ended. */
const isRunning = (pid: number): boolean => {
  try {
    return !/^State:\s*Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
};

/** A profile whose process hangs, and has started another that hangs; its shell waits for it. */
const hangingProfile = () => {
  const home = newFolder();
  mkdirSync(join(home, '.aws'));
  const pids = join(home, 'pids');
  const script = join(home, 'hang.sh');
  const start = `echo $$ $! > '${pids}.part' && mv '${pids}.part' '${pids}'`;
  writeFileSync(script, `(exec sleep 600) &\n${start}\nwait\n`);
  writeFileSync(
    join(home, '.aws', 'config'),
    `[default]\nregion = us-east-1\ncredential_process = sh '${script}'; true\n`,
  );
  const begun = new Promise<void>(resolve => {
    const look = (): void => {
      if (!existsSync(pids)) return;
      watcher.close();
      resolve();
    };
    const watcher = watch(home, look);
    look();
  });
  const gone = async (): Promise<void> => {
    const started = readFileSync(pids, 'utf8').trim().split(' ').map(Number);
    assert.equal(started.length, 2);
    while (started.some(isRunning)) await setImmediate();
  };
  return { env: { HOME: home, XDG_STATE_HOME: home }, begun, gone };
};

const skip = !existsSync('/proc/self/status') && 'there is no /proc';

describe('nothing stays behind of a process that hangs', { skip }, () => {
  const limit = { timeout: 30_000 };
  const batch = (): string[] => [
    'batch',
    fileWith(`customer_aws_account_id,dimension,quantity,timestamp\n222222222222,users,3,${hourAgo(2)}\n`),
    '--product-code',
    'x',
  ];

  for (const [signal, exitCode] of [
    ['SIGTERM', 143],
    ['SIGINT', 130],
    ['SIGHUP', 129],
  ] as const) {
    for (const [name, args] of [
      ['resolve', ['resolve', 'test_token']],
      ['batch', batch()],
      ['doctor', ['doctor']],
    ] as const) {
      test(`${name}, ${signal}`, limit, async () => {
        const { env, begun, gone } = hangingProfile();
        const { code, stdout, stderr } = await tool(args, { env, stop: { signal, when: begun } });
        assert.equal(code, exitCode, stdout + stderr);
        await gone();
      });
    }
  }

  test('two signals, the second of which ends the program at once', limit, async () => {
    const { env, begun, gone } = hangingProfile();
    const child = spawn(process.execPath, [TOOL, 'resolve', 'test_token'], {
      env: { PATH: process.env['PATH'], ...env },
      stdio: 'ignore',
    });
    const ended = new Promise(resolve => child.on('close', resolve));
    await begun;
    child.kill('SIGTERM');
    child.kill('SIGTERM');
    assert.equal(await ended, 143);
    await gone();
  });

  test('--give-up-after', limit, async () => {
    for (const args of [['resolve', 'test_token'], ['doctor']]) {
      const { env, gone } = hangingProfile();
      const { code, stdout, stderr } = await tool([...args, '--give-up-after', '3s', '-o', 'json'], { env });
      assert.equal(code, 6, stdout + stderr);
      const said = (stdout + stderr).replaceAll('\\"', '"');
      assert.match(said, /the credential_process of profile "default" returned none within 3 s/);
      await gone();
    }
  });
});

test('a container endpoint that refuses is not called slow', async () => {
  const env = { AWS_CONTAINER_CREDENTIALS_FULL_URI: 'http://127.0.0.1:1/' };
  for (const args of [['resolve', 'test_token'], ['doctor']]) {
    const { code, stdout, stderr } = await tool([...args, '--give-up-after', '2s', '-o', 'json'], { env });
    assert.equal(code, 6);
    assert.match(
      stdout + stderr,
      /\(http:\/\/127\.0\.0\.1:1\) cannot be reached: nothing is listening there/,
    );
    assert.match(stdout + stderr, /check the role of the container/);
  }
});

const ASSUMED = `<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials><AccessKeyId>ASIAROLE00000000000A</AccessKeyId><SecretAccessKey>${CANARY}</SecretAccessKey><SessionToken>${CANARY}</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>`;

const startSts = async (t: TestContext): Promise<{ url: string; asked: URLSearchParams[] }> => {
  const asked: URLSearchParams[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', text => {
      body += text;
    });
    request.on('end', () => {
      asked.push(new URLSearchParams(body));
      response.writeHead(200, { 'content-type': 'text/xml' }).end(ASSUMED);
    });
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
};

const MFA = `[default]
role_arn = arn:aws:iam::111122223333:role/metering
source_profile = base
mfa_serial = arn:aws:iam::111122223333:mfa/me
region = us-east-1
[profile base]
aws_access_key_id = AKIABASE000000000000
aws_secret_access_key = ${CANARY}
`;

test('without a terminal nobody is asked for a code, and nothing is called', async t => {
  const sts = await startSts(t);
  const { env } = homeWith(MFA);
  const { code, stderr } = await tool(['resolve', 'test_token'], {
    env: { ...env, AWS_ENDPOINT_URL_STS: sts.url },
    input: '123456\n',
  });
  assert.equal(code, 6);
  assert.match(stderr, /needs the code of an MFA device .*mfa\/me.*but there is no terminal to ask for it/);
  assert.match(stderr, /next: .*terminal.*aws configure export-credentials --profile default --format env/);
  assert.deepEqual(sts.asked, []);
});

/** `script` of util-linux runs a command on a terminal of its own, and types what it is given. */
const hasScript =
  process.platform === 'linux' && spawnSync('script', ['-qec', 'true', '/dev/null']).status === 0;

describe('on a terminal', { skip: !hasScript && 'script of util-linux is not here' }, () => {
  /** Types when the question has been asked; gives what the terminal shows. */
  const typing = (
    keys: string,
    env: Record<string, string>,
  ): Promise<{ code: number | null; shown: string }> =>
    new Promise((resolve, reject) => {
      const command = `'${process.execPath}' '${TOOL}' resolve test_token --give-up-after 2s`;
      const child = spawn('script', ['-qec', command, '/dev/null'], {
        env: {
          PATH: process.env['PATH'],
          SHELL: '/bin/sh',
          HTTPS_PROXY: 'http://127.0.0.1:1',
          AWS_EC2_METADATA_DISABLED: 'true',
          ...env,
        },
        stdio: ['pipe', 'pipe', 'inherit'],
      });
      let shown = '';
      let isTyped = false;
      child.stdout.setEncoding('utf8').on('data', text => {
        shown += text;
        if (isTyped || !shown.includes('MFA code for')) return;
        isTyped = true;
        child.stdin.write(keys);
      });
      child.on('error', reject);
      child.on('close', code => resolve({ code, shown }));
    });

  test('the code is asked for and not shown', { timeout: 30_000 }, async t => {
    const sts = await startSts(t);
    const { env } = homeWith(MFA);
    const { code, shown } = await typing('123456\r', { ...env, AWS_ENDPOINT_URL_STS: sts.url });
    // There are credentials, and nothing else listens.
    assert.equal(code, 5, shown);
    assert.match(shown, /^MFA code for arn:aws:iam::111122223333:mfa\/me: \r?\n/);
    assert.doesNotMatch(shown, /123456|CANARY/);
    assert.deepEqual(
      sts.asked.map(asked => [asked.get('SerialNumber'), asked.get('TokenCode')]),
      [['arn:aws:iam::111122223333:mfa/me', '123456']],
    );
  });

  test('Ctrl-C ends the question and the command', { timeout: 30_000 }, async t => {
    const sts = await startSts(t);
    const { env } = homeWith(MFA);
    const { code, shown } = await typing('12\x03', { ...env, AWS_ENDPOINT_URL_STS: sts.url });
    assert.equal(code, 130, shown);
    assert.deepEqual(sts.asked, []);
  });

  test('what is no code is refused, and nothing is called', { timeout: 30_000 }, async t => {
    const sts = await startSts(t);
    const { env } = homeWith(MFA);
    const { code, shown } = await typing('\x04', { ...env, AWS_ENDPOINT_URL_STS: sts.url });
    assert.equal(code, 6, shown);
    assert.match(shown, /the input is not one/);
    assert.deepEqual(sts.asked, []);
  });
});
