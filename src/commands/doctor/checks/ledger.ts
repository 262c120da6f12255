import { healthOf, type LedgerHealth } from '../../../ledger/health.ts';
import { READ_ONLY_DISK } from '../../../ledger/sqlite.ts';
import { counted, grouped } from '../../../render/text/numbers.ts';
import type { World } from '../../../world.ts';
import { type CheckResult, fail, failed, ok, warn } from './check.ts';

/** A batch of a million records needs about a third of this. */
const MIN_FREE_BYTES = 1024 ** 3;

export const IF_BILLED_ELSEWHERE =
  'if usage was billed before with another tool or another ledger, run ampmeter ledger import first';

const OTHER_LOCATION = 'choose another location with --ledger or AMPMETER_LEDGER';

/** The ledger, as far as it can be checked without writing anything. */
export const checkLedger = (path: string, { platform }: Pick<World, 'platform'>): readonly CheckResult[] => {
  try {
    return findingsIn(healthOf(path, platform));
  } catch (error) {
    return [failed('ledger', error)];
  }
};

const findingsIn = (health: LedgerHealth): readonly CheckResult[] => [
  fileFinding(health),
  diskFinding(health),
];

const fileFinding = (health: LedgerHealth): CheckResult => {
  const { path, info, damage, unwritable, isReadOnlyDisk, isOpenToOthers, isLocked, isChecked, refusal } =
    health;
  const facts = {
    ledger: path,
    exists: info !== undefined,
    records: info?.records,
    lastRun: info?.lastRun,
    isLocked,
  };
  if (damage !== undefined) {
    const next = 'restore it from a backup, or move it away; reconcile shows what AWS has recorded';
    return fail('ledger', 9, `${path} is damaged: ${damage}`, next, facts);
  }
  if (refusal !== undefined) return fail('ledger', 9, refusal.message, refusal.next ?? OTHER_LOCATION, facts);
  if (unwritable !== undefined && isReadOnlyDisk) {
    const message = `${path} cannot be used: ${unwritable} ${READ_ONLY_DISK}`;
    return fail('ledger', 9, message, `mount it to be written, or ${OTHER_LOCATION}`, facts);
  }
  if (unwritable !== undefined) {
    const message = `${path} cannot be used: no permission to write to ${unwritable}`;
    return fail('ledger', 9, message, `allow it, or ${OTHER_LOCATION}`, facts);
  }
  if (info === undefined || info.records === 0) {
    const file = info === undefined ? `none yet; the first batch creates ${path}` : `${path}: no records`;
    return ok('ledger', `${file}; ${IF_BILLED_ELSEWHERE}`, facts);
  }
  const summary = `${path}: ${counted(info.records, 'record')}, ${counted(info.runs, 'run')}${lastRunText(health)}`;
  if (isOpenToOthers) {
    const next =
      'it names your customers: chmod 600 the file, and do not let other users write to its folder';
    return warn('ledger', `${summary}; other users of this machine have access to it`, next, facts);
  }
  const open = (info.states['sent'] ?? 0) + (info.states['unknown'] ?? 0);
  if (open > 0 && !isLocked) {
    const message = `${summary}; ${counted(open, 'record')} sent without a reply`;
    return warn('ledger', message, 'run the same batch again to settle them', facts);
  }
  if (!isChecked) {
    return ok(
      'ledger',
      `${summary}; not checked for damage because of its size; run ampmeter ledger verify`,
      facts,
    );
  }
  return ok('ledger', `${summary}; no damage`, facts);
};

const lastRunText = ({ info, isLocked }: LedgerHealth): string => {
  const last = info?.lastRun;
  if (isLocked) return '; a run is in progress';
  if (last == null) return '';
  return last.ended === null
    ? `; the last run started at ${last.started} and was killed`
    : `; the last run ended at ${last.ended} with exit code ${last.exitCode}`;
};

const diskFinding = ({ freeBytes, place }: LedgerHealth): CheckResult => {
  const free = freeBytes === undefined ? '' : `${grouped(Math.floor(freeBytes / 1024 ** 2))} MiB free`;
  const facts = { freeBytes, place };
  switch (place) {
    case 'memory':
      return warn('disk', 'the ledger is in memory: it is lost after a restart', OTHER_LOCATION, facts);
    case 'network':
      return warn(
        'disk',
        'the ledger is on a network file system, which may not keep the locks of SQLite',
        OTHER_LOCATION,
        facts,
      );
    case 'container':
      return warn(
        'disk',
        'the ledger is in the layer of a container: it is lost with the container',
        'mount a volume, and use a file on it with --ledger or AMPMETER_LEDGER',
        facts,
      );
    case undefined:
      return freeBytes !== undefined && freeBytes < MIN_FREE_BYTES
        ? warn('disk', `${free} for the ledger`, 'free some space: a full disk stops a run', facts)
        : ok(
            'disk',
            free === '' ? 'the free space on this system is unknown' : `${free} for the ledger`,
            facts,
          );
    default:
      return place satisfies never;
  }
};
