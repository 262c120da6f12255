import { MEANINGS } from '../src/cli/exit-codes.ts';
import { allOf, type CommandSpec, type Flag } from '../src/commands/completion/command-spec.ts';

type Package = {
  readonly version: string;
  /** The day of that version, whenever the page is made. */
  readonly released: string;
  readonly description: string;
};

/** ampmeter(1), in the macros that groff and mandoc share. */
export const manualPage = (program: CommandSpec, { version, released, description }: Package): string =>
  [
    '.\\" Made by npm run completions; do not edit.',
    `.TH AMPMETER 1 "${released}" "ampmeter ${version}" "User Commands"`,
    '.SH NAME',
    `ampmeter \\- ${text(lowerFirst(description))}`,
    '.SH SYNOPSIS',
    program.commands
      .filter(isOwn)
      .map(one => `.B ${text(title(one))}\n${text(one.usage)}`)
      .join('\n.br\n'),
    '.SH DESCRIPTION',
    text(program.description),
    ...groups(program.flags),
    ...afterText(program.after),
    '.SH COMMANDS',
    ...allOf(program)
      .filter(one => one.path.length > 0 && isOwn(one))
      .flatMap(section),
    '.SH EXIT STATUS',
    ...Object.entries(MEANINGS).flatMap(([code, says]) => ['.TP', code, text(says)]),
    '.SH ENVIRONMENT',
    ...ENVIRONMENT.flatMap(([name, says]) => ['.TP', `.B ${name}`, text(says)]),
    '.SH FILES',
    ...FILES.flatMap(([name, says]) => ['.TP', `.I ${text(name)}`, text(says)]),
    '',
  ].join('\n');

const ENVIRONMENT: readonly (readonly [name: string, says: string])[] = [
  ['AMPMETER_LEDGER', 'The ledger, where no --ledger names it.'],
  ['XDG_STATE_HOME', 'Where the state of programs is kept; the ledger is in the folder ampmeter there.'],
  [
    'AWS_PROFILE, AWS_REGION, AWS_ENDPOINT_URL, AWS_ACCESS_KEY_ID, AWS_CONFIG_FILE, ...',
    'As in the AWS CLI. AWS_ENDPOINT_URL sends usage elsewhere than to AWS, for example to an emulator.',
  ],
  [
    'TMPDIR',
    'Where standard input and named pipes are copied while they are read; where nothing can be written there, the copy of ' +
      'an upload is beside its ledger.',
  ],
  ['NO_COLOR, FORCE_COLOR', 'No colour, and colour always; --color has the last word.'],
];

const FILES: readonly (readonly [name: string, says: string])[] = [
  [
    '~/.local/state/ampmeter/ledger.db',
    'The ledger, an SQLite file, which remembers what was billed. On macOS it is in ~/Library/Application Support, on ' +
      'Windows in %LOCALAPPDATA%.',
  ],
  [
    'INPUT.rejected.csv, INPUT.rejected.2.csv, ...',
    'The rows of an input that are not billed, to be corrected and submitted as they are. An existing file is never ' +
      'overwritten. Those of standard input are in stdin.rejected.csv beside the ledger.',
  ],
];

/** Commander's own `help` says nothing that this page does not. */
const isOwn = ({ path }: CommandSpec): boolean => path.length < 2 || path.at(-1) !== 'help';

const title = ({ path }: CommandSpec): string => ['ampmeter', ...path].join(' ');

const section = (command: CommandSpec): string[] => [
  `.SS "${text(`${title(command)} ${command.usage}`)}"`,
  text(command.description),
  ...command.words
    .filter(({ says }) => says !== '')
    .flatMap(({ name, says }) => ['.TP', `.I ${text(name)}`, text(says)]),
  ...groups(command.flags.filter(({ names }) => !names.includes('--help'))),
  ...afterText(command.after),
];

const groups = (flags: readonly Flag[]): string[] =>
  [...Map.groupBy(flags, ({ group }) => group)].flatMap(([group, members]) => [
    '.PP',
    `.B ${text(`${group}:`)}`,
    ...members.flatMap(({ written, details }) => ['.TP', `.B ${text(written)}`, text(details)]),
  ]);

/** Headings stay headings; what is indented below them keeps its lines. */
const afterText = (after: string): string[] => {
  const lines: string[] = [];
  let isKept = false;
  const keep = (kept: boolean): void => {
    if (kept !== isKept) lines.push(kept ? '.PP\n.EX' : '.EE');
    isKept = kept;
  };
  for (const line of after.split('\n')) {
    if (line === '') continue;
    const indented = line.startsWith(' ');
    keep(indented);
    if (!indented) lines.push('.PP');
    lines.push(text(line));
  }
  keep(false);
  return lines;
};

const lowerFirst = (said: string): string => said.charAt(0).toLowerCase() + said.slice(1);

const ESCAPES: Readonly<Record<string, string>> = {
  '\\': '\\e',
  '-': '\\-',
  "'": '\\(aq',
  '`': '\\(ga',
  '^': '\\(ha',
  '~': '\\(ti',
  '"': '\\(dq',
};

/** As roff takes it: what is typed keeps its ASCII characters, and no line is read as a request. */
const text = (said: string): string =>
  said
    .replaceAll(/[\\\-'`^~"]/g, character => ESCAPES[character] ?? character)
    .replaceAll(
      /[^\n -~]/gu,
      character => `\\[u${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}]`,
    )
    .replaceAll(/^\./gm, '\\&.');
