import { expect } from 'vitest'
import { eventually } from '../harness/eventually.ts'
import type { AttributeCase, Seen } from './case.ts'

const SERVER = 'sh -c "sleep 0.3; mkdir -p /srv; echo here > /srv/index.html; exec httpd -f -p 8080 -h /srv"'

const until =
  (Status: string, Log: object = {}) =>
  async ({ docker, inspect: { Id } }: Seen) => {
    await eventually(`it is ${Status}`, async () => {
      const { Health } = (await docker.getContainer(Id).inspect()).State
      expect(Health).toMatchObject({ Status })
      expect(Health?.Log?.at(-1) ?? {}).toMatchObject(Log)
      return true
    })
  }

/** What this engine does beyond Compose: nothing of it needs a program in the image. */
export const PROBES: readonly AttributeCase[] = [
  {
    service: 'probed-port',
    shows: ['x-tscompose.probe.tcp'],
    // A probe takes the place of the test, whose times it has.
    attributes: {
      command: SERVER,
      healthcheck: { test: 'false', interval: '1h' },
      'x-tscompose': { probe: { tcp: 8080 } },
    },
    host: async seen => {
      await until('healthy')(seen)
      expect(seen.inspect.Config.Healthcheck).toEqual({ Test: ['PROBE', 'tcp', '8080'], Interval: 3600e9 })
    },
  },
  {
    service: 'probed-address',
    shows: ['x-tscompose.probe.tcp'],
    attributes: { command: SERVER, 'x-tscompose': { probe: { tcp: '127.0.0.1:8080' } } },
    host: until('healthy'),
  },
  {
    service: 'probed-page',
    shows: ['x-tscompose.probe.http', 'x-tscompose.probe.start_interval', 'x-tscompose.probe.start_period'],
    attributes: {
      command: SERVER,
      // Only the interval of the start period can see this within the test's time.
      'x-tscompose': {
        probe: { http: '8080/index.html', interval: '1h', start_period: '1h', start_interval: '50ms' },
      },
    },
    host: until('healthy', { ExitCode: 0, Output: 'HTTP/1.1 200 OK' }),
  },
  {
    service: 'probed-in-vain',
    shows: ['x-tscompose.probe.http', 'x-tscompose.probe.interval', 'x-tscompose.probe.retries'],
    attributes: {
      command: SERVER,
      'x-tscompose': { probe: { http: '8080/nowhere', interval: '50ms', retries: 2 } },
    },
    host: until('unhealthy', { ExitCode: 1, Output: 'HTTP/1.1 404 Not Found' }),
  },
  {
    service: 'probed-deaf',
    shows: ['x-tscompose.probe.timeout'],
    // It takes connections and says nothing.
    attributes: {
      command: ['nc', '-ll', '-p', '8080', '-e', 'sleep', '1000'],
      'x-tscompose': { probe: { http: 8080, interval: '50ms', timeout: '200ms', retries: 2 } },
    },
    host: until('unhealthy'),
  },
  {
    service: 'probed-log',
    shows: ['x-tscompose.probe.log'],
    attributes: {
      command: 'sh -c "echo not yet; sleep 0.3; echo now I am ready for you >&2; exec sleep 1000"',
      'x-tscompose': { probe: { log: 'ready for' } },
    },
    host: until('healthy'),
  },
  {
    service: 'after-probes',
    shows: ['x-tscompose.probe.log'],
    attributes: { depends_on: { 'probed-log': { condition: 'service_healthy' } } },
  },
  {
    service: 'renewed',
    shows: ['x-tscompose.restart_unhealthy'],
    attributes: {
      // A server that goes on living and serves no more.
      command: ['sh', '-c', 'trap "exit 0" TERM; timeout 1 httpd -f -p 8080; while :; do sleep 0.1; done'],
      'x-tscompose': { probe: { tcp: 8080, interval: '100ms', retries: 3 }, restart_unhealthy: true },
    },
    host: async ({ docker, inspect: { Id } }) => {
      await eventually(
        'it was restarted twice',
        async () => (await docker.getContainer(Id).inspect()).RestartCount >= 2,
      )
    },
  },
]
