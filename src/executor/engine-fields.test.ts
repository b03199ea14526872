import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { failure } from '../diagnostics/index.ts'
import type { Path, Service } from '../model/index.ts'
import type { Operation } from '../planner/index.ts'
import { makeProject } from '../planner/testing/projects.ts'
import { placesByField } from './engine-fields.ts'
import { locateFailure } from './locate.ts'

const TERMS = join(import.meta.dirname, '../engine/terms')

/** Said by no attribute of a Compose file. */
const ELSEWHERE = ['HostConfig.VolumeDriver', 'HostConfig.Isolation', 'HostConfig.TscomposeBudget']

it('knows the attribute of every field that the engine refuses by name', () => {
  const text = readdirSync(TERMS)
    .filter(name => name.endsWith('.ts') && !name.endsWith('.test.ts'))
    .map(name => readFileSync(join(TERMS, name), 'utf8'))
    .join('\n')
  const named = [
    ...[...text.matchAll(/["'`](HostConfig\.\w+)/g)].map(([, field = '']) => field),
    ...[...text.matchAll(/problems\.(?:add\(\s*'[A-Z_]+',|collect\()\s*'(\w+)'/g)].map(
      ([, field = '']) => field,
    ),
    ...[...text.matchAll(/\bwrong\('(\w+)'/g)].map(([, field = '']) => `HostConfig.${field}`),
  ].filter(field => !field.endsWith('.') && field !== 'HostConfig' && field !== 'Mounts')
  expect(named.length).toBeGreaterThan(25)
  const known = new Set([...placesByField().keys(), ...ELSEWHERE])
  const warnedOf = /has no effect|is not used/
  const unknown = named.filter(
    field => !known.has(field) && !new RegExp(`${field}[^\n]*(${warnedOf.source})`).test(text),
  )
  expect(unknown).toEqual([])
})

function placeOf(service: Partial<Service>, path: string, code = 'LOG_OPTION', summary = 'x'): unknown {
  const project = makeProject({ services: { web: service } })
  const places: Path[] = []
  const range = { file: '/compose.yaml', start: { line: 1, column: 1 }, end: { line: 1, column: 1 } }
  const origins = {
    of: (each: Path) => {
      places.push(each)
      return { range, written: '', variables: [], through: [], overrode: [] }
    },
  }
  const operation = {
    type: 'createContainer',
    serviceName: 'web',
    resource: { kind: 'container', name: 'x' },
  }
  const cause = failure({ code, summary })
  const [diagnostic] = cause.diagnostics
  if (diagnostic !== undefined) Object.assign(diagnostic, { path })
  locateFailure(cause, operation as Operation, { ...project, origins: origins as never })
  return places[0]?.slice(2)
}

it('finds the attribute, or the part of deploy that says it', () => {
  expect(placeOf({ logging: {} }, 'HostConfig.LogConfig')).toEqual(['logging'])
  expect(placeOf({ mem_limit: '1' }, 'HostConfig.Memory')).toEqual(['mem_limit'])
  const deploy = { resources: { limits: { memory: '1' } } }
  expect(placeOf({ deploy }, 'HostConfig.Memory')).toEqual(['deploy', 'resources', 'limits', 'memory'])
  expect(placeOf({ ulimits: {} }, 'HostConfig.Ulimits.nofile')).toEqual(['ulimits'])
  expect(placeOf({}, 'HostConfig.PidMode')).toEqual([])
})

it('finds the item of a list that the sentence names, and of several attributes the one that the code is about', () => {
  const ports = [
    { target: 80, published: '8080' },
    { target: 81, published: '8081' },
  ]
  const taken = 'port 8081 is taken'
  expect(placeOf({ ports }, 'HostConfig.PortBindings', 'PORT_TAKEN', taken)).toEqual(['ports', 1])
  const volumes = [{ type: 'bind', source: '/x', target: '/y' }] as const
  const mounted = { configs: [{ source: 'c' }], volumes }
  expect(placeOf(mounted, 'HostConfig.Mounts', 'MOUNT_SOURCE', 'no "/x"')).toEqual(['volumes', 0])
  expect(placeOf({ ports }, 'HostConfig.PortBindings', 'NETWORK_MODE', 'no')).toEqual(['ports'])
})
