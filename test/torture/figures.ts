import type { Finding, Verdict } from './checker.ts';

/** What all trials come to, on one line; zeros are the promise. */
export const figuresLine = (verdicts: readonly Verdict[]): string => {
  const findings = verdicts.flatMap(verdict => verdict.findings);
  const sum = (count: (verdict: Verdict) => number): number =>
    verdicts.reduce((total, verdict) => total + count(verdict), 0);
  const found = (kind: Finding['kind']): number => findings.filter(each => each.kind === kind).length;
  return [
    `trials ${verdicts.length}`,
    `kills ${sum(({ kills }) => kills)}`,
    `runs ${sum(({ runs }) => runs)}`,
    `requests ${sum(({ requests }) => requests)}`,
    `records lost ${found('lost')}`,
    `billed twice ${found('billed twice')}`,
    `wrong hour ${found('wrong hour')}`,
    `wrong quantity ${found('wrong quantity')}`,
    `forgotten ${found('forgotten')}`,
    `exit codes that lied ${found('exit code lied')}`,
    ...(found('other') > 0 ? [`other findings ${found('other')}`] : []),
  ].join(', ');
};

/** The first findings of each trial, for a test that fails. */
export const findingsText = (verdicts: readonly Verdict[]): string =>
  verdicts
    .filter(({ findings }) => findings.length > 0)
    .map(({ folder, findings }) =>
      [
        folder,
        ...findings.slice(0, 10).map(({ kind, text }) => `  ${kind}: ${text}`),
        ...(findings.length > 10 ? [`  … and ${findings.length - 10} more`] : []),
      ].join('\n'),
    )
    .join('\n');
