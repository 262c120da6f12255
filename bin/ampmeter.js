#!/usr/bin/env node
// This file must run on every Node that has modules, far enough to say that the version is too old.
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import module from 'node:module';
import { fileURLToPath } from 'node:url';

const pinned = fileURLToPath(new URL('../node_modules/node/bin/node', import.meta.url));

if (/^(-V|--version)$/.test(process.argv.slice(2).join(' '))) {
  // Scripts ask for this often, so nothing is loaded for it.
  const manifest = new URL('../package.json', import.meta.url);
  process.stdout.on('error', error => {
    if (error.code === 'EPIPE') return;
    process.stderr.write(`error: standard output could not be written: ${error.message}\n`);
    process.exitCode = 1;
  });
  process.stdout.write(`${JSON.parse(readFileSync(manifest, 'utf8')).version}\n`);
} else {
  await start();
}

async function start() {
  const { isSupported, NEEDED } = await import('./node-version.js');
  if (isSupported(process.versions.node)) {
    await cacheCompiled();
    const main = new URL('../dist/main.js', import.meta.url);
    if (existsSync(main)) {
      await import(main.href);
    } else {
      process.stderr.write('ampmeter is not built; run npm run build\n');
      process.exitCode = 1;
    }
  } else if (existsSync(pinned) && process.env.AMPMETER_STARTED_BY === undefined) {
    await handOver();
  } else {
    process.stderr.write(`ampmeter needs ${NEEDED}; this is ${process.versions.node}\n`);
    process.exitCode = 1;
  }
}

/**
 * Uses Node's cache of compiled code in Node's own place. Node creates the folder with all parents, and never returns
 * where a folder cannot have entries (src/files/folder.ts): so the outermost one is created here if it is missing.
 */
async function cacheCompiled() {
  // One of Node's own variables has decided.
  if (process.env.NODE_DISABLE_COMPILE_CACHE || module.getCompileCacheDir()) return;
  const [{ tmpdir }, { join }] = await Promise.all([import('node:os'), import('node:path')]);
  const folder = join(tmpdir(), 'node-compile-cache');
  try {
    if (!existsSync(folder)) mkdirSync(folder);
  } catch {
    return;
  }
  module.enableCompileCache(folder);
}

/** Runs this program on the runtime that the checkout installs, and ends as it does. */
async function handOver() {
  const { spawn } = await import('node:child_process');
  const child = spawn(pinned, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], {
    stdio: 'inherit',
    // For src/system/signals.ts, which needs the parent; and a runtime that is also too old must not hand over again.
    env: { ...process.env, AMPMETER_STARTED_BY: String(process.ppid) },
  });
  // The terminal sends these to both processes; a second one would stop the child at once.
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
