import { REGIONS } from './regions.ts';

/** What the tool itself is asked for while a line is being typed: it differs by machine, or by what is typed before. */
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

/** What may stand in a place of a command line. */
export type Value =
  | { readonly kind: 'choices'; readonly choices: readonly string[] }
  | { readonly kind: 'file' }
  | { readonly kind: 'folder' }
  | { readonly kind: 'asked'; readonly what: DynamicValue }
  /** A number, a time, a token: nothing that could be offered. */
  | { readonly kind: 'free' };

/** By flag, or by command and argument. */
const BY_PLACE: Readonly<Record<string, Value>> = {
  '--profile': { kind: 'asked', what: 'profiles' },
  '--product-code': { kind: 'asked', what: 'products' },
  '--dimension': { kind: 'asked', what: 'dimensions' },
  '--customer': { kind: 'asked', what: 'customers' },
  '--license': { kind: 'asked', what: 'licenses' },
  '--behaviour': { kind: 'asked', what: 'behaviours' },
  '--endpoint-url': { kind: 'asked', what: 'endpoints' },
  '--run': { kind: 'asked', what: 'runs' },
  'explain name': { kind: 'asked', what: 'explanations' },
  'help topic': { kind: 'asked', what: 'topics' },
};

/** By what the help calls it, so that a new flag is completed without a line here. */
const BY_NAME: Readonly<Record<string, Value>> = {
  file: { kind: 'file' },
  files: { kind: 'file' },
  'file|url': { kind: 'file' },
  'url|file': { kind: 'file' },
  path: { kind: 'file' },
  folder: { kind: 'folder' },
  region: { kind: 'choices', choices: REGIONS },
  status: { kind: 'asked', what: 'statuses' },
  fault: { kind: 'asked', what: 'faults' },
  run: { kind: 'asked', what: 'runs' },
  zone: { kind: 'asked', what: 'zones' },
};

export const whatFits = (
  name: string,
  choices: readonly string[] | undefined,
  places: readonly string[],
): Value => {
  const byPlace = places.map(place => BY_PLACE[place]).find(value => value !== undefined);
  if (byPlace !== undefined) return byPlace;
  if (choices !== undefined) return { kind: 'choices', choices };
  return BY_NAME[name.toLowerCase()] ?? { kind: 'free' };
};
