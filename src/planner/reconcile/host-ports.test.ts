import { describe, expect, test } from 'vitest'
import type { Port, Service } from '../../model/index.ts'
import { makeProject } from '../testing/projects.ts'
import { planUp } from '../up/plan-up.ts'
import type { UpOptions } from './options.ts'

const NOTHING = { project: 'lamp', containers: [], networks: [], volumes: [], images: {} }
const on = (published: string, more: Partial<Port> = {}): Partial<Service> => ({
  ports: [{ target: 80, published, protocol: 'tcp', mode: 'ingress', ...more }],
})

/** `CODE path` of what the plan says it will fail at. */
function problemsOf(services: Readonly<Record<string, Partial<Service>>>, options: UpOptions = {}): string[] {
  const { problems = [] } = planUp(makeProject({ services }), NOTHING, options)
  return problems.map(({ code, path }) => `${code} ${path}`)
}

describe('a port of the host', () => {
  test('that two services want is told at the second one', () => {
    expect(problemsOf({ a: on('80'), b: on('80', { host_ip: '127.0.0.1' }), c: on('81') })).toEqual([
      'HOST_PORT_TWICE services.b.ports[0]',
    ])
  })

  test('is had by one container of several alone', () => {
    expect(problemsOf({ a: on('80') }, { scale: { a: 2 } })).toEqual([
      'FIXED_PORT_SCALED services.a.ports[0]',
    ])
  })

  test('of a range is had by as many containers as it has ports', () => {
    expect(problemsOf({ a: on('80-82') }, { scale: { a: 4 } })).toEqual([
      'FIXED_PORT_SCALED services.a.ports[0]',
    ])
    expect(problemsOf({ a: on('80-82') }, { scale: { a: 3 } })).toEqual([])
  })

  test.each<[string, Readonly<Record<string, Partial<Service>>>, UpOptions]>([
    ['a range', { a: on('80-82'), b: on('80-82') }, {}],
    ['another address', { a: on('80', { host_ip: '127.0.0.1' }), b: on('80', { host_ip: '127.0.0.2' }) }, {}],
    ['another protocol', { a: on('53'), b: on('53', { protocol: 'udp' }) }, {}],
    ['a service without containers', { a: on('80'), b: { ...on('80'), scale: 0 } }, {}],
    ['one that is not of this up', { a: on('80'), b: on('80') }, { services: ['a'] }],
    ["another service's network", { a: on('80'), b: { ...on('80'), network_mode: 'service:a' } }, {}],
    ['containers that are made alone', { a: on('80'), b: on('80') }, { start: false }],
    [
      'one that has ended before the other starts',
      {
        a: on('80'),
        b: { depends_on: { a: { condition: 'service_completed_successfully', required: true } } },
        c: { ...on('80'), depends_on: { b: { condition: 'service_started', required: true } } },
      },
      {},
    ],
  ])('is free for %s', (_, services, options) => {
    expect(problemsOf(services, options)).toEqual([])
  })
})
