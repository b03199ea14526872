import { expect, it } from 'vitest'
import { type Failure, failure } from '../diagnostics/index.ts'
import type { Path, Project, Service } from '../model/index.ts'
import type { Operation } from '../planner/index.ts'
import { makeProject } from '../planner/testing/projects.ts'
import { injectedFiles } from './create-request/index.ts'
import { locateFailure } from './locate.ts'

const service: Partial<Service> = {
  configs: [{ source: 'a' }, { source: 'b' }],
  secrets: [
    { source: 's', target: '/one', uid: '7' },
    { source: 's', target: '/two', uid: 'web' },
  ],
}

/** Where a failure about the service `web` is said to be; `lineOf` an item of a list, each its own by itself. */
function placeIn(
  project: Project,
  error: Failure,
  lineOf = (item: number): number => item,
): string | undefined {
  const origins = {
    of: (path: Path) => {
      const at = { line: 1 + lineOf(Number(path.at(-1)) || 0), column: 1 }
      const range = { file: '/compose.yaml', start: at, end: at }
      return { range, written: '', variables: [], through: [], overrode: [] }
    },
  }
  const operation = {
    type: 'createContainer',
    serviceName: 'web',
    resource: { kind: 'container', name: 'x' },
  }
  return locateFailure(error, operation as Operation, { ...project, origins }).diagnostics[0]?.path
}

/** Where the failure about the service's files is said to be. */
function placeOf(contents: Readonly<Record<string, string>>): string | undefined {
  const definition = (name: string) => ({
    name,
    environment: name,
    ...(name in contents ? { content: contents[name] ?? '' } : {}),
  })
  const project = makeProject({
    services: { web: service },
    configs: { a: definition('a'), b: definition('b') },
    secrets: { s: definition('s') },
  })
  try {
    injectedFiles(project, 'web', project.model.services['web'] as Service)
  } catch (error) {
    return placeIn(project, error as Failure)
  }
  return undefined
}

it('finds the config that has no content among the configs, and not at the secrets', () => {
  expect(placeOf({ a: '', s: '' })).toBe('services.web.configs[1]')
  expect(placeOf({ a: '', b: '' })).toBe('services.web.secrets[0]')
})

it('finds the owner that is no number', () => {
  expect(placeOf({ a: '', b: '', s: '' })).toBe('services.web.secrets[1].uid')
})

it('finds the port by its number, its address or where it leads', () => {
  const ports = [
    { target: 80, published: '8080' },
    { target: 80, published: '8000-8009' },
    { target: 80, published: '8080', host_ip: '203.0.113.9' },
    { target: 81, host_ip: '203.0.113.9' },
    { target: 80, published: '8080', protocol: 'sctp' },
  ]
  const project = makeProject({ services: { web: { ports } } })
  const at = (code: string, facts: Record<string, string>): string | undefined =>
    placeIn(project, failure({ code, summary: '', facts }))
  const index = (at: number): string => `services.web.ports[${at}]`
  expect(at('PORT_IN_USE', { address: '0.0.0.0', port: '8080' })).toBe(index(0))
  expect(at('PORT_IN_USE', { address: '0.0.0.0', port: '8000-8009' })).toBe(index(1))
  expect(at('PORT_IN_USE', { address: '203.0.113.9', port: '8080' })).toBe(index(2))
  const gone = { address: '203.0.113.9', target: '81/tcp' }
  expect(at('HOST_ADDRESS_UNAVAILABLE', { ...gone, port: '0' })).toBe(index(3))
  expect(at('PROTOCOL_UNAVAILABLE', { target: '80/sctp' })).toBe(index(4))
})

it('tells an item of a range of ports by the place that the range has in the file', () => {
  const ports = ['7000', '8000', '8001', '8002', '9000'].map(published => ({ target: 80, published }))
  const project = makeProject({ services: { web: { ports } } })
  const at = (port: string): string | undefined =>
    placeIn(
      project,
      failure({ code: 'PORT_IN_USE', summary: '', facts: { address: '', port } }),
      item => [0, 1, 1, 1, 2][item] ?? 0,
    )
  expect(['7000', '8000', '8002', '9000'].map(at)).toEqual([
    'services.web.ports[0]',
    'services.web.ports[1]',
    'services.web.ports[1]',
    'services.web.ports[2]',
  ])
})
