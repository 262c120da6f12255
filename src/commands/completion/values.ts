import { REGIONS } from '../../cli/options/regions.ts';

/** Values that the tool itself lists during completion: they depend on the machine, or on the words before. */
export const DYNAMIC_VALUES = [
  'behaviours',
  'customers',
  'dimensions',
  'endpoints',
  'explanations',
  'faults',
  'licenses',
  'products',
  'profiles',
  'runs',
  'statuses',
  'topics',
  'zones',
] as const;

export type DynamicValue = (typeof DYNAMIC_VALUES)[number];

/** Something that can be completed, with a description. Both may come from files, and have any characters. */
export type Candidate = { readonly value: string; readonly description: string };

/** What a flag or an argument accepts. */
export type ValueKind =
  | { readonly kind: 'choices'; readonly choices: readonly string[] }
  | { readonly kind: 'file' }
  | { readonly kind: 'folder' }
  | { readonly kind: 'dynamic'; readonly what: DynamicValue }
  /** A number, a time, a token: nothing to offer. */
  | { readonly kind: 'free' };

/** By flag, or by command and argument. */
const BY_PLACE: Readonly<Record<string, ValueKind>> = {
  '--profile': { kind: 'dynamic', what: 'profiles' },
  '--product-code': { kind: 'dynamic', what: 'products' },
  '--dimension': { kind: 'dynamic', what: 'dimensions' },
  '--customer': { kind: 'dynamic', what: 'customers' },
  '--license': { kind: 'dynamic', what: 'licenses' },
  '--behaviour': { kind: 'dynamic', what: 'behaviours' },
  '--endpoint-url': { kind: 'dynamic', what: 'endpoints' },
  '--run': { kind: 'dynamic', what: 'runs' },
  'explain name': { kind: 'dynamic', what: 'explanations' },
  'help topic': { kind: 'dynamic', what: 'topics' },
  'ledger copy from': { kind: 'file' },
  'ledger copy to': { kind: 'file' },
};

/** By the name of the value in the help, so that a new flag is completed without a line here. */
const BY_NAME: Readonly<Record<string, ValueKind>> = {
  file: { kind: 'file' },
  files: { kind: 'file' },
  'file|url': { kind: 'file' },
  'url|file': { kind: 'file' },
  path: { kind: 'file' },
  folder: { kind: 'folder' },
  region: { kind: 'choices', choices: REGIONS },
  status: { kind: 'dynamic', what: 'statuses' },
  fault: { kind: 'dynamic', what: 'faults' },
  run: { kind: 'dynamic', what: 'runs' },
  zone: { kind: 'dynamic', what: 'zones' },
};

/** Finds what a flag or an argument accepts by its name, its choices and where it is used. */
export const valueFor = (
  name: string,
  choices: readonly string[] | undefined,
  places: readonly string[],
): ValueKind => {
  const byPlace = places.map(place => BY_PLACE[place]).find(value => value !== undefined);
  if (byPlace !== undefined) return byPlace;
  if (choices !== undefined) return { kind: 'choices', choices };
  return BY_NAME[name.toLowerCase()] ?? { kind: 'free' };
};
