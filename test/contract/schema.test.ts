import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { afterAll, describe, expect, test } from 'vitest'
import { runInProcess } from '../../src/cli/run.test-support.ts'
import { readModules } from '../../tools/check/modules.ts'
import { ATTRIBUTES } from './schema-attributes.ts'

interface Part {
  readonly description?: string
  readonly $ref?: string
  readonly properties?: Readonly<Record<string, Part>>
  readonly patternProperties?: Readonly<Record<string, Part>>
  readonly additionalProperties?: boolean | Part
  readonly items?: Part
}

const TEXT = readFileSync('schemas/compose.schema.json', 'utf8')
const SCHEMA = JSON.parse(TEXT) as Part & { readonly $defs: Readonly<Record<string, Part>> }

/** Every attribute below a part, as [path, part]; names of the user's own are `*`. */
function attributesOf(part: Part, path: string): [string, Part][] {
  const named = Object.entries(part.properties ?? {})
  const free = Object.entries(part.patternProperties ?? {}).filter(([pattern]) => pattern !== '^x-')
  const own = [...named, ...free.map(([, inner]) => ['*', inner] as const)].map(
    ([name, inner]) => [`${path}.${name}`, inner] as [string, Part],
  )
  const items = part.items ? attributesOf(part.items, `${path}[]`) : []
  return [
    ...own.flatMap(([name, inner]) => [[name, inner] as [string, Part], ...attributesOf(inner, name)]),
    ...items,
  ]
}

const ALL = [
  ...attributesOf(SCHEMA, ''),
  ...Object.entries(SCHEMA.$defs).flatMap(([name, part]) => [
    [name, part] as [string, Part],
    ...attributesOf(part, name),
  ]),
]

/** Names that may stand at a dotted path; `[]` steps into a list, `*` into a map with names of the user's own. */
function namesAt(path: string): string[] {
  let at: Part = SCHEMA
  for (const segment of path === '' ? [] : path.split('.')) {
    const inner =
      segment === '[]'
        ? at.items
        : segment === '*'
          ? Object.entries(at.patternProperties ?? {}).find(([pattern]) => pattern !== '^x-')?.[1]
          : at.properties?.[segment]
    expect(inner, `${path}: no ${segment}`).toBeDefined()
    at = resolve(inner ?? {})
  }
  return Object.keys(at.properties ?? {})
}

function resolve(part: Part): Part {
  return part.$ref === undefined ? part : (SCHEMA.$defs[part.$ref.replace('#/$defs/', '')] ?? part)
}

test('the schema is valid by the meta-schema of draft 2020-12', () => {
  const ajv = new Ajv2020({ strict: false })
  expect(ajv.validateSchema(SCHEMA) || ajv.errors).toBe(true)
})

test('every attribute has a description of one line, for editors', () => {
  expect(ALL.length).toBeGreaterThan(300)
  const wanting = ALL.filter(([, { description = '' }]) => !/^\S[^\n]{6,130}[^\s.]$/.test(description))
  expect(wanting.map(([path, { description }]) => `${path}: ${description}`)).toEqual([])
})

test('every reference leads somewhere', () => {
  const names = [...TEXT.matchAll(/"#\/\$defs\/(\w+)"/g)].map(match => match[1] ?? '')
  expect(names.filter(name => !(name in SCHEMA.$defs))).toEqual([])
})

describe.each(Object.entries(ATTRIBUTES))('at %j', (path, names) => {
  // What there is beyond is held by the table of attributes, attribute-shapes.test.ts.
  test('are all attributes that Docker Compose has', () => {
    const known = namesAt(path)
    expect(names.split(' ').filter(name => !known.includes(name))).toEqual([])
  })
})

test('an include has no others', () => {
  expect(namesAt('include.[]').sort()).toEqual(ATTRIBUTES['include.[]']?.split(' ').sort())
})

describe('tscompose schema', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tscompose-schema-'))
  afterAll(() => rmSync(folder, { recursive: true }))

  test('prints the schema as it stands in the repository, without a Compose file', async () => {
    expect(await runInProcess(['schema'], folder)).toEqual({ status: 0, stdout: TEXT, stderr: '' })
  })

  test('-o writes it to a file of the working folder', async () => {
    expect(await runInProcess(['schema', '-o', 'out.json'], folder)).toMatchObject({ status: 0, stdout: '' })
    expect(readFileSync(join(folder, 'out.json'), 'utf8')).toBe(TEXT)
  })

  test('says which file cannot be written', async () => {
    const { status, stderr } = await runInProcess(['schema', '-o', 'no/such/folder.json'], folder)
    expect([status, stderr.split(' ')[1]]).toEqual([1, 'OUTPUT_FILE'])
  })

  test('does not load the parser', () => {
    const modules = new Map(readModules('src').map(module => [module.path, module.imports]))
    const reached = new Set<string>()
    const queue = ['src/cli/commands/schema.ts']
    for (let path = queue.pop(); path !== undefined; path = queue.pop()) {
      if (reached.has(path)) continue
      reached.add(path)
      queue.push(...(modules.get(path) ?? []))
    }
    expect(reached.size).toBeGreaterThan(3)
    expect([...reached].filter(path => path.startsWith('src/parser/'))).toEqual([])
  })
})
