import { expect, test } from 'vitest'
import type { Service } from '../../model/index.ts'
import { makeProject } from '../testing/projects.ts'
import { planUp } from '../up/plan-up.ts'
import type { UpOptions } from './options.ts'

const NOTHING = { project: 'lamp', containers: [], networks: [], volumes: [], images: {} }
const WEB: Partial<Service> = {
  networks: { front: { ipv4_address: '10.1.0.5', ipv6_address: 'fd00::5' }, back: null },
}
const NETWORKS = { front: { name: 'lamp_front', ipam: {} }, back: { name: 'lamp_back', ipam: {} } }

/** `CODE path` of what the plan says it will fail at. */
function problemsOf(options: UpOptions = {}): string[] {
  const { problems = [] } = planUp(
    makeProject({ services: { web: WEB }, networks: NETWORKS }),
    NOTHING,
    options,
  )
  return problems.map(({ code, path }) => `${code} ${path}`)
}

test('a fixed address that another container has is told before anything is stopped, unless the plan moves that one', () => {
  const front = {
    ...{ id: 'f1', name: 'lamp_front', key: 'front', project: 'lamp', driver: 'bridge' },
    ...{ configHash: '', drift: [], containers: [{ id: 'x1', name: 'other', addresses: ['10.1.0.5'] }] },
  }
  const project = makeProject({ services: { web: WEB }, networks: NETWORKS })
  const told = (networks: readonly (typeof front)[]): string[] =>
    (planUp(project, { ...NOTHING, networks }).problems ?? []).map(({ code, path }) => `${code} ${path}`)
  expect(told([front])).toEqual(['ADDRESS_IN_USE services.web.networks.front.ipv4_address'])
  expect(told([{ ...front, containers: [{ id: 'x1', name: 'other', addresses: ['10.1.0.6'] }] }])).toEqual([])
})

test('a fixed address is had by one container of several alone', () => {
  expect(problemsOf()).toEqual([])
  expect(problemsOf({ scale: { web: 2 } })).toEqual([
    'FIXED_ADDRESS_SCALED services.web.networks.front.ipv4_address',
    'FIXED_ADDRESS_SCALED services.web.networks.front.ipv6_address',
  ])
  expect(problemsOf({ scale: { web: 2 }, start: false })).toEqual([])
})
