import { InputError } from '../../errors.ts';
import type { InputProblem } from '../../input/problem.ts';
import { counted } from '../../render/text/numbers.ts';
import type { Plan } from '../../upload/upload.ts';

/** At most this many problems of one file are repeated; each has been shown with its place before. */
const MAX_MESSAGES = 3;

/** Why nothing of the input is sent: one sentence about what has been shown problem by problem. */
export const inputErrorOf = ({
  rows,
  found,
  unreadable,
}: Pick<Plan, 'rows' | 'found' | 'unreadable'>): InputError => {
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
    : new InputError(`${file}: ${messagesOf(problems)}${also}; nothing was sent`, remedyOf(problems));
};

const messagesOf = (problems: readonly InputProblem[]): string => {
  const messages = problems.slice(0, MAX_MESSAGES).map(({ message }) => message);
  const more = problems.length - messages.length;
  return [...messages, ...(more > 0 ? [counted(more, 'more problem')] : [])].join('; ');
};

const remedyOf = (problems: readonly InputProblem[]): string => {
  const [first, second] = problems;
  return second === undefined && first?.help !== undefined
    ? first.help
    : 'fix the file as shown with each problem, then run the same command again; ampmeter help csv lists the columns';
};
