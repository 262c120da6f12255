import { MEANINGS } from '../src/cli/exit-codes.ts';
import { allOf, type CommandSpec, type FlagSpec } from '../src/commands/completion/command-spec.ts';

type Package = {
  readonly version: string;
  /** The day of that version, not of the build. */
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
    ...Object.entries(MEANINGS).flatMap(([code, meaning]) => ['.TP', code, text(meaning)]),
    '.SH ENVIRONMENT',
    ...ENVIRONMENT.flatMap(([name, meaning]) => ['.TP', `.B ${name}`, text(meaning)]),
    '.SH FILES',
    ...FILES.flatMap(([name, meaning]) => ['.TP', `.I ${text(name)}`, text(meaning)]),
    '',
  ].join('\n');

const ENVIRONMENT: readonly (readonly [name: string, meaning: string])[] = [
  ['AMPMETER_LEDGER', 'The ledger file, unless --ledger is used.'],
  ['XDG_STATE_HOME', 'The folder for state of programs. The ledger is in its subfolder ampmeter.'],
  [
    'AWS_PROFILE, AWS_REGION, AWS_ENDPOINT_URL, AWS_ACCESS_KEY_ID, AWS_CONFIG_FILE, ...',
    'As in the AWS CLI. AWS_ENDPOINT_URL sends usage to another endpoint, for example to an emulator.',
  ],
  [
    'TMPDIR',
    'Where standard input and named pipes are copied while they are read. If it is not writable, an upload puts the copy ' +
      'next to its ledger.',
  ],
  ['NO_COLOR, FORCE_COLOR', 'Never or always use color; --color has precedence.'],
];

const FILES: readonly (readonly [name: string, meaning: string])[] = [
  [
    '~/.local/state/ampmeter/ledger.db',
    'The ledger, an SQLite file that records what was billed. On macOS it is in ~/Library/Application Support, on ' +
      'Windows in %LOCALAPPDATA%.',
  ],
  [
    'INPUT.rejected.csv, INPUT.rejected.2.csv, ...',
    'The rows of an input that were not billed. Fix them, and submit the file as it is. An existing file is never ' +
      'overwritten. Rows of standard input are in stdin.rejected.csv next to the ledger.',
  ],
];

/** Everything but Commander's own `help`, which repeats this page. */
const isOwn = ({ path }: CommandSpec): boolean => path.length < 2 || path.at(-1) !== 'help';

const title = ({ path }: CommandSpec): string => ['ampmeter', ...path].join(' ');

const section = (command: CommandSpec): string[] => [
  `.SS "${text(`${title(command)} ${command.usage}`)}"`,
  text(command.description),
  ...command.args
    .filter(({ description }) => description !== '')
    .flatMap(({ name, description }) => ['.TP', `.I ${text(name)}`, text(description)]),
  ...groups(command.flags.filter(({ names }) => !names.includes('--help'))),
  ...afterText(command.after),
];

const groups = (flags: readonly FlagSpec[]): string[] =>
  [...Map.groupBy(flags, ({ group }) => group)].flatMap(([group, members]) => [
    '.PP',
    `.B ${text(`${group}:`)}`,
    ...members.flatMap(({ written, details }) => ['.TP', `.B ${text(written)}`, text(details)]),
  ]);

/** Headings stay headings; indented text below them keeps its line breaks. */
const afterText = (after: string): string[] => {
  const lines: string[] = [];
  let isPreformatted = false;
  const setPreformatted = (wanted: boolean): void => {
    if (wanted !== isPreformatted) lines.push(wanted ? '.PP\n.EX' : '.EE');
    isPreformatted = wanted;
  };
  for (const line of after.split('\n')) {
    if (line === '') continue;
    const indented = line.startsWith(' ');
    setPreformatted(indented);
    if (!indented) lines.push('.PP');
    lines.push(text(line));
  }
  setPreformatted(false);
  return lines;
};

const lowerFirst = (value: string): string => value.charAt(0).toLowerCase() + value.slice(1);

const ESCAPES: Readonly<Record<string, string>> = {
  '\\': '\\e',
  '-': '\\-',
  "'": '\\(aq',
  '`': '\\(ga',
  '^': '\\(ha',
  '~': '\\(ti',
  '"': '\\(dq',
};

/** Escaped for roff: typed text keeps its ASCII characters, and no line is read as a request. */
const text = (value: string): string =>
  value
    .replaceAll(/[\\\-'`^~"]/g, character => ESCAPES[character] ?? character)
    .replaceAll(
      /[^\n -~]/gu,
      character => `\\[u${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}]`,
    )
    .replaceAll(/^\./gm, '\\&.');
