/** The words of JSON Schema, draft 2020-12, that the published schema uses; any other is an error of this reader. */
type Schema = {
  readonly $schema?: string;
  readonly title?: string;
  readonly description?: string;
  readonly type?: 'object' | 'array' | 'string' | 'integer' | 'boolean';
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean;
  readonly items?: Schema;
  readonly uniqueItems?: boolean;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
};

const WORDS: Readonly<Record<keyof Schema, (schema: Schema, value: unknown) => boolean>> = {
  $schema: () => true,
  title: () => true,
  description: () => true,
  type: ({ type }, value) => typeOf(value) === type,
  enum: ({ enum: values }, value) => values?.includes(value) === true,
  properties: ({ properties = {} }, value) =>
    !isObject(value) ||
    Object.entries(value).every(([name, inner]) => {
      const schema = Object.hasOwn(properties, name) ? properties[name] : undefined;
      return schema === undefined || isValid(schema, inner);
    }),
  required: ({ required = [] }, value) =>
    !isObject(value) || required.every(name => Object.hasOwn(value, name)),
  additionalProperties: ({ additionalProperties, properties = {} }, value) =>
    additionalProperties !== false ||
    !isObject(value) ||
    Object.keys(value).every(name => Object.hasOwn(properties, name)),
  items: ({ items = {} }, value) => !Array.isArray(value) || value.every(inner => isValid(items, inner)),
  uniqueItems: ({ uniqueItems }, value) =>
    uniqueItems !== true ||
    !Array.isArray(value) ||
    new Set(value.map(inner => JSON.stringify(inner))).size === value.length,
  minLength: ({ minLength = 0 }, value) => typeof value !== 'string' || [...value].length >= minLength,
  maxLength: ({ maxLength = 0 }, value) => typeof value !== 'string' || [...value].length <= maxLength,
  pattern: ({ pattern = '' }, value) => typeof value !== 'string' || new RegExp(pattern, 'u').test(value),
  minimum: ({ minimum = 0 }, value) => typeof value !== 'number' || value >= minimum,
  maximum: ({ maximum = 0 }, value) => typeof value !== 'number' || value <= maximum,
};

/** Whether a value is one of the schema. */
export const isValid = (schema: object, value: unknown): boolean =>
  Object.keys(schema).every(word => {
    if (!Object.hasOwn(WORDS, word)) throw new Error(`the word ${word} of JSON Schema is not known here`);
    return WORDS[word as keyof Schema](schema as Schema, value);
  });

const isObject = (value: unknown): value is Record<string, unknown> => typeOf(value) === 'object';

const typeOf = (value: unknown): string => {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  return Number.isInteger(value) ? 'integer' : typeof value;
};
