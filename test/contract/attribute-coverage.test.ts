// An attribute of a service without an end-to-end test, and without a reason why it has none, fails here.
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import schema from '../../schemas/compose.schema.json' with { type: 'json' }
import { CONTAINER_CREATE } from '../../src/api/server/decode/shapes.ts'
import { termsByName } from '../../src/engine/terms/index.ts'
import { RECORDED } from '../../src/engine/terms/without-effect.ts'
import { SERVICE } from '../../src/model/attributes/index.ts'
import { API, API_ELSEWHERE, SAID_BY_COMPOSE } from '../e2e/attributes/api.ts'
import { ELSEWHERE, shownPaths } from '../e2e/attributes/elsewhere.ts'

interface Part {
  readonly $ref?: string
  readonly properties?: Readonly<Record<string, Part>>
  readonly patternProperties?: Readonly<Record<string, Part>>
  readonly additionalProperties?: boolean | Part
  readonly items?: Part
}

const DEFINITIONS: Readonly<Record<string, Part>> = schema.$defs as never

/** Paths of all attributes that have no attributes of their own; `*` for names that the user chooses. */
function leavesOf(part: Part, path: readonly string[] = []): string[] {
  const target = part.$ref === undefined ? part : (DEFINITIONS[part.$ref.replace('#/$defs/', '')] ?? {})
  const named = Object.entries(target.properties ?? {})
  const patterns = Object.entries(target.patternProperties ?? {}).filter(([name]) => name !== '^x-')
  const others = typeof target.additionalProperties === 'object' ? [target.additionalProperties] : []
  const inner = [
    ...named.flatMap(([name, each]) => leavesOf(each, [...path, name])),
    ...[...patterns.map(([, each]) => each), ...others].flatMap(each => leavesOf(each, [...path, '*'])),
    ...(target.items === undefined ? [] : leavesOf(target.items, path)),
  ].filter(each => each !== path.join('.'))
  return inner.length === 0 ? [path.join('.')] : [...new Set(inner)]
}

/** A map of plain texts is one attribute: `labels`, not `labels.*`. */
const ATTRIBUTES = [...new Set(leavesOf({ $ref: '#/$defs/service' }).map(path => path.replace(/\.\*$/, '')))]

describe('every attribute of a service', () => {
  const shown = new Set(shownPaths())
  const excused = Object.keys(ELSEWHERE)
  const isExcused = (path: string): boolean =>
    excused.some(each => path === each || path.startsWith(`${each}.`))

  test('is seen in a running container, or has a reason why not', () => {
    expect(ATTRIBUTES.length).toBeGreaterThan(150)
    expect(ATTRIBUTES.filter(path => !shown.has(path) && !isExcused(path))).toEqual([])
  })

  test('that is shown or excused exists', () => {
    expect([...shown].filter(path => !ATTRIBUTES.includes(path))).toEqual([])
    expect(
      excused.filter(each => !ATTRIBUTES.some(path => path === each || path.startsWith(`${each}.`))),
    ).toEqual([])
  })

  test('is either shown or excused', () => {
    expect([...shown].filter(isExcused)).toEqual([])
  })
})

test('every attribute of a service has its forms, merges and refusals tested, test/contract/attributes', () => {
  const tested = readdirSync(join(import.meta.dirname, 'attributes'))
    .filter(name => name.endsWith('.test.ts'))
    .map(name => name.replace('.test.ts', '').replaceAll('-', '_'))
  expect(
    SERVICE.fields.map(({ name }) => name.replaceAll('-', '_')).filter(name => !tested.includes(name)),
  ).toEqual([])
})

/** The fields of a create request's configuration and of its HostConfig. */
function fieldsOfCreate(): string[] {
  const { HostConfig, NetworkingConfig: _, ...config } = CONTAINER_CREATE
  const host = typeof HostConfig === 'object' && 'object' in HostConfig ? HostConfig.object : {}
  return [...Object.keys(config), ...Object.keys(host)].sort()
}

test('every field of a create request is said by Compose, shown on its own, or has a reason', () => {
  const known = [...SAID_BY_COMPOSE, ...API.flatMap(each => each.shows), ...Object.keys(API_ELSEWHERE)]
  expect([...new Set(known)].sort()).toEqual(fieldsOfCreate())
})

test('every field of a create request is read by one term of the engine, or is said to be recorded alone', () => {
  const read = [
    ...Object.values(termsByName()).flatMap(({ fields }) => Object.keys(fields)),
    ...Object.keys(RECORDED),
  ]
  expect(read.sort()).toEqual(fieldsOfCreate())
})
