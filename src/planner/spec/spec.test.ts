import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { Project, Service } from '../../model/index.ts'
import { makeProject } from '../testing/projects.ts'
import { serviceHash } from './hash.ts'
import { normaliseService } from './normalise.ts'
import {
  compareSecrets,
  injectedText,
  readSealedSecrets,
  type SecretValues,
  sealedText,
  sealSecrets,
  secretValues,
} from './secrets.ts'
import { compareSpec, readStoredSpec, SPEC_VERSION, type Spec, specLabel, specOf } from './stored.ts'

function service(more: Partial<Service> = {}): Service {
  return { image: 'web', command: null, entrypoint: null, ...more }
}

function spec(more: Partial<Service> = {}): Spec {
  return specOf(normaliseService(service(more)))
}

function changes(before: Partial<Service>, after: Partial<Service>): string[] {
  const old = spec(before)
  return compareSpec(old.hash, readStoredSpec(specLabel(old)), spec(after)).map(
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
    const hook = { command: ['sh', 'hush'], environment: { A: 'hush' } }
    const holding: Partial<Service> = {
      annotations: { a: 'hush' },
      command: ['hush'],
      entrypoint: ['hush'],
      environment: { DB_PASSWORD: 'hush', DSN: 'postgres://u:hush@h' },
      healthcheck: { test: ['CMD', 'hush'], interval: '5s' },
      logging: { driver: 'splunk', options: { key: 'hush' } },
      post_start: [hook],
      pre_start: [{ ...hook, image: 'i' }],
      provider: { type: 'p', options: { key: ['hush'] } },
    }
    const masked = spec(holding)
    expect(JSON.stringify([masked.value, specLabel(masked)])).not.toContain('hush')
    expect(masked.hash).toBe(spec(JSON.parse(JSON.stringify(holding).replaceAll('hush', 'other'))).hash)
    expect(Object.keys(masked.hidden)).toHaveLength(11)
    expect(specLabel(masked)).toContain('"interval":"5s"')
  })

  it('of the first version, which showed more, neither shows it now nor makes a container anew', () => {
    const v1 = (environment: Record<string, string>) => ({
      version: 1,
      value: { image: 'web', environment, command: ['hush'] },
    })
    const wanted = spec({ command: ['hush'], environment: { A: 'hush', PASSWORD: 'hush' } })
    expect(compareSpec('0', v1({ A: 'hush', PASSWORD: '(secret)' }), wanted)).toEqual([])
    expect(compareSpec('0', v1({ A: 'old', PASSWORD: '(secret)' }), wanted)).toEqual([
      { path: 'environment.A', from: '(hidden)', to: '(hidden)' },
    ])
  })

  it('is no spec if it is anything else', () => {
    for (const label of [undefined, '', '{', '[]', '"x"', '{"v":"1","s":{}}', '{"v":1}'])
      expect(readStoredSpec(label)).toBeUndefined()
  })

  it('is not written if it would be huge', () => {
    expect(specLabel(spec({ hostname: 'x'.repeat(100_000) }))).toBeUndefined()
  })

  it('is believed before the hash, whose meaning may change with a release', () => {
    const stored = readStoredSpec(specLabel(spec()))
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
      'environment.B: undefined > (hidden)',
    ])
    expect(changes({ dns: ['a'] }, { dns: ['b'] })).toEqual(['dns: ["a"] > ["b"]'])
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

  it('shows of secrets that they came or went', () => {
    expect(changes({ environment: { A: '1' } }, { environment: { A: '1', PASSWORD: 'b' } })).toEqual([
      'environment.PASSWORD: undefined > (secret)',
    ])
  })
})

describe('secret values', () => {
  const project = (content: string): Project =>
    makeProject({
      services: { web: { configs: [{ source: 'motd' }], secrets: [{ source: 'key' }, { source: 'file' }] } },
      configs: { motd: { name: 'motd', content } },
      secrets: { key: { name: 'key', content: 'hush' }, file: { name: 'file', file: '/k' } },
    })
  const values = (content: string, environment: Service['environment'] = {}): SecretValues => {
    const one = project(content)
    const web = { ...service(one.model.services['web']), environment }
    return secretValues(one, web, specOf(normaliseService(web)))
  }

  it('are those of the spec and the content of what is in no file', () => {
    expect(values('hello', { DB_PASSWORD: 'a', PLAIN: 'b', API_TOKEN: null })).toEqual({
      'environment.DB_PASSWORD': 'a',
      'environment.PLAIN': 'b',
      'configs.motd content': 'hello',
      'secrets.key content': 'hush',
    })
  })

  it('are told to have changed, and not what they are', () => {
    const sealed = sealSecrets(values('hello', { PASSWORD: 'a' }), 'k')
    expect(compareSecrets(sealed, values('hello', { PASSWORD: 'a' }))).toEqual([])
    expect(compareSecrets(sealed, values('other', { PASSWORD: 'b' })).map(({ path }) => path)).toEqual([
      'configs.motd content',
      'environment.PASSWORD',
    ])
    // One that came or went is told by the spec.
    expect(compareSecrets(sealed, values('hello'))).toEqual([])
    expect(compareSecrets(undefined, values('other'))).toEqual([])
  })

  it('are told by what was injected last, where that is known', () => {
    const all = values('one', { PASSWORD: 'a' })
    const sealed = sealSecrets(all, 'k')
    const injected = injectedText(sealed, { 'configs.motd content': 'two' })
    const now = readSealedSecrets(sealedText(sealed), 'k', injected)
    expect(injected).not.toContain('PASSWORD')
    expect(compareSecrets(now, values('two', { PASSWORD: 'a' }))).toEqual([])
    expect(compareSecrets(now, all).map(({ path }) => path)).toEqual(['configs.motd content'])
    // What was not injected again is as before.
    expect(Object.keys(JSON.parse(injected))).toContain('secrets.key content')
  })

  it('leave digests of the key in the annotation alone: one label says nothing of another, or of the value', () => {
    const text = (key: string): string => sealedText(sealSecrets({ a: '1234', b: '1234' }, key))
    expect(text('k')).not.toBe(text('l'))
    expect(new Set(Object.values(sealSecrets({ a: '1234', b: '1234' }, 'k').digests)).size).toBe(2)
    const plain = createHash('sha256').update('1234').digest('hex')
    expect(text('k')).not.toContain(plain.slice(0, 12))
    expect(readSealedSecrets(text('k'), 'k')).toEqual(sealSecrets({ a: '1234', b: '1234' }, 'k'))
    for (const label of [undefined, '', '[]', 'null']) expect(readSealedSecrets(label, 'k')).toBeUndefined()
    expect(readSealedSecrets(text('k'), undefined)).toBeUndefined()
  })

  it('are in no hash and no label of the spec', () => {
    const { hidden: a, ...one } = spec({ environment: { PASSWORD: 'a' } })
    const { hidden: b, ...other } = spec({ environment: { PASSWORD: 'b' } })
    expect(one).toEqual(other)
    expect(a).not.toEqual(b)
  })
})

describe('a config or secret of a file', () => {
  it('is known by the path of the file', () => {
    const at = (file: string): Spec => {
      const one = makeProject({
        services: { web: { configs: [{ source: 'c', target: '/c' }] } },
        configs: { c: { name: 'c', file } },
      })
      return specOf(normaliseService(service(one.model.services['web']), one.model))
    }
    const old = at('/a')
    expect(compareSpec(old.hash, readStoredSpec(specLabel(old)), at('/b'))).toEqual([
      { path: 'configs[/c].file', from: '"/a"', to: '"/b"' },
    ])
  })
})
