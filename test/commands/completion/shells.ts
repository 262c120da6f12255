import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Shell } from '../../../src/commands/completion/options.ts';

export type Place = {
  /** The completion, a file. */
  readonly completion: string;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
};

/** A shell that waits for a key would wait forever. */
const SHELL_TIMEOUT_MS = 600_000;

const run = (program: string, args: readonly string[], { cwd, env }: Place): Promise<string> =>
  new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: SHELL_TIMEOUT_MS,
    });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', text => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', text => {
      stderr += text;
    });
    child.on('error', reject);
    child.on('close', code => {
      if (code === 0 && stderr === '') resolve(stdout);
      else reject(new Error(`${program} ended with ${code}: ${stderr}`));
    });
  });

/**
 * Bash parts words at = and : and @, but not within quotes, and puts a candidate in the place of what stands behind the
 * last of them (an @ goes with it): what is printed is the whole word that the line then has. Files are left to its own
 * completion, which is on unless it is switched off.
 */
const BASH = `
source "$1"; shift
compopt() { case "$*" in *'+o default'*) default= ;; esac; case "$*" in *'-o dirnames'*) folders=1 ;; esac; }
for line; do
  default=1 folders=
  typed=\${line##*[[:space:]]} parted=$line
  case $line in
    *[\\"\\']*) ;;
    *) for mark in = : @; do parted=\${parted//$mark/ $mark }; done ;;
  esac
  read -r -a COMP_WORDS <<< "$parted"
  case $line in *[\\ =:@]) COMP_WORDS+=('') ;; esac
  case $line in *[=:@]) unset 'COMP_WORDS[\${#COMP_WORDS[@]}-1]' ;; esac
  COMP_CWORD=$((\${#COMP_WORDS[@]} - 1)) COMP_LINE=$line COMP_POINT=\${#line}
  kept=$typed
  case $typed in
    *[\\"\\']*) kept=\${typed%%[\\"\\']*} ;;
    *[=:@]*)
      tail=\${typed##*[=:]}
      case $tail in *@*) tail=@\${tail##*@} ;; esac
      kept=\${typed%"$tail"}
      ;;
    *) kept= ;;
  esac
  _ampmeter
  for reply in "\${COMPREPLY[@]}"; do printf '%s%s\\n' "$kept" "$reply"; done
  [[ \${#COMPREPLY[@]} -gt 0 ]] || [[ -z $default ]] || compgen -f -- "\${typed#"$kept"}" || :
  [[ -z $folders ]] || compgen -d -- "\${typed#"$kept"}" || :
  echo
done
`;

const FISH = `
source $argv[1]
for line in $argv[2..-1]
    complete -C "$line"
    echo
end
`;

const offersIn = (text: string, lines: readonly string[]): readonly string[][] => {
  const offers = text.split(/(?<=^|\n)\n/).map(part => part.split('\n').filter(line => line !== ''));
  if (offers.length < lines.length)
    throw new Error(`${offers.length} answers to ${lines.length} questions: ${text}`);
  return offers.slice(0, lines.length);
};

/** What a shell offers for each line, with the cursor at its end. Descriptions are left out. */
export const ask = async (
  shell: Shell,
  lines: readonly string[],
  place: Place,
): Promise<ReadonlyMap<string, readonly string[]>> => {
  const [program, ...args] = COMMANDS[shell];
  const text = await run(program, [...args, place.completion, ...lines], place);
  const answers = offersIn(text, lines).map(found => found.map(candidate => candidate.replace(/\t.*$/, '')));
  return new Map(lines.map((line, index) => [line, answers[index] ?? []]));
};

const COMMANDS: Readonly<Record<Shell, readonly [program: string, ...args: string[]]>> = {
  bash: ['bash', '--norc', '--noprofile', '-c', BASH, 'bash'],
  zsh: ['zsh', '-f', fileURLToPath(new URL('zsh-candidates.zsh', import.meta.url))],
  fish: ['fish', '--no-config', '-c', FISH],
};

/** Why a shell cannot be asked; false when it can. */
export const missing = async (shell: Shell): Promise<string | false> =>
  run(shell, ['--version'], { completion: '', cwd: '.', env: process.env }).then(
    () => false as const,
    () => `${shell} is not installed`,
  );
