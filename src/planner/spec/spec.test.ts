import { describe, expect, it } from 'vitest'
import type { Service } from '../../model/index.ts'
import { serviceHash } from './hash.ts'
import { normaliseService } from './normalise.ts'
import { compareSpec, readStoredSpec, SPEC_VERSION, type Spec, specOf } from './stored.ts'

function service(more: Partial<Service> = {}): Service {
  return { image: 'web', command: null, entrypoint: null, ...more }
}

function spec(more: Partial<Service> = {}): Spec {
  return specOf(normaliseService(service(more)))
}

function changes(before: Partial<Service>, after: Partial<Service>): string[] {
  const old = spec(before)
  return compareSpec(old.hash, readStoredSpec(old.label), spec(after)).map(
    ({ path, from, to }) => `${path}: ${from} > ${to}`,
  )
}

describe('the hash of a service', () => {
  const same: [string, Partial<Service>, Partial<Service>][] = [
    ['the order of keys', { tty: true, user: 'a' }, { user: 'a', tty: true }],
    ['the order of a set', { cap_add: ['A', 'B'] }, { cap_add: ['B', 'A'] }],
    ['an empty list and none', { cap_add: [] }, {}],
    ['an attachment with and without settings', { networks: { a: null } }, { networks: { a: {} } }],
    [
      'aliases in another order',
      { networks: { a: { aliases: ['x', 'y'] } } },
      { networks: { a: { aliases: ['y', 'x'] } } },
    ],
    [
      'build, scale, profiles, pull policy',
      { build: { context: '/' }, scale: 3, profiles: ['p'], pull_policy: 'always' },
      {},
    ],
    ['replicas', { deploy: { replicas: 2 } }, {}],
    ['dependencies', { depends_on: { db: { condition: 'service_started', required: true } } }, {}],
    ['extensions', { 'x-note': 'hello' }, {}],
  ]
  it.each(same)('is not touched by %s', (_what, a, b) => {
    expect(serviceHash(service(a))).toBe(serviceHash(service(b)))
  })

  const other: [string, Partial<Service>, Partial<Service>][] = [
    ['a cleared command', { command: [] }, { command: null }],
    ['the order of a command', { command: ['a', 'b'] }, { command: ['b', 'a'] }],
    ['an unset variable', { environment: { A: null } }, {}],
    ['a secret', { environment: { PASSWORD: 'a' } }, { environment: { PASSWORD: 'b' } }],
    ['the order of name servers', { dns: ['1', '2'] }, { dns: ['2', '1'] }],
  ]
  it.each(other)('tells %s', (_what, a, b) => {
    expect(serviceHash(service(a))).not.toBe(serviceHash(service(b)))
  })
})

describe('the stored spec', () => {
  it('never holds what is likely to be a secret', () => {
    expect(
      spec({ environment: { DB_PASSWORD: 'hush', API_TOKEN: 'hush', PLAIN: 'seen' } }).label,
    ).not.toContain('hush')
    expect(spec({ environment: { PLAIN: 'seen' } }).label).toContain('seen')
  })

  it('is no spec if it is anything else', () => {
    for (const label of [undefined, '', '{', '[]', '"x"', '{"v":"1","s":{}}', '{"v":1}'])
      expect(readStoredSpec(label)).toBeUndefined()
  })

  it('is not written if it would be huge', () => {
    expect(spec({ environment: { LONG: 'x'.repeat(100_000) } }).label).toBeUndefined()
  })

  it('is believed before the hash, whose meaning may change with a release', () => {
    const stored = readStoredSpec(spec().label)
    expect(compareSpec('0'.repeat(64), stored, spec())).toEqual([])
  })

  it('of a later version is not read', () => {
    const stored = { version: SPEC_VERSION + 1, value: {} }
    expect(compareSpec('0'.repeat(64), stored, spec()).map(({ path }) => path)).toEqual(['config-hash'])
  })
})

describe('what has changed', () => {
  it('is told by path, old and new', () => {
    expect(changes({ environment: { A: '1' } }, { environment: { A: '2', B: '3' } })).toEqual([
      'environment.A: "1" > "2"',
      'environment.B: undefined > "3"',
    ])
    expect(changes({ command: ['a'] }, { command: ['b'] })).toEqual(['command: ["a"] > ["b"]'])
  })

  it('is told of list items by their place in the container', () => {
    const port = { target: 80, protocol: 'tcp' }
    expect(
      changes({ ports: [{ ...port, published: '1' }] }, { ports: [{ ...port, published: '2' }] }),
    ).toEqual(['ports[80/tcp].published: "1" > "2"'])
    const mount = { type: 'bind', source: '/a', target: '/x' } as const
    expect(changes({ volumes: [mount] }, { volumes: [{ ...mount, read_only: true }] })).toEqual([
      'volumes[/x].read_only: undefined > true',
    ])
  })

  it('is told of whole lists where items can not be told apart', () => {
    const port = { target: 80, protocol: 'tcp' }
    const before = {
      ports: [
        { ...port, published: '1' },
        { ...port, published: '2' },
      ],
    }
    expect(changes(before, { ports: [{ ...port, published: '1' }] })).toHaveLength(1)
  })

  it('does not show secrets', () => {
    expect(changes({ environment: { PASSWORD: 'a' } }, { environment: { PASSWORD: 'b' } })).toEqual([
      'environment.PASSWORD: (secret) > (secret)',
    ])
  })
})
