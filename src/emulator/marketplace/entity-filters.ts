import { list, optional, required, structure, text } from '../rules/shape.ts';

/** What can be filtered by, of one product. */
type Filtered = {
  readonly entityId: string;
  readonly title: string;
  readonly visibility: string;
  readonly modifiedMs: number;
};

type Values = { readonly ValueList?: string[] };

/** Source: service model 2018-09-17, SaaSProductFilters. */
type SaaSFilters = {
  readonly EntityId?: Values;
  readonly ProductTitle?: Values & { readonly WildCardValue?: string };
  readonly Visibility?: Values;
  readonly LastModifiedDate?: {
    readonly DateRange?: { readonly AfterValue?: string; readonly BeforeValue?: string };
  };
};

export type EntityFilters = {
  /** The older form: only by entity. */
  readonly FilterList?: { readonly Name: string; readonly ValueList: string[] }[];
  readonly EntityTypeFilters?: { readonly SaaSProductFilters?: SaaSFilters };
};

const values = list(text({ minLength: 1, maxLength: 255 }), { min: 1, max: 10 });
const byValues = structure<Values>({ ValueList: optional(values) });
const day = text({ pattern: /^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$/ });

type TitleFilter = NonNullable<SaaSFilters['ProductTitle']>;
type DateFilter = NonNullable<SaaSFilters['LastModifiedDate']>;

const ofSaaS = structure<SaaSFilters>({
  EntityId: optional(byValues),
  ProductTitle: optional(
    structure<TitleFilter>({
      ValueList: optional(values),
      WildCardValue: optional(text({ minLength: 3, maxLength: 255 })),
    }),
  ),
  Visibility: optional(byValues),
  LastModifiedDate: optional(
    structure<DateFilter>({
      DateRange: optional(
        structure<NonNullable<DateFilter['DateRange']>>({
          AfterValue: optional(day),
          BeforeValue: optional(day),
        }),
      ),
    }),
  ),
});

/** The members of a request. */
export const FILTER_MEMBERS = {
  FilterList: optional(
    list(
      structure<NonNullable<EntityFilters['FilterList']>[number]>({
        Name: required(text({ minLength: 1, maxLength: 255, pattern: /^[a-zA-Z]+$/ })),
        ValueList: required(values),
      }),
      { min: 1, max: 8 },
    ),
  ),
  EntityTypeFilters: optional(
    structure<NonNullable<EntityFilters['EntityTypeFilters']>>({ SaaSProductFilters: optional(ofSaaS) }),
  ),
};

/** Why a filter cannot be used; undefined when all can. */
export const filterTrouble = ({ FilterList = [] }: EntityFilters): string | undefined => {
  const other = FilterList.find(({ Name }) => Name !== 'EntityId');
  return other && `The filter ${other.Name} is not supported.`;
};

/** Whether all filters select a product. */
export const isSelected = (
  { FilterList = [], EntityTypeFilters }: EntityFilters,
  { entityId, title, visibility, modifiedMs }: Filtered,
): boolean => {
  const { EntityId, ProductTitle, Visibility, LastModifiedDate } =
    EntityTypeFilters?.SaaSProductFilters ?? {};
  const { AfterValue, BeforeValue } = LastModifiedDate?.DateRange ?? {};
  const has = (wanted: Values | undefined, value: string): boolean =>
    wanted?.ValueList === undefined || wanted.ValueList.includes(value);
  const wildCard = ProductTitle?.WildCardValue?.toLowerCase();
  return (
    FilterList.every(filter => has(filter, entityId)) &&
    has(EntityId, entityId) &&
    has(ProductTitle, title) &&
    has(Visibility, visibility) &&
    (wildCard === undefined || title.toLowerCase().includes(wildCard)) &&
    (AfterValue === undefined || modifiedMs > Date.parse(AfterValue)) &&
    (BeforeValue === undefined || modifiedMs < Date.parse(BeforeValue))
  );
};
