/** The rows of a CSV text by the names of its header; cells may be quoted. Not the tool's own reader. */
export const rowsOf = (text: string): Record<string, string>[] => {
  const [names = [], ...rows] = [...linesOf(text)];
  return rows.map(cells => Object.fromEntries(names.map((name, place) => [name, cells[place] ?? ''])));
};

export const csvOf = (names: readonly string[], rows: readonly Readonly<Record<string, string>>[]): string =>
  [names, ...rows.map(row => names.map(name => row[name] ?? ''))]
    .map(cells => `${cells.map(quoted).join(',')}\n`)
    .join('');

const quoted = (cell: string): string => (/[",\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell);

function* linesOf(text: string): Generator<string[]> {
  let cells: string[] = [];
  for (const [, inQuotes, plain = '', end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\n]*))(,|\n)/g)) {
    cells.push(inQuotes?.replaceAll('""', '"') ?? plain);
    if (end === ',') continue;
    yield cells;
    cells = [];
  }
}
