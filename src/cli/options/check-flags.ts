import type { Command, Option } from 'commander';
import { UsageError } from '../../errors.ts';
import type { World } from '../../world.ts';
import type { Line } from './flag-conditions.ts';
import { FLAG_RULES, type Rule } from './flag-rules.ts';

/**
 * Makes each command of the tree check its flags before it runs: none may be empty or have no effect. When a flag is given
 * twice, or together with its opposite, the last one counts: a script may add to a line that it was given. Throws
 * UsageError while the line is parsed.
 */
export const checkFlags = (program: Command, { env }: Pick<World, 'env'>): void => {
  const check = (command: Command, path: readonly string[]): void => {
    for (const below of command.commands) check(below, [...path, below.name()]);
    if (command.options.length === 0 && command.registeredArguments.length === 0) return;
    const flags = watchOptions(command);
    command.hook('preAction', (_, typed) => {
      if (typed !== command) return;
      // A line that is being completed may have empty words.
      if (command.args.includes('') && path[0] !== '__complete')
        throw new UsageError('an argument is empty', 'check whether a variable is not set');
      const ledger = flags.get('--ledger') ?? env['AMPMETER_LEDGER'];
      const line = { flags, words: command.args, ledger: typeof ledger === 'string' ? ledger : undefined };
      for (const rule of FLAG_RULES) if (rule.commands.includes(path.join(' '))) checkRule(rule, line);
    });
  };
  check(program, []);
};

/** The flags that were typed; filled while the line is parsed. */
const watchOptions = (command: Command): Line['flags'] => {
  const flags = new Map<string, string | true>();
  for (const option of command.options) {
    const name = nameOf(option);
    command.on(`option:${option.name()}`, (text: string | null | undefined) => {
      if (text === '')
        throw new UsageError(
          `${name} is empty`,
          'check whether a variable is not set; if you do not need the flag, leave it out',
        );
      flags.delete(name.startsWith('--no-') ? `--${name.slice('--no-'.length)}` : `--no-${name.slice(2)}`);
      flags.set(name, text ?? true);
    });
  }
  return flags;
};

/** Of a flag with two long names, Commander takes the first for the short one. */
const nameOf = ({ long, short }: Option): string => (short?.startsWith('--') ? short : long) ?? short ?? '';

const LEAVE_OUT_ONE = 'leave out one of them';

const checkRule = (rule: Rule, line: Line): void => {
  const { flags } = line;
  const idle = rule.flags.filter(flag => {
    const [name = '', value] = flag.split(' ');
    return value === undefined ? flags.has(name) : flags.get(name) === value;
  });
  const [first] = idle;
  if (first === undefined) return;
  const { because, next } = rule;
  if ('without' in rule) {
    const needed = rule.without(line);
    if (needed === undefined) return;
    throw new UsageError(
      `${idle.join(', ')} ${idle.length === 1 ? 'needs' : 'need'} ${needed}: ${because}`,
      next ?? `add ${needed}, or leave out ${idle.join(', ')}`,
    );
  }
  const cause = rule.with(line);
  if (cause === undefined) return;
  throw new UsageError(
    idle.length === 1
      ? `${cause} and ${first} cannot be used together: ${because}`
      : `${cause} cannot be used with ${idle.join(', ')}: ${because}`,
    next ?? (idle.length === 1 ? LEAVE_OUT_ONE : `leave out ${cause} or the others`),
  );
};
