import { expect, it } from 'vitest'
import type { failure } from '../diagnostics/index.ts'
import type { Path, Service } from '../model/index.ts'
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
  const range = { file: '/compose.yaml', start: { line: 1, column: 1 }, end: { line: 1, column: 1 } }
  const origins = { of: (_path: Path) => ({ range, written: '', variables: [], through: [], overrode: [] }) }
  const operation = {
    type: 'createContainer',
    serviceName: 'web',
    resource: { kind: 'container', name: 'x' },
  }
  try {
    injectedFiles(project, 'web', project.model.services['web'] as Service)
  } catch (error) {
    const located = locateFailure(error as ReturnType<typeof failure>, operation as Operation, {
      ...project,
      origins: origins as never,
    })
    return located.diagnostics[0]?.path
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
