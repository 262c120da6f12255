import { ledgerPath } from '../../../cli/ledger-location.ts';
import { healthOf, type LedgerHealth } from '../../../ledger/health.ts';
import { counted, grouped } from '../../../render/text/numbers.ts';
import type { World } from '../../../world.ts';
import { type Finding, fail, failed, ok, warn } from './check.ts';

/** A batch of a million records takes about a third of this. Bytes. */
const LITTLE_BYTES = 1024 ** 3;

const OTHER_PLACE = 'name another place with --ledger or AMPMETER_LEDGER';

/** The ledger, as far as can be told without writing anything. */
export const checkLedger = (
  named: string | undefined,
  world: Pick<World, 'env' | 'platform'>,
): readonly Finding[] => {
  try {
    return findingsIn(healthOf(ledgerPath(named, world), world.platform));
  } catch (error) {
    return [failed('ledger', error)];
  }
};

const findingsIn = (health: LedgerHealth): readonly Finding[] => [fileFinding(health), diskFinding(health)];

const fileFinding = (health: LedgerHealth): Finding => {
  const { path, info, damage, unwritable, isOpenToOthers, isLocked, isChecked, refusal } = health;
  const facts = {
    ledger: path,
    exists: info !== undefined,
    records: info?.records,
    lastRun: info?.lastRun,
    isLocked,
  };
  if (damage !== undefined) {
    const next = 'restore it from a backup, or move it away; reconcile tells what AWS has';
    return fail('ledger', 9, `${path} is damaged: ${damage}`, next, facts);
  }
  if (refusal !== undefined) return fail('ledger', 9, refusal.message, refusal.next ?? OTHER_PLACE, facts);
  if (unwritable !== undefined) {
    const says = `${path} cannot be used: no permission to write ${unwritable}`;
    return fail('ledger', 9, says, `allow it, or ${OTHER_PLACE}`, facts);
  }
  if (info === undefined) return ok('ledger', `none yet; the first batch makes ${path}`, facts);
  const told = `${path}: ${counted(info.records, 'record')}, ${counted(info.runs, 'run')}${lastRunText(health)}`;
  if (isOpenToOthers) {
    const next = 'it names your customers: chmod 600 the file, and let nobody else write its folder';
    return warn('ledger', `${told}; others on this machine can get at it`, next, facts);
  }
  const open = (info.states['sent'] ?? 0) + (info.states['unknown'] ?? 0);
  if (open > 0 && !isLocked) {
    const says = `${told}; ${counted(open, 'record')} sent without an answer`;
    return warn('ledger', says, 'run the same batch again; it settles them', facts);
  }
  if (!isChecked) {
    return ok('ledger', `${told}; not checked for damage, being large: ampmeter ledger verify does`, facts);
  }
  return ok('ledger', `${told}; no damage`, facts);
};

const lastRunText = ({ info, isLocked }: LedgerHealth): string => {
  const last = info?.lastRun;
  if (isLocked) return '; a run is going on';
  if (last == null) return '';
  return last.ended === null
    ? `; the last run began ${last.started} and was killed`
    : `; the last run ended ${last.ended} with exit code ${last.exitCode}`;
};

const diskFinding = ({ freeBytes, place }: LedgerHealth): Finding => {
  const free = freeBytes === undefined ? '' : `${grouped(Math.floor(freeBytes / 1024 ** 2))} MiB free`;
  const facts = { freeBytes, place };
  switch (place) {
    case 'memory':
      return warn('disk', 'the ledger is in memory: it is gone after a restart', OTHER_PLACE, facts);
    case 'network':
      return warn(
        'disk',
        'the ledger is on a network file system, which may not keep the locks of SQLite',
        OTHER_PLACE,
        facts,
      );
    case 'container':
      return warn(
        'disk',
        'the ledger is in the layer of a container: it is gone with the container',
        'mount a volume, and name a file on it with --ledger or AMPMETER_LEDGER',
        facts,
      );
    case undefined:
      return freeBytes !== undefined && freeBytes < LITTLE_BYTES
        ? warn('disk', `${free} for the ledger`, 'free some space: a full disk ends a run', facts)
        : ok(
            'disk',
            free === '' ? 'this system does not tell how much is free' : `${free} for the ledger`,
            facts,
          );
    default:
      return place satisfies never;
  }
};
