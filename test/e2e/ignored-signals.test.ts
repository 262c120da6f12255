import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { closeSync, cpSync, existsSync, mkdirSync, openSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import { fileWith, hourAgo, newFolder, TOOL, withEmulator } from '../helpers/tool.ts';

const ROOT = join(dirname(TOOL), '..');

const HEADER = 'timestamp,customer_aws_account_id,product_code,dimension,quantity';
const CSV = `${HEADER}\n${hourAgo(1)},111122223333,exampleproduct,users,5\n`;

/** The tool with a Node that is too old for it, which hands over to the one of the checkout. */
const handingOver = (): string => {
  const folder = newFolder();
  for (const part of ['bin', 'package.json'])
    cpSync(join(ROOT, part), join(folder, part), { recursive: true });
  symlinkSync(join(ROOT, 'dist'), join(folder, 'dist'));
  mkdirSync(join(folder, 'node_modules/node/bin'), { recursive: true });
  symlinkSync(process.execPath, join(folder, 'node_modules/node/bin/node'));
  const old = join(folder, 'old.cjs');
  writeFileSync(
    old,
    "Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.20.2' } });",
  );
  return `'${process.execPath}' --require '${old}' '${join(folder, 'bin/ampmeter.js')}'`;
};

const DIRECT = `'${process.execPath}' '${TOOL}'`;

type Case = {
  readonly shell: string;
  readonly script: string;
  readonly signal: NodeJS.Signals;
  readonly tool?: string;
  readonly stdin?: number;
};

/** Sends the signal to whole of the script while the first request is under way, and gives the exit code of the tool. */
const ended = ({ shell, script, signal, tool = DIRECT, stdin }: Case) => {
  let isAsked = (): void => {};
  const asked = new Promise<void>(resolve => {
    isAsked = resolve;
  });
  return withEmulator(
    async (emulator, env) => {
      emulator.setFaults({ faults: ['slow:1@300'] });
      const command = `${tool} batch '${fileWith(CSV)}'`;
      const child = spawn(shell, ['-c', script.replaceAll('TOOL', command)], {
        env: { PATH: process.env['PATH'], HOME: newFolder(), NODE_DISABLE_COMPILE_CACHE: '1', ...env },
        detached: true,
        stdio: [stdin ?? 'ignore', 'pipe', 'pipe'],
      });
      let said = '';
      for (const stream of [child.stdout, child.stderr])
        stream?.on('data', text => {
          said += text;
        });
      const closed = new Promise(resolve => child.on('close', resolve));
      await asked;
      if (child.pid !== undefined) process.kill(-child.pid, signal);
      await closed;
      return { code: /^code=(\d+)$/m.exec(said)?.[1], said };
    },
    { onRequest: ({ path }) => path === '/' && isAsked() },
  );
};

const has = (program: string): boolean => spawnSync(program, ['--version']).error === undefined;

describe('a signal that is ignored at the start stays ignored', {
  skip: !existsSync('/proc/self/status') || !has('bash'),
}, () => {
  const END = 'code=$?; trap "" HUP; echo "code=$code"';
  for (const [what, script, signal, code] of [
    ['nohup', 'trap : HUP; nohup TOOL; echo "code=$?"', 'SIGHUP', '0'],
    ['without nohup', 'trap : HUP; TOOL; echo "code=$?"', 'SIGHUP', '129'],
    ["trap '' HUP", `trap '' HUP; TOOL; ${END}`, 'SIGHUP', '0'],
    ["trap '' INT", `trap '' INT; TOOL; ${END}`, 'SIGINT', '0'],
    ["trap '' TERM", `trap '' TERM; TOOL; ${END}`, 'SIGTERM', '0'],
    ["another signal than that of trap ''", `trap '' INT; trap : TERM; TOOL; ${END}`, 'SIGTERM', '143'],
    ['nohup of a script', 'nohup bash -c "TOOL; echo code=\\$?"', 'SIGHUP', '0'],
  ] as const) {
    test(what, async () => {
      const result = await ended({ shell: 'bash', script, signal });
      assert.equal(result.code, code, result.said);
    });
  }

  test('when the tool hands over to the runtime of a checkout', async () => {
    const tool = handingOver();
    for (const [script, signal, code] of [
      ['trap : HUP; nohup TOOL; echo "code=$?"', 'SIGHUP', '0'],
      [`trap '' HUP; TOOL; ${END}`, 'SIGHUP', '0'],
      [`trap '' TERM; TOOL; ${END}`, 'SIGTERM', '0'],
      ['trap : HUP; TOOL; echo "code=$?"', 'SIGHUP', '129'],
    ] as const) {
      const result = await ended({ shell: 'bash', script, signal, tool });
      assert.equal(result.code, code, `${script}\n${result.said}`);
    }
  });

  test('as nohup leaves it to any shell at a terminal, with a standard input that cannot be read', async () => {
    const unreadable = openSync('/dev/null', 'w');
    const result = await ended({
      shell: 'sh',
      script: 'trap : HUP; TOOL; echo "code=$?"',
      signal: 'SIGHUP',
      stdin: unreadable,
    });
    closeSync(unreadable);
    assert.equal(result.code, '0', result.said);
  });
});
