import { quoted } from '../rules/refusals.ts';
import type { Read } from '../rules/shape.ts';
import type { ArmedFault } from './injected-fault.ts';
import { FAULTS, type Fault } from './table.ts';

/** A fault that applies with this probability: from 0, never, to 1, always. */
export type RandomFault = ArmedFault & { readonly probability: number };

/** `NAME:PROBABILITY[@PARAMETER]`, as in `--fault error503:0.1@2`. */
export const parseFault = (text: string): Read<RandomFault> => {
  const [, name = text, chance, parameter] = /^([^:@]*):([^@]*)(?:@(.*))?$/s.exec(text) ?? [];
  const armed = parseNamedFault(name.split('@', 1)[0] ?? '', parameter);
  if (!armed.ok) return armed;
  if (chance === undefined)
    return invalid(`${quoted(text)} has no probability; use for example ${armed.value.fault.name}:0.1`);
  if (!/^(?:0(?:\.[0-9]{1,9})?|1(?:\.0+)?)$/.test(chance)) {
    return invalid(`the probability ${quoted(chance)} is not a number from 0 to 1`);
  }
  return { ok: true, value: { ...armed.value, probability: Number(chance) } };
};

/** `NAME[@PARAMETER]`, as in `{"next": ["error503@2"]}`. */
export const parseScriptedFault = (text: string): Read<ArmedFault> => {
  const at = text.indexOf('@');
  return at === -1
    ? parseNamedFault(text, undefined)
    : parseNamedFault(text.slice(0, at), text.slice(at + 1));
};

/** The fault as `parseFault` reads it. */
export const faultText = ({ fault, probability, parameter }: RandomFault): string =>
  `${fault.name}:${probability}${parameterText(parameter)}`;

export const scriptedFaultText = ({ fault, parameter }: ArmedFault): string =>
  `${fault.name}${parameterText(parameter)}`;

/** In the order of the table, in which they apply. */
export const inTableOrder = (armed: readonly ArmedFault[]): readonly ArmedFault[] =>
  armed.toSorted((a, b) => FAULTS.indexOf(a.fault) - FAULTS.indexOf(b.fault));

const BY_NAME: ReadonlyMap<string, Fault> = new Map(FAULTS.map(fault => [fault.name, fault]));

const parseNamedFault = (name: string, parameter: string | undefined): Read<ArmedFault> => {
  const fault = BY_NAME.get(name);
  if (fault === undefined) return invalid(`unknown fault ${quoted(name)}; the faults are ${NAMES}`);
  if (parameter === undefined)
    return { ok: true, value: { fault, parameter: fault.parameter?.byDefault ?? '' } };
  if (fault.parameter === undefined) return invalid(`the fault ${name} has no parameter`);
  return fault.parameter.form.test(parameter)
    ? { ok: true, value: { fault, parameter } }
    : invalid(`invalid parameter ${quoted(parameter)} of the fault ${name}: ${fault.description}`);
};

const NAMES = FAULTS.map(({ name }) => name).join(', ');

const parameterText = (parameter: string): string => (parameter === '' ? '' : `@${parameter}`);

const invalid = (message: string): { readonly ok: false; readonly message: string } => ({
  ok: false,
  message,
});
