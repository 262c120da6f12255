import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createRandom } from '../../src/emulator/faults/random.ts';
import { FILES, type Kill, type Trial } from './driver.ts';
import { newFolder, type Referee, runTool } from './setup.ts';
import { usageFile } from './usage-file.ts';

/** What a run does to the disk and the network. */
const CALLS = [
  'fsync',
  'fdatasync',
  'pwrite64',
  'pwritev',
  'write',
  'writev',
  'sendto',
  'sendmsg',
  'unlink',
  'ftruncate',
  'rename',
] as const;

/** Node opens hundreds of files; only those of the ledger matter. */
const CALLS_ON_THE_LEDGER = ['openat'] as const;

const LEDGER_FILES = ['', '-wal', '-shm', '-journal', '.lock', '.lock-journal'].map(
  end => FILES.ledger + end,
);

/** Every call of a run as a moment to kill it, found by watching one that nobody disturbs. */
export const callsToKillAt = async (referee: Referee, trial: Trial): Promise<Kill[]> => {
  const folder = newFolder('count');
  writeFileSync(join(folder, FILES.usage), usageFile(trial, createRandom(trial.seed)));
  await referee.begin();
  const trace = join(folder, 'trace');
  const all = [...CALLS, ...CALLS_ON_THE_LEDGER];
  const { code, stderr } = await runTool(['batch', FILES.usage, '--ledger', FILES.ledger, ...trial.flags], {
    cwd: folder,
    env: { AWS_ENDPOINT_URL: referee.url },
    through: ['strace', '-f', '-y', '-qq', '-s0', '-o', trace, '-e', `trace=${all.join(',')}`],
  });
  if (code !== 0) throw new Error(`the run that is watched ended with ${code}\n${stderr}`);
  const lines = readFileSync(trace, 'utf8').split('\n');
  const main = lines[0]?.split(' ')[0];
  const count = (call: string, onLedger: boolean): number =>
    lines.filter(
      line =>
        line.startsWith(`${main} `) &&
        line.includes(` ${call}(`) &&
        (!onLedger || line.includes(`/${FILES.ledger}`)),
    ).length;
  return [
    ...CALLS.flatMap(call => killsAt(call, count(call, false), [])),
    ...CALLS_ON_THE_LEDGER.flatMap(call => killsAt(call, count(call, true), LEDGER_FILES)),
  ];
};

const killsAt = (call: string, count: number, paths: readonly string[]): Kill[] =>
  Array.from({ length: count }, (_, index) => ({ kind: 'call', call, when: index + 1, paths }));
