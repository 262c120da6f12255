/** A piece of a Markdown document; `source` is its text there. */
export type Part = { readonly source: string } & (
  | { readonly kind: 'text' }
  | { readonly kind: 'comment'; readonly text: string }
  | { readonly kind: 'file'; readonly name: string; readonly text: string }
  | { readonly kind: 'crontab'; readonly text: string }
  /** The command lines that are typed there, without their output. */
  | { readonly kind: 'console'; readonly lines: readonly string[] }
);

/** The document in pieces: blocks of code, comments of one line, and the text between them. */
export const partsOf = (markdown: string): readonly Part[] =>
  markdown.split(/(^```[^\n]*\n[\s\S]*?^```\n|^<!-- [^\n]* -->\n)/m).map(partOf);

const partOf = (source: string): Part => {
  const comment = /^<!-- (.*) -->\n$/.exec(source)?.[1];
  if (comment !== undefined) return { source, kind: 'comment', text: comment };
  const [, kind = '', name, text = ''] = /^```(\w*)(?: (\S+))?\n([\s\S]*)^```\n$/m.exec(source) ?? [];
  if (kind === 'console')
    return { source, kind, lines: [...text.matchAll(/^\$ (.*)$/gm)].map(([, line = '']) => line) };
  if (kind === 'crontab') return { source, kind, text };
  return name === undefined ? { source, kind: 'text' } : { source, kind: 'file', name, text };
};
