import { InputError } from '../../errors.ts';
import type { InputProblem } from '../../input/problem.ts';
import { counted } from '../../render/text/numbers.ts';
import type { Plan } from '../../upload/upload.ts';

/** So many problems of one file are repeated; each has been shown with its place before. */
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
      `${counted(found.invalidRows, 'row')} of the input cannot be sent; nothing was sent`,
      found.invalidRows < rows
        ? 'fix the input, or use --skip-invalid to send the other rows'
        : 'fix the input as shown with each problem, then run the same command again',
    );
  const { file } = first;
  const others = new Set(unreadable.map(problem => problem.file)).size - 1;
  const also = others === 0 ? '' : `, and ${counted(others, 'other file')} could not be read`;
  const problems = unreadable.filter(problem => problem.file === file);
  return first.breaksOff
    ? new InputError(
        `${file} could not be read beyond line ${first.line}: ${first.message}${also}; nothing was sent`,
        'fix that line, or export the file again: the rows after it are not known, so that --skip-invalid cannot send the others',
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
    : 'correct the file as shown with each problem, then run the same command again; ampmeter help csv lists the columns';
};
