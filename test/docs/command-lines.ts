/**
 * Command lines of a Markdown text: of its blocks for shells, without what `#` explains behind them, and in its sentences.
 * Its consoles are run by `story.ts`.
 */
export const commandLinesIn = (markdown: string): readonly string[] => {
  const blocks = [...markdown.matchAll(/^ *```(?:sh|bash)\n([\s\S]*?)^ *```$/gm)].flatMap(([, text = '']) =>
    text.replaceAll(/ \\\n */g, ' ').split('\n'),
  );
  const sentences = markdown.replaceAll(/^ *```[\s\S]*?^ *```$/gm, '');
  const spans = [...sentences.matchAll(/`(ampmeter \S[^`]*)`/g)].flatMap(([, line]) => line ?? []);
  return [...blocks, ...spans]
    .map(line => line.replace(/(^|\s)# .*$/, '').trim())
    .filter(line => line !== '');
};
