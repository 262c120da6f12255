import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What one run of a program used. */
export type Usage = {
  readonly cpuSeconds: number;
  readonly peakMB: number;
  readonly seconds: number;
  readonly stdout: string;
};

/**
 * Runs a program of ours in a process of its own. Rejects when it does not exit with 0. What is compared with the tool is
 * plain JavaScript, as the tool is: Node takes 0.1 s to translate TypeScript.
 */
export const measure = async (
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<Usage> => {
  const folder = mkdtempSync(join(tmpdir(), 'ampmeter-bench-'));
  const usageFile = join(folder, 'usage.json');
  const hook = join(import.meta.dirname, 'report-usage.mjs');
  const start = performance.now();
  try {
    const stdout = await new Promise<string>((resolve, reject) => {
      const child = spawn(process.execPath, ['--import', hook, program, ...args], {
        env: {
          PATH: process.env['PATH'],
          HOME: folder,
          XDG_STATE_HOME: folder,
          BENCH_USAGE: usageFile,
          ...env,
        },
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      let out = '';
      let err = '';
      child.stdout.on('data', text => {
        out += text;
      });
      child.stderr.on('data', text => {
        err += text;
      });
      child.on('error', reject);
      child.on('close', code => (code === 0 ? resolve(out) : reject(new Error(`exit code ${code}: ${err}`))));
    });
    const { cpuSeconds, peakMB } = JSON.parse(readFileSync(usageFile, 'utf8'));
    return { cpuSeconds, peakMB, seconds: (performance.now() - start) / 1000, stdout };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

export const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
