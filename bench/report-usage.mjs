import { writeFileSync } from 'node:fs';

/** Preloaded into a measured process: when it ends it writes down what it used, as `measure` reads it. */
process.on('exit', () => {
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  const file = process.env['BENCH_USAGE'];
  if (file !== undefined) {
    writeFileSync(
      file,
      JSON.stringify({ cpuSeconds: (userCPUTime + systemCPUTime) / 1e6, peakMB: maxRSS / 1024 }),
    );
  }
});
