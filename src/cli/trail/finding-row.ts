import { type CloudTrailSide, type FindingKind, type FoundRecord, OPEN } from '../../cloudtrail/finding.ts';
import type { ReconciledRow } from '../../render/text/reconciliation.ts';

/** A finding as a row of a table. */
export const rowOf = (found: FoundRecord): ReconciledRow => {
  const { kind, ledger, cloudTrail } = found;
  const [first] = cloudTrail;
  const namesSender = kind !== 'agreed' && kind !== 'pending';
  return {
    kind,
    weight: kind === 'agreed' ? 'agreed' : isOpen(kind) ? 'open' : 'difference',
    hour: `${found.Timestamp.slice(0, 16)}Z`,
    customer: customerOf(found),
    dimension: found.Dimension,
    offering: found.LicenseArn ?? found.ProductCode ?? '',
    // A usage file has no outcomes.
    ledger:
      ledger === null
        ? undefined
        : ledger.run === 0
          ? String(ledger.Quantity)
          : `${ledger.Quantity} ${ledger.status}`,
    cloudTrail: first === undefined ? undefined : `${first.Quantity} ${answerOf(first)}`,
    sender: first === undefined || !namesSender ? undefined : senderOf(first),
    note: found.note,
  };
};

const isOpen = (kind: FindingKind): boolean => OPEN.some(open => open === kind);

const customerOf = ({ CustomerAWSAccountId, CustomerIdentifier }: FoundRecord): string =>
  CustomerAWSAccountId ?? CustomerIdentifier ?? '';

const answerOf = ({ Status, errorCode }: CloudTrailSide): string => Status ?? errorCode ?? '(not shown)';

const senderOf = ({ principal, sourceIPAddress, userAgent }: CloudTrailSide): string =>
  [principal, sourceIPAddress, userAgent].filter(part => part !== undefined).join(' ');
