import type { EpochSeconds } from '../usage/hours.ts';
import { joinKey } from '../usage/key.ts';
import type { DoubleBilledRow, DraftStatements } from './draft-statements.ts';
import type { StoredKey, StoredMode } from './record-row.ts';
import type { RunSpan } from './run-span.ts';

/** What AWS does not compare, and would bill beside each other. */
const CLASHING = ['licence', 'account'] as const;

/** Usage of a plan that has a license and a product code, in the plan itself or with what the ledger has. */
export class Clashes {
  readonly #sql: DraftStatements;
  readonly #span: RunSpan;
  /** Of the records of the input. */
  readonly #modes = new Set<StoredMode>();

  constructor(sql: DraftStatements, span: RunSpan) {
    this.#sql = sql;
    this.#span = span;
  }

  /** The input has a record of this mode. */
  noteMode(mode: StoredMode): void {
    this.#modes.add(mode);
  }

  /** The keys of records of the plan that clash with each other, usage by usage. */
  inPlan(): readonly (readonly StoredKey[])[] {
    if (!CLASHING.every(mode => this.#modes.has(mode))) return [];
    const usages = new Map<string, Map<string, StoredKey>>();
    const { first, last } = this.#span;
    for (const row of this.#rows(first, last)) {
      if (row.license_new !== row.code_new || row.license_seen !== row.code_seen) continue;
      const { timestamp, customer, dimension, license_offering, code_offering } = row;
      const usage = joinKey(timestamp, customer, dimension);
      const keys = usages.get(usage) ?? new Map<string, StoredKey>();
      usages.set(usage, keys);
      for (const [mode, offering] of [
        ['licence', license_offering],
        ['account', code_offering],
      ] as const)
        keys.set(joinKey(mode, offering), [timestamp, customer, dimension, mode, offering]);
    }
    return [...usages.values()].map(keys => [...keys.values()]);
  }

  /** Adds to the conflicts what clashes within these hours. */
  addConflicts(first: EpochSeconds, last: EpochSeconds): void {
    if (!this.#arePossible(first, last)) return;
    const { destination } = this.#span;
    for (const row of this.#rows(first, last)) {
      // Of two that are to be sent, the one that was read later counts.
      const isLicensed =
        row.license_new === row.code_new ? row.license_seen < row.code_seen : row.license_new === 1;
      const [mode, offering, other] = isLicensed
        ? (['licence', row.license_offering, 'a product code'] as const)
        : (['account', row.code_offering, 'a license ARN'] as const);
      const reason = `the ledger has this account, dimension and hour with ${other}: AWS would bill both`;
      const { timestamp, customer, dimension } = row;
      this.#sql.addConflict.run(reason, destination, timestamp, customer, dimension, mode, offering);
    }
  }

  /** Whether these hours have records of both modes: only then the records are compared. */
  #arePossible(first: EpochSeconds, last: EpochSeconds): boolean {
    const { destination } = this.#span;
    return CLASHING.every(
      mode => this.#modes.has(mode) || this.#sql.anyOfMode.get(destination, first, last, mode) !== undefined,
    );
  }

  #rows(first: EpochSeconds, last: EpochSeconds): DoubleBilledRow[] {
    const { destination, run } = this.#span;
    return this.#sql.doubleBilled.all(destination, run, first, last);
  }
}
