/** The command lines under `Examples:` in a help text, lines that go on joined. */
export const examplesIn = (help: string): readonly string[] => {
  const [, block = ''] = /^Examples:\n((?: .*\n?)+)/m.exec(help) ?? [];
  return block
    .replaceAll(/ \\\n */g, ' ')
    .split('\n')
    .map(line => line.trim())
    .filter(line => line !== '');
};
