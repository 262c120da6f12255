import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { basename } from 'node:path';
import { test } from 'node:test';
import { newFolder } from '../helpers/tool.ts';

const asked = new Map<string, string | false>();

/** The program is there, or why what needs it is left out. It is asked once. */
export const unless = (program: string, ...args: readonly string[]): string | false => {
  const command = [program, ...args].join(' ');
  const answer =
    asked.get(command) ?? (spawnSync(program, args).status === 0 ? false : `${command} cannot be run here`);
  asked.set(command, answer);
  return answer;
};

/** The AWS CLI takes this file as the input of a command. */
export const testAwsInput = (service: string, operation: string, path: string): void => {
  const name = `${basename(path)} is input of aws ${service} ${operation}`;
  test(name, t => {
    const input = ['--cli-input-json', `file://${path}`];
    const to = ['--endpoint-url', 'http://127.0.0.1:9', '--region', 'us-east-1'];
    const { error, stderr } = spawnSync('aws', [service, operation, ...input, ...to], {
      encoding: 'utf8',
      env: {
        PATH: process.env['PATH'],
        HOME: newFolder(),
        AWS_ACCESS_KEY_ID: 'x',
        AWS_SECRET_ACCESS_KEY: 'x',
        AWS_MAX_ATTEMPTS: '1',
      },
    });
    // To ask for its version first takes as long as this.
    if (error !== undefined) return t.skip(`aws cannot be run here: ${error.message}`);
    // Whoever gets as far as the network has had the input checked.
    assert.match(stderr, /Could not connect to the endpoint URL/);
  });
};
