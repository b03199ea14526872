import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { stringify } from 'yaml'
import { renderJson, renderYaml } from '../../src/cli/commands/config/render.ts'
import type { ComposeModel } from '../../src/model/index.ts'
import { load } from '../../src/parser/index.ts'
import { Reporter } from '../../src/parser/reporter.ts'
import { toPlain } from '../../src/parser/shape/decode.ts'
import { Source } from '../../src/parser/tree/source.ts'
import { parseYaml } from '../../src/parser/yaml/parse.ts'
import { serviceHash } from '../../src/planner/index.ts'

type Plain = Record<string, unknown>
/** A number below a limit; the run's own choices. */
type Choose = (limit: number) => number

const FIXTURES = fileURLToPath(new URL('../../src/parser/testing/fixtures/', import.meta.url))
const texts = readdirSync(FIXTURES).map(name => readFileSync(`${FIXTURES}${name}`, 'utf8'))

function model(text: string): ComposeModel {
  const result = load({
    files: [{ name: '/p/c.yaml', text }],
    workingDir: '/p',
    projectName: 'p',
    env: { HOME: '/h' },
    profiles: ['*'],
  })
  expect(result.diagnostics.filter(({ severity }) => severity === 'error')).toEqual([])
  return result.project?.model ?? { name: '', services: {} }
}

function hashes({ services }: ComposeModel): Record<string, string> {
  return Object.fromEntries(Object.entries(services).map(([name, service]) => [name, serviceHash(service)]))
}

/** The model without the extensions of the file, which are kept in the form in which they are written. */
function told({ name, services, networks, volumes, secrets, configs }: ComposeModel): unknown {
  return { name, services, networks, volumes, secrets, configs }
}

const choices = fc.array(fc.nat({ max: 1000 }), { minLength: 1, maxLength: 60 }).map(numbers => {
  let at = 0
  return (limit: number): number => (numbers[at++ % numbers.length] ?? 0) % limit
})

describe('for any way of writing a file', () => {
  test.each(texts)('config of config is a fixed point', text => {
    const first = model(text)
    const { models: _models, ...printed } = first
    expect(told(model(renderYaml(first)))).toEqual(told(first))
    expect(renderYaml(model(renderYaml(first)))).toBe(renderYaml(first))
    const json = renderJson(printed)
    expect(told(model(json))).toEqual(told(first))
    expect(renderJson(model(json))).toBe(json)
  })

  test('key order, quotes, flow and block, anchors change neither model nor hash', () => {
    fc.assert(
      fc.property(fc.constantFrom(...texts), choices, (text, choose) => {
        const written = write(shuffled(plainOf(text), choose), choose)
        expect(told(model(written))).toEqual(told(model(text)))
        expect(hashes(model(written))).toEqual(hashes(model(text)))
      }),
      { numRuns: 80, seed: 1 },
    )
  })

  test('list or map, short or long form change neither model nor hash', () => {
    fc.assert(
      fc.property(fc.constantFrom(...texts), choices, (text, choose) => {
        const written = stringify(restated(plainOf(text), choose))
        expect(told(model(written))).toEqual(told(model(text)))
        expect(hashes(model(written))).toEqual(hashes(model(text)))
      }),
      { numRuns: 80, seed: 1 },
    )
  })
})

function plainOf(text: string): Plain {
  const [document] = parseYaml(new Source('f', text), new Reporter())
  return (document ? toPlain(document) : {}) as Plain
}

/** Repeated parts become anchors where they are one object: `shared` makes them one. */
function write(plain: Plain, choose: Choose): string {
  const styles = ['PLAIN', 'QUOTE_DOUBLE', 'QUOTE_SINGLE'] as const
  const collections = ['any', 'block', 'flow'] as const
  return stringify(shared(plain, new Map()), {
    defaultStringType: styles[choose(3)] ?? 'PLAIN',
    defaultKeyType: styles[choose(3)] ?? 'PLAIN',
    collectionStyle: collections[choose(3)] ?? 'any',
    aliasDuplicateObjects: choose(2) === 0,
    indent: 1 + choose(4),
    lineWidth: choose(2) === 0 ? 0 : 80,
    version: '1.1',
  })
}

function shared(value: unknown, known: Map<string, unknown>): unknown {
  if (typeof value !== 'object' || value === null) return value
  const key = JSON.stringify(value)
  const copy = Array.isArray(value)
    ? value.map(item => shared(item, known))
    : Object.fromEntries(Object.entries(value).map(([name, item]) => [name, shared(item, known)] as const))
  if (!known.has(key)) known.set(key, copy)
  return known.get(key)
}

function shuffled<T>(value: T, choose: Choose): T {
  if (Array.isArray(value)) return value.map(item => shuffled(item, choose)) as T
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).map(([key, item]) => ({ key, item, rank: choose(1000) }))
  entries.sort((a, b) => a.rank - b.rank)
  return Object.fromEntries(entries.map(({ key, item }) => [key, shuffled(item, choose)] as const)) as T
}

function restated(plain: Plain, choose: Choose): Plain {
  const services = Object.entries(plain['services'] as Record<string, Plain>)
  return {
    ...plain,
    services: Object.fromEntries(services.map(([name, service]) => [name, restatedService(service, choose)])),
  }
}

function restatedService(service: Plain, choose: Choose): Plain {
  return Object.fromEntries(
    Object.entries(service).map(([key, value]) => {
      const other = Object.hasOwn(FORMS, key) && choose(3) > 0 ? FORMS[key]?.(value) : undefined
      return [key, other ?? value] as const
    }),
  )
}

/** The other form of a value; undefined where this one has none. */
type Form = (value: unknown) => unknown

const keyValues: Form = value => {
  if (Array.isArray(value))
    return Object.fromEntries(
      value.map(item => {
        const [name = '', ...rest] = String(item).split('=')
        return [name, rest.join('=')]
      }),
    )
  return Object.entries(value as Plain).map(([name, item]) => `${name}=${String(item)}`)
}

const references: Form = value =>
  Array.isArray(value) ? Object.fromEntries(value.map(name => [name, null])) : undefined

const oneOrList: Form = value => (Array.isArray(value) ? undefined : [value])

const sources: Form = value =>
  (value as unknown[]).map(item => (typeof item === 'string' ? { source: item } : item))

const FORMS: Readonly<Record<string, Form>> = {
  environment: keyValues,
  labels: keyValues,
  annotations: keyValues,
  sysctls: keyValues,
  networks: references,
  dns: oneOrList,
  dns_search: oneOrList,
  tmpfs: oneOrList,
  secrets: sources,
  configs: sources,
  build: value => (typeof value === 'string' ? { context: value } : undefined),
  extends: value => (typeof value === 'string' ? { service: value } : undefined),
  depends_on: value =>
    Array.isArray(value)
      ? Object.fromEntries(value.map(name => [name, { condition: 'service_started' }]))
      : undefined,
  healthcheck: value => {
    const { test, ...rest } = value as Plain
    return typeof test === 'string' ? { ...rest, test: ['CMD-SHELL', test] } : undefined
  },
  devices: value =>
    (value as string[]).map(item => {
      const [source, target] = item.split(':')
      return { source, target, permissions: 'rwm' }
    }),
  ports: value =>
    (value as unknown[]).map(item => {
      if (typeof item !== 'string') return item
      const [target, published, ip] = item.split(':').reverse()
      return { target: Number(target), published, ...(ip ? { host_ip: ip } : {}) }
    }),
  volumes: value => (value as unknown[]).map(item => (typeof item === 'string' ? longMount(item) : item)),
}

function longMount(text: string): Plain {
  const [source = '', target, options] = text.split(':')
  const readOnly = options === 'ro' ? { read_only: true } : {}
  return /^[./]/.test(source)
    ? { type: 'bind', source, target, ...readOnly, bind: { create_host_path: true } }
    : { type: 'volume', source, target, ...readOnly, volume: {} }
}
