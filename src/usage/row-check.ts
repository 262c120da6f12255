import type { Parsed } from './parsed.ts';
import type { ColumnName, Problem, Row } from './row.ts';

/** What was found in a row so far. A class: functions of its own for each row would take as much memory as the row. */
export class RowCheck<Options> {
  readonly problems: Problem[] = [];
  readonly #row: Row;
  readonly #options: Options;
  /** Columns whose cell has a word for a missing value. */
  #valueless: readonly ColumnName[] = NONE;

  constructor(row: Row, options: Options) {
    this.#row = row;
    this.#options = options;
  }

  report(severity: Problem['severity'], cell: number | undefined, message: string, help?: string): void {
    const { file, line, before, raw, locate } = this.#row;
    const span = cell === undefined ? undefined : locate(raw, cell);
    const place = before === undefined ? { file, line } : { file, line, before };
    this.problems.push({ ...place, severity, message, help, raw, span });
  }

  text(name: ColumnName): string | undefined {
    const cell = this.#row.columns.known[name];
    return cell === undefined ? undefined : (this.#row.cells[cell] ?? '');
  }

  has(name: ColumnName): boolean {
    return (this.text(name) ?? '') !== '';
  }

  hasValue(name: ColumnName): boolean {
    return this.has(name) && !this.#valueless.includes(name);
  }

  accept<T>(name: ColumnName, result: Parsed<T>): T | undefined {
    if (result.ok) return result.value;
    if (result.missing) this.#valueless = [...this.#valueless, name];
    this.report('error', this.#row.columns.known[name], result.message, result.help);
    return undefined;
  }

  /** An empty cell means no value. */
  optional<T>(name: ColumnName, parse: (text: string, options: Options) => Parsed<T>): T | undefined {
    const cell = this.text(name);
    return cell === undefined || cell === '' ? undefined : this.accept(name, parse(cell, this.#options));
  }
}

const NONE: readonly ColumnName[] = [];
