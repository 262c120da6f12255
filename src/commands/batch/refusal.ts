import type { Flag } from '../../cli/shell-words.ts';
import { InputError } from '../../errors.ts';
import type { InputProblem } from '../../input/problem.ts';
import { counted } from '../../render/text/numbers.ts';
import type { Plan } from '../../upload/upload.ts';

/** At most this many problems of one file are repeated; each has been shown with its place before. */
const MAX_MESSAGES = 5;

/** The command of this run with more flags, for the user to run. */
type Repeat = (added: readonly Flag[]) => string;

/** Why nothing of the input is sent: one sentence about what has been shown problem by problem. */
export const inputErrorOf = (
  { rows, found, unreadable, options: { files } }: Refused,
  repeat: Repeat,
): InputError => {
  const [first] = unreadable;
  if (first === undefined)
    return new InputError(
      `${counted(found.invalidRows, 'row')} ${found.invalidRows === 1 ? 'is' : 'are'} invalid; nothing was sent`,
      found.invalidRows < rows
        ? `fix ${found.invalidRows === 1 ? 'it' : 'them'}, or use --skip-invalid to send the other rows`
        : `fix ${found.invalidRows === 1 ? 'it' : 'them'} as shown with each problem, then run the same command again`,
    );
  const { file } = first;
  const others = new Set(unreadable.map(problem => problem.file)).size - 1;
  const also = others === 0 ? '' : `, and ${counted(others, 'other file')} could not be read`;
  const problems = unreadable.filter(problem => problem.file === file);
  return first.breaksOff
    ? new InputError(
        `${file} could not be read beyond line ${first.line}: ${first.message}${also}; nothing was sent`,
        'fix that line, or export the file again; --skip-invalid does not help, because the rows after that line are unknown',
      )
    : new InputError(
        `${file}: ${messagesOf(problems)}${also}; nothing was sent`,
        mappingOf(files, unreadable, repeat) ?? remedyOf(problems),
      );
};

type Refused = Pick<Plan, 'rows' | 'found' | 'unreadable'> & {
  readonly options: Pick<Plan['options'], 'files'>;
};

const messagesOf = (problems: readonly InputProblem[]): string => {
  const messages = problems.slice(0, MAX_MESSAGES).map(({ message }) => message);
  const more = problems.length - messages.length;
  return more > 0
    ? `${counted(problems.length, 'problem')}: ${messages.join('; ')}; and ${more} more`
    : messages.join('; ');
};

/**
 * The command that maps the columns that are missing in every file, where names of the files clearly mean some of them.
 * Undefined if that would not be all that is wrong.
 */
const mappingOf = (
  files: readonly string[],
  problems: readonly InputProblem[],
  repeat: Repeat,
): string | undefined => {
  const byFile = Map.groupBy(problems, ({ file }) => file);
  const [first = [], ...others] = files.map(file => byFile.get(file)?.map(({ missing }) => missing) ?? []);
  const columns = first.filter(column => column !== undefined);
  if (columns.length < first.length || !columns.some(({ name }) => name !== undefined)) return undefined;
  if (others.some(other => JSON.stringify(other) !== JSON.stringify(first))) return undefined;
  const flags = columns.map(
    ({ column, name }): Flag =>
      column === 'product_code' && name === undefined
        ? ['--product-code', 'CODE']
        : ['--map', `${column}=${name ?? 'HEADER'}`],
  );
  const words = flags.map(([, value]) => value);
  const isUnclear = columns.some(({ column, name }) => column !== 'product_code' && name === undefined);
  const needsCode = words.includes('CODE');
  const blanks = [...(needsCode ? ['CODE'] : []), ...(isUnclear ? ['HEADER'] : [])].join(' and ');
  return [
    `if the columns mean this, run ${repeat(flags)}`,
    ...(blanks === '' ? [] : [`replace ${blanks}`]),
    ...(needsCode ? [LICENSE] : []),
  ].join('; ');
};

const LICENSE =
  'for a product created since June 2026, add a column license_arn instead of --product-code (see ampmeter subscribers -o csv)';

const remedyOf = (problems: readonly InputProblem[]): string => {
  const [first, second] = problems;
  return second === undefined && first?.help !== undefined
    ? first.help
    : 'fix the file as shown with each problem, then run the same command again; ampmeter help csv lists the columns';
};
