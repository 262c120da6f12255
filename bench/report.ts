import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeLedger } from './ledger-file.ts';
import { measure } from './measure.ts';

/** What a page costs at 100,000 and at 1,000,000 records: `node bench/report.ts`, after `npm run build`. */
const SIZES = [100_000, 1_000_000];

const folder = mkdtempSync(join(tmpdir(), 'ampmeter-bench-'));
try {
  process.stdout.write(`${cpus().length} × ${cpus()[0]?.model}, Node ${process.versions.node}\n`);
  for (const size of SIZES) {
    const ledger = join(folder, `${size}.db`);
    writeLedger(ledger, size);
    const { seconds, peakMB, stdout } = await measure(
      join(import.meta.dirname, '../bin/ampmeter.js'),
      [
        'report',
        '--html',
        join(folder, `${size}.html`),
        '--ledger',
        ledger,
        '--until',
        '2026-12-01',
        '-o',
        'json',
      ],
      {},
    );
    const { records, bytes } = JSON.parse(stdout);
    process.stdout.write(
      `${records} records: ${seconds.toFixed(2)} s, ${Math.round(peakMB)} MB, page of ${Math.round(bytes / 1000)} kB\n`,
    );
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
