#!/usr/bin/env node
// This file must run on any Node with ES modules, at least far enough to report that it is too old.
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import module from 'node:module';
import { fileURLToPath } from 'node:url';

const pinned = fileURLToPath(new URL('../node_modules/node/bin/node', import.meta.url));

if (/^(-V|--version)$/.test(process.argv.slice(2).join(' '))) {
  // Scripts ask for the version often; nothing else is loaded for it.
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
 * Turns on Node's cache of compiled code, in its usual folder. Node creates the folder with all its parents, and never
 * returns when one of them accepts no entries (src/files/folder.ts). So the outermost folder is created here first.
 */
async function cacheCompiled() {
  // Decided by an environment variable of Node.
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

/** Runs this program on the Node.js that the checkout has installed, and exits the way it exits. */
async function handOver() {
  const { spawn } = await import('node:child_process');
  const child = spawn(pinned, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], {
    stdio: 'inherit',
    // The parent of this process, for src/system/signals.ts. It also keeps a runtime that is too old, too, from handing over.
    env: { ...process.env, AMPMETER_STARTED_BY: String(process.ppid) },
  });
  // The terminal sends these signals to both processes. Passed on, the child would see a second one and exit at once.
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
