import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { rootCertificates } from 'node:tls';
import { KEY_PAIR } from '../src/emulator/principal.ts';
import { startEmulator } from '../src/emulator/server.ts';

/**
 * How soon the tool is there, as ratios in one run: `node bench/start.ts [rounds [folder of another build]]`, after
 * `npm run build`. Needs bash, which measures processor time. Whole processes, one after the other in each round, with
 * nothing in their environment but keys, Region, endpoint and folders. `own` is what a program takes above an empty Node of
 * the same run. The scripts that AWS's client is measured with are `aws-client-meter.mjs` and `aws-client-resolve.mjs`.
 */
const rounds = Number(process.argv[2] ?? 20);
const tool = join(resolve(process.argv[3] ?? join(import.meta.dirname, '..')), 'bin/ampmeter.js');

/** As many as a list for a company's proxy has: its own one and those of everybody. */
const AUTHORITIES = 144;

/** Of the rounds, from the fastest: a neighbour on the machine slows some, and none is faster than it can be. */
const PERCENTILE = 0.2;

/** In a process of its own, since this one cannot answer while it waits for others. */
if (process.env['BENCH_SERVE'] !== undefined) {
  const { url } = await startEmulator({
    port: 0,
    now: () => new Date(),
    uuid: () => crypto.randomUUID(),
    window: 'on',
    signatures: 'verify',
  });
  process.stdout.write(`${url}\n`);
} else {
  await compare();
}

async function compare(): Promise<void> {
  const home = mkdtempSync(join(tmpdir(), 'ampmeter-bench-'));
  const server = spawn(process.execPath, [import.meta.filename], {
    env: { ...process.env, BENCH_SERVE: '1' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    const [line] = (await once(server.stdout, 'data')) as [Buffer];
    const bundle = join(home, 'authorities.pem');
    writeFileSync(bundle, rootCertificates.slice(0, AUTHORITIES).join('\n'));
    const env = {
      PATH: process.env['PATH'],
      HOME: home,
      TMPDIR: home,
      AWS_ENDPOINT_URL: line.toString().trim(),
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: KEY_PAIR.accessKeyId,
      AWS_SECRET_ACCESS_KEY: KEY_PAIR.secretAccessKey,
    };
    const meter = ['meter', '--product-code', 'p', '--dimension', 'users', '--quantity', '3'];
    const script = (name: string): string => join(import.meta.dirname, `aws-client-${name}.mjs`);
    const programs: Programs = {
      node: { words: [process.execPath, '-e', '0'], env },
      '--version': { words: [process.execPath, tool, '--version'], env },
      '--help': { words: [process.execPath, tool, '--help'], env },
      meter: { words: [process.execPath, tool, ...meter], env },
      'client meter': { words: [process.execPath, script('meter')], env },
      resolve: { words: [process.execPath, tool, 'resolve', 'test_token'], env },
      'client resolve': { words: [process.execPath, script('resolve')], env },
      'resolve, bundle': {
        words: [process.execPath, tool, 'resolve', 'test_token'],
        env: { ...env, AWS_CA_BUNDLE: bundle },
      },
      ...(spawnSync('aws', ['--version']).error === undefined && {
        'AWS CLI resolve': {
          words: ['aws', 'meteringmarketplace', 'resolve-customer', '--registration-token', 'test_token'],
          env: { ...env, AWS_DEFAULT_REGION: env.AWS_REGION },
        },
      }),
    };
    print(measured(programs));
  } finally {
    server.kill();
    rmSync(home, { recursive: true, force: true });
  }
}

type Programs = Record<string, { readonly words: readonly string[]; readonly env: NodeJS.ProcessEnv }>;

/** Milliseconds. */
type Times = { readonly wall: number; readonly cpu: number };

function measured(programs: Programs): ReadonlyMap<string, Times> {
  const all = new Map<string, Times[]>();
  // The first round fills the cache of compiled code and does not count.
  for (let round = 0; round <= rounds; round += 1)
    for (const [name, { words, env }] of Object.entries(programs)) {
      const times = timed(name, words, env);
      if (round > 0) all.set(name, [...(all.get(name) ?? []), times]);
    }
  const low = (values: number[]): number =>
    values.sort((a, b) => a - b)[Math.floor(rounds * PERCENTILE)] ?? 0;
  return new Map(
    [...all].map(([name, times]) => [
      name,
      { wall: low(times.map(({ wall }) => wall)), cpu: low(times.map(({ cpu }) => cpu)) },
    ]),
  );
}

/** Processor time of all threads, as the shell has it from the system; of children Node reports none. */
function timed(name: string, words: readonly string[], env: NodeJS.ProcessEnv): Times {
  const { status, stderr, output } = spawnSync(
    'bash',
    ['-c', 'TIMEFORMAT="%3R %3U %3S"; exec 3>&2 2>&4; { time "$@" 2>&3; }', 'bash', ...words],
    { env: { ...env, LC_ALL: 'C' }, encoding: 'utf8', stdio: ['ignore', 'ignore', 'pipe', 'ignore', 'pipe'] },
  );
  if (status !== 0) throw new Error(`${name}: ${stderr}`);
  const [real = 0, user = 0, system = 0] = (output[4] ?? '').trim().split(' ').map(Number);
  return { wall: real * 1000, cpu: (user + system) * 1000 };
}

function print(times: ReadonlyMap<string, Times>): void {
  const of = (name: string): Times => times.get(name) ?? { wall: Number.NaN, cpu: Number.NaN };
  const each = (use: (of: (name: string) => number) => number, digits: number): string =>
    (['wall', 'cpu'] as const)
      .map(kind =>
        use(name => of(name)[kind])
          .toFixed(digits)
          .padStart(8),
      )
      .join('');
  const row = (name: string, use: (of: (name: string) => number) => number, digits: number): string =>
    `${name.padEnd(52)}${each(use, digits)}\n`;
  const own = (of: (name: string) => number, name: string): number => of(name) - of('node');
  const ofClient = (name: string): string =>
    row(
      `${name}: own, of own of bench/aws-client-${name}.mjs`,
      of => own(of, name) / own(of, `client ${name}`),
      2,
    );
  process.stdout.write(
    [
      `${cpus().length} × ${cpus()[0]?.model}, Node ${process.versions.node}, ${rounds} rounds, fifth of the fastest\n`,
      `${''.padEnd(52)}${'wall'.padStart(8)}${'cpu'.padStart(8)}\n`,
      row('node -e 0: ms', of => of('node'), 0),
      ...[...times.keys()]
        .filter(name => name !== 'node')
        .map(name => row(`${name}: own ms`, of => own(of, name), 0)),
      ofClient('meter'),
      ofClient('resolve'),
      row('--help: own, of node -e 0', of => own(of, '--help') / of('node'), 2),
      row('--version: whole, of node -e 0', of => of('--version') / of('node'), 2),
      row(
        `resolve with AWS_CA_BUNDLE (${AUTHORITIES}): ms above without`,
        of => of('resolve, bundle') - of('resolve'),
        0,
      ),
      ...(times.has('AWS CLI resolve')
        ? [row('resolve: whole, of the AWS CLI', of => of('resolve') / of('AWS CLI resolve'), 2)]
        : ['resolve of the AWS CLI: not installed\n']),
    ].join(''),
  );
}
