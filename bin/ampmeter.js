#!/usr/bin/env node
// This file must run on any Node that has modules, far enough to say that it is too old.
import { existsSync, readFileSync } from 'node:fs';
import module from 'node:module';
import { fileURLToPath } from 'node:url';

const [major, minor] = process.versions.node.split('.').map(Number);
const pinned = fileURLToPath(new URL('../node_modules/node/bin/node', import.meta.url));

if (/^(-V|--version)$/.test(process.argv.slice(2).join(' '))) {
  // Scripts ask this often; nothing need be loaded for it.
  const manifest = new URL('../package.json', import.meta.url);
  process.stdout.on('error', error => {
    if (error.code === 'EPIPE') return;
    process.stderr.write(`error: standard output could not be written: ${error.message}\n`);
    process.exitCode = 1;
  });
  process.stdout.write(`${JSON.parse(readFileSync(manifest, 'utf8')).version}\n`);
} else if (major > 22 || (major === 22 && minor >= 21)) {
  if (module.enableCompileCache) module.enableCompileCache();
  const main = new URL('../dist/main.js', import.meta.url);
  if (existsSync(main)) {
    await import(main.href);
  } else {
    process.stderr.write('ampmeter is not built; run npm run build\n');
    process.exitCode = 1;
  }
} else if (existsSync(pinned)) {
  await handOver();
} else {
  process.stderr.write(`ampmeter needs Node.js 22.21 or later; this is ${process.versions.node}\n`);
  process.exitCode = 1;
}

/** Runs this program on the runtime that the checkout brings along, and ends as that ends. */
async function handOver() {
  const { spawn } = await import('node:child_process');
  const child = spawn(pinned, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], {
    stdio: 'inherit',
  });
  // The terminal sends these to both; a second one would end the child at once.
  for (const signal of ['SIGHUP', 'SIGINT']) process.on(signal, () => {});
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  child.on('error', error => {
    process.stderr.write(`ampmeter: ${error.message}\n`);
    process.exitCode = 1;
  });
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? 1;
    if (signal === null) return;
    for (const name of ['SIGHUP', 'SIGINT', 'SIGTERM']) process.removeAllListeners(name);
    process.kill(process.pid, signal);
  });
}
