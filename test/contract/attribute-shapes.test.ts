// The JSON Schema and the table of attributes: what one has, the other has, in forms that fit.
import { expect, test } from 'vitest'
import schema from '../../schemas/compose.schema.json' with { type: 'json' }
import { PROJECT } from '../../src/model/attributes/project.ts'
import type { Shape, Struct } from '../../src/model/attributes/shape.ts'
import { MERGE_RULES } from '../../src/parser/merge/rules.ts'

interface Part {
  readonly $ref?: string
  readonly type?: string | readonly string[]
  readonly enum?: readonly string[]
  readonly properties?: Readonly<Record<string, Part>>
  readonly patternProperties?: Readonly<Record<string, Part>>
  readonly additionalProperties?: boolean | Part
  readonly items?: Part
}

/** A place that both know. */
interface Place {
  readonly path: string
  readonly shape: Shape
  readonly part: Part
}

const DEFINITIONS: Readonly<Record<string, Part>> = schema.$defs as never

/** Known to the schema alone: read before there is a model, or by `lint`. */
const BEFORE_THE_MODEL = ['.include', '.services.*.x-lint', '.version', '.x-lint']
/** Known to the table alone: in Docker's output, and nobody may write it. */
const PRINTED_ALONE = ['.secrets.*.content', '.configs.*.driver', '.configs.*.driver_opts']

function resolve(part: Part): Part {
  return part.$ref === undefined ? part : (DEFINITIONS[part.$ref.replace('#/$defs/', '')] ?? {})
}

function namedBelow(part: Part): Part | undefined {
  const named = Object.entries(part.patternProperties ?? {}).find(([pattern]) => pattern !== '^x-')?.[1]
  return named ?? (typeof part.additionalProperties === 'object' ? part.additionalProperties : undefined)
}

const places: Place[] = []
const onlyInSchema: string[] = []
const onlyInTable: string[] = []

function walk(shape: Shape, referred: Part, path: string): void {
  const part = resolve(referred)
  places.push({ path, shape, part })
  if (shape.type === 'struct') walkFields(shape, part.properties ?? {}, path)
  else if (shape.type === 'list') walkInner(shape.of, part.items, `${path}[]`)
  else if (shape.type === 'record') walkInner(shape.of, namedBelow(part), `${path}.*`)
}

function walkFields({ fields }: Struct, properties: Readonly<Record<string, Part>>, path: string): void {
  const known = new Set(fields.map(({ name }) => name))
  onlyInSchema.push(...Object.keys(properties).flatMap(name => (known.has(name) ? [] : [`${path}.${name}`])))
  for (const { name, shape } of fields) walkInner(shape, properties[name], `${path}.${name}`)
}

function walkInner(shape: Shape, part: Part | undefined, path: string): void {
  if (part === undefined) onlyInTable.push(path)
  else walk(shape, part, path)
}

walk(PROJECT, schema as Part, '')

/** Types that may be written for each shape: the first is the canonical one, which the schema has to allow. */
const WRITTEN: Readonly<Record<Shape['type'], readonly string[]>> = {
  text: ['string', 'number', 'integer', 'boolean', 'null'],
  mode: ['string', 'number'],
  // The old form of `external` is a mapping.
  flag: ['boolean', 'string', 'object'],
  integer: ['integer', 'number', 'string'],
  float: ['number', 'string'],
  count: ['integer', 'string'],
  permissions: ['number', 'string'],
  bytes: ['string', 'integer', 'number'],
  duration: ['string'],
  oneOrMore: ['array', 'string', 'number', 'boolean'],
  words: ['array', 'string', 'null'],
  test: ['array', 'string'],
  hosts: ['array', 'object'],
  mapping: ['object', 'array'],
  list: ['array', 'string', 'object'],
  record: ['object', 'array'],
  ulimit: ['integer', 'object', 'string'],
  struct: ['object', 'string', 'number', 'null', 'boolean'],
}

function typesOf({ type = [] }: Part): readonly string[] {
  return typeof type === 'string' ? [type] : type
}

test('know the same attributes', () => {
  expect(places.length).toBeGreaterThan(280)
  expect(onlyInSchema.sort()).toEqual(BEFORE_THE_MODEL)
  expect(onlyInTable).toEqual(PRINTED_ALONE)
})

test.each(
  places.map(place => [place.path, place] as const),
)('%s may be written as what the table makes of it', (_, { shape, part }) => {
  const [canonical = '', ...others] = WRITTEN[shape.type]
  const types = typesOf(part)
  // Any number may stand where a whole one is meant.
  const isAllowed = types.includes(canonical) || (canonical === 'integer' && types.includes('number'))
  expect({ canonical, isAllowed }).toEqual({ canonical, isAllowed: true })
  expect(types.filter(type => type !== canonical && !others.includes(type))).toEqual([])
})

const choices = places.flatMap(({ path, shape, part }) =>
  shape.type === 'text' && shape.oneOf ? [[path, shape.oneOf.words, part] as const] : [],
)

test.each(choices)('%s has the same choice of words', (_, words, part) => {
  expect([...(part.enum ?? [])].sort()).toEqual([...words].sort())
})

/** The rule by which a place is merged; undefined: by its type. */
function mergeRuleAt(path: string): unknown {
  const steps = path.slice(1).replaceAll('[]', '.[]').split('.')
  return steps.reduce<typeof MERGE_RULES | undefined>(
    (at, step) => (step === '[]' ? at?.item() : at?.key(step)),
    MERGE_RULES,
  )?.rule
}

// A mapping in one file and a list in the other would else be refused. Items of lists are not merged.
const twoForms = places.filter(
  ({ path, shape, part }) =>
    (shape.type === 'mapping' || shape.type === 'hosts') &&
    typesOf(part).includes('array') &&
    !path.includes('[]'),
)

test.each(
  twoForms.map(({ path }) => path),
)('%s, which may be a mapping or a list, has a rule to merge both', path => {
  expect(mergeRuleAt(path)).toBeDefined()
})
