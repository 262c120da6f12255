import { show } from '../../render/text/escape.ts';
import { counted } from '../../render/text/numbers.ts';
import type { Paint } from '../../render/text/style.ts';
import { noticeText, warningText } from '../../render/text/terminal.ts';
import type { RejectsNews } from '../../upload/rejects.ts';
import type { BatchOptions } from './options.ts';
import { submitText } from './repeat.ts';

/**
 * Where the rows that are not billed are, in every format. With --quiet only what is not obvious: another name than
 * expected, or rows that are in no file.
 */
export const rejectsText = (news: readonly RejectsNews[], options: BatchOptions, paint: Paint): string => {
  const { output, quiet } = options;
  return news
    .map(item => {
      switch (item.kind) {
        case 'written': {
          if (quiet && item.path === item.meant && item.displaced === undefined) return '';
          const text = writtenText(item) + submitText(item.path, options);
          // For people this is part of the summary.
          return output === 'table'
            ? `${show(text)}\n`
            : noticeText(text, output, paint, { rejects: item.path });
        }
        case 'not-kept':
          return warningText(
            `${counted(item.rows, 'row')} of ${item.displaced} not billed and not saved: ${item.because}, and there is no ledger file to save them next to; use --rejects to save such rows`,
            output,
            paint,
          );
        case 'earlier':
          return quiet || output !== 'table'
            ? ''
            : noticeText(
                `${item.path} is from an earlier run; this run rejected no row of ${item.inputs.join(', ')}`,
                output,
                paint,
              );
        default:
          return item satisfies never;
      }
    })
    .join('');
};

const writtenText = ({
  path,
  meant,
  isNew,
  displaced,
}: RejectsNews & { readonly kind: 'written' }): string => {
  const rows = displaced === undefined ? 'rows not billed' : `rows of ${displaced} not billed`;
  if (!isNew) return `${rows} are in ${path}, which already had exactly these`;
  return `${rows} were written to ${path}${path === meant ? '' : `, because ${meant} already exists`}`;
};
