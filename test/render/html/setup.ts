import type { RecordPoint } from '../../../src/ledger/queries/points.ts';
import { charts } from '../../../src/render/html/charts.ts';
import type { ReportModel } from '../../../src/render/html/model.ts';
import { type Frame, pageOf } from '../../../src/render/html/page.ts';
import type { CarriedFractions } from '../../../src/render/html/sections/fractions.ts';
import type { ReconciliationDocument } from '../../../src/render/html/sections/reconciliation.ts';

/** 2026-11-16T00:00:00Z, a Monday. */
export const FIRST = 1_794_787_200;

export const hour = (count: number): number => FIRST + count * 3600;

export const cell = (facts: Partial<RecordPoint> = {}): RecordPoint => ({
  timestamp: FIRST,
  customer: '123456789012',
  product: 'prod',
  dimension: 'users',
  status: 'accepted',
  records: 1,
  quantity: 1,
  ...facts,
});

const FRAME: Frame = {
  ledger: '/state/ledger.db',
  destination: 'AWS, us-east-1',
  since: undefined,
  until: undefined,
  filters: [],
  made: new Date('2026-11-22T10:30:00Z'),
  version: '1.2.3',
};

export const page = (
  figures: ReportModel,
  frame: Partial<Frame> = {},
  reconciliation?: ReconciliationDocument,
  carried?: CarriedFractions,
): string => pageOf(figures, { ...FRAME, ...frame }, { reconciliation, carried }, charts);
