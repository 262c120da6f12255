import type { Ended } from '../helpers/tool.ts';
import { isAll } from '../helpers/volume.ts';
import { askPython, withoutModules } from './python.ts';
import { missing, run } from './run.ts';

const hasCode = withoutModules('awscli') === false;

/** The reason to skip a test that needs the AWS CLI. Where its code is, its program is as well; that takes a second to start. */
export const withoutAws = hasCode ? false : await missing('aws', '--version');

const isOneProcess = hasCode && !isAll;

let isStarted = false;

/** Runs the AWS CLI: first its program, as from a shell script, then its code in one process, where Python has it. */
export const runAws = async (args: readonly string[], env: NodeJS.ProcessEnv): Promise<Ended> => {
  if (isStarted && isOneProcess) return (await askPython('aws_witness', env, { args })) as Ended;
  isStarted = true;
  return run('aws', args, { env });
};
