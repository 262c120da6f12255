import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';

export type ProcessUsage = { readonly cpuSeconds: number; readonly residentMB: number };

/** What a running process has used so far, all its threads together; undefined where there is no /proc. */
export const usageOf = (pid: number): ProcessUsage | undefined => {
  if (!existsSync(`/proc/${pid}/stat`)) return undefined;
  // After the name, which may hold spaces: state is the third field of proc(5), utime the 14th, stime the 15th.
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ');
  const ticks = Number(fields[11]) + Number(fields[12]);
  const resident = /^VmRSS:\s+([0-9]+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return { cpuSeconds: ticks / ticksPerSecond(), residentMB: Number(resident) / 1024 };
};

const ticksPerSecond = (): number => {
  perSecond ??= Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));
  return perSecond;
};

let perSecond: number | undefined;
