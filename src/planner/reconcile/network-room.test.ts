import { expect, test } from 'vitest'
import type { Service } from '../../model/index.ts'
import { makeProject } from '../testing/projects.ts'
import { planUp } from '../up/plan-up.ts'

const NOTHING = { project: 'lamp', containers: [], networks: [], volumes: [], images: {} }
const ON: Partial<Service> = { networks: { wire: null } }

/** `CODE path` of what a plan says it will fail at, with services on one macvlan network. */
function problemsOf(services: Readonly<Record<string, Partial<Service>>>, mode = 'passthru'): string[] {
  const wire = { name: 'lamp_wire', driver: 'macvlan', driver_opts: { parent: 'eth9', macvlan_mode: mode } }
  const { problems = [] } = planUp(makeProject({ services, networks: { wire } }), NOTHING)
  return problems.map(({ code, path }) => `${code} ${path}`)
}

test('a parent that is passed through has room for one container', () => {
  expect(problemsOf({ a: ON })).toEqual([])
  expect(problemsOf({ a: ON, b: ON })).toEqual(['NETWORK_FULL services.b.networks.wire'])
  expect(problemsOf({ a: { ...ON, scale: 2 } })).toEqual(['NETWORK_FULL services.a.networks.wire'])
  expect(problemsOf({ a: ON, b: ON }, 'bridge')).toEqual([])
})

test('one that has ended before the other starts has made room', () => {
  const after: Partial<Service> = {
    ...ON,
    depends_on: { a: { condition: 'service_completed_successfully', required: true } },
  }
  expect(problemsOf({ a: ON, b: after })).toEqual([])
})
