#!/usr/bin/env node
// This file must run on any Node, at least far enough to report that it is too old: without `node:` and newer syntax. It is
// CommonJS, because that starts faster.
'use strict';
const { existsSync, mkdirSync, readFileSync } = require('fs');
const { join } = require('path');

const root = join(__dirname, '..');
const args = process.argv.slice(2);

if (args.length === 1 && /^(-V|--version)$/.test(args[0])) {
  // Scripts ask for the version often; nothing else is loaded for it.
  print(`${JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).version}\n`);
} else {
  start();
}

function start() {
  const { node } = process.versions;
  const pinned = join(root, 'node_modules/node/bin/node');
  if (isSupported(node)) {
    const file = builtFile();
    if (isHelp()) {
      print(readFileSync(join(root, 'dist/help.txt'), 'utf8'));
    } else if (existsSync(file)) {
      cacheCompiled();
      require(file);
    } else {
      process.stderr.write('ampmeter is not built; run npm run build\n');
      process.exitCode = 1;
    }
  } else if (existsSync(pinned) && process.env.AMPMETER_STARTED_BY === undefined) {
    handOver(pinned);
  } else {
    const needed = 'Node.js 22 (22.21 or later), or Node.js 24.5 or later';
    process.stderr.write(`ampmeter needs ${needed}; this is ${node}\n`);
    process.exitCode = 1;
  }
}

/** Whether it has what the network code needs: agents with a proxy, and trusted authorities set at run time. */
function isSupported(version) {
  const [major, minor] = version.split('.').map(Number);
  return major === 22 ? minor >= 21 : major === 24 ? minor >= 5 : major > 24;
}

/** Whether only the help of the program is asked for, which the build has written down for everything but terminals. */
function isHelp() {
  if (args.length !== 1 || !/^(-h|--help)$/.test(args[0])) return false;
  return !process.stdout.isTTY && existsSync(join(root, 'dist/help.txt'));
}

/** A reader that has left is no failure. */
function print(text) {
  process.stdout.on('error', error => {
    if (error.code === 'EPIPE') return;
    process.stderr.write(`error: standard output could not be written: ${error.message}\n`);
    process.stderr.write(
      '  next:  free some space, or send the output elsewhere, and run the same command again\n',
    );
    process.exitCode = 1;
  });
  process.stdout.write(text);
}

/** The file of the command that is typed, or the one with all of them. `commandsFor` in src/cli/registry.ts has the same rule. */
function builtFile() {
  const typed = args[0] === '--' ? args[1] : args[0];
  const file = join(root, `dist/commands/${typed}.cjs`);
  return /^[a-z]+$/.test(typed) && existsSync(file) ? file : join(root, 'dist/main.cjs');
}

/**
 * Turns on Node's cache of compiled code, in its usual folder. Node creates the folder with all its parents, and never
 * returns when one of them accepts no entries (src/files/folder.ts). So the outermost folder is created here first.
 */
function cacheCompiled() {
  const { enableCompileCache, getCompileCacheDir } = require('module');
  // Decided by an environment variable of Node.
  if (process.env.NODE_DISABLE_COMPILE_CACHE || getCompileCacheDir()) return;
  const folder = join(require('os').tmpdir(), 'node-compile-cache');
  try {
    if (!existsSync(folder)) mkdirSync(folder);
  } catch (_) {
    return;
  }
  enableCompileCache(folder);
}

/** Runs this program on the Node.js that the checkout has installed, and exits the way it exits. */
function handOver(pinned) {
  const { spawn } = require('child_process');
  const child = spawn(pinned, [__filename, ...args], {
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
    process.exitCode = code === null ? 1 : code;
    if (signal === null) return;
    for (const name of ['SIGHUP', 'SIGINT', 'SIGTERM']) process.removeAllListeners(name);
    process.kill(process.pid, signal);
  });
}
