import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Project, Service } from '../model/index.ts'
import { oneOffService } from '../planner/index.ts'
import { makeProject } from '../planner/testing/projects.ts'
import { publishedHere, serviceHere } from './published-here.ts'

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'tscompose-published-'))
})
afterEach(() => rmSync(root, { recursive: true }))

/** A one-off of a service with ports of its own beside those of `run -p`, as it is published. */
function oneOff(project: Project, choice: string, web: Partial<Service> = {}): Service {
  const env = { TSCOMPOSE_ROOT: root, TSCOMPOSE_PUBLISH: choice }
  const here = publishedHere(project, env)
  const service = { command: null, entrypoint: null, ...here.model.services['web'], ...web }
  const overrides = {
    ports: [
      { target: 1, published: '1' },
      { target: 2, published: '2', host_ip: '192.0.2.1' },
    ],
  }
  return serviceHere(
    oneOffService(service, { overrides, tty: false, stdinOpen: false, servicePorts: true }),
    here,
    env,
  )
}

const PLAIN = makeProject({ services: { web: { ports: [{ target: 80, published: '80' }] } } })
const hostsOf = ({ ports = [] }: Service): (string | undefined)[] => ports.map(port => port.host_ip)

test('ports of a command line are published where those of the file are', () => {
  expect(hostsOf(oneOff(PLAIN, ''))).toEqual([undefined, undefined, '192.0.2.1'])
  expect(hostsOf(oneOff(PLAIN, 'loopback'))).toEqual(['127.0.0.1', '127.0.0.1', '192.0.2.1'])
  const instance = { ...PLAIN, name: 'lamp-a', instance: { name: 'a' } }
  for (const choice of ['', 'loopback']) {
    const [ofFile, ofLine, named] = hostsOf(oneOff(instance, choice))
    expect([ofFile, ofLine, named]).toEqual([expect.stringMatching(/^127\.(?!0\.)/), ofFile, '192.0.2.1'])
  }
})

test('and by the same way, where the file publishes nothing, too', () => {
  const silent = makeProject({ services: { web: {} } })
  expect(oneOff(silent, 'proxy')['x-tscompose']?.publish).toBe('proxy')
  const chosen = oneOff(silent, 'all', { 'x-tscompose': { publish: 'loopback' } })
  expect(hostsOf(chosen)).toEqual(['127.0.0.1', '192.0.2.1'])
})

test('what is published already is left as it is', () => {
  const env = { TSCOMPOSE_ROOT: root, TSCOMPOSE_PUBLISH: 'loopback' }
  const here = publishedHere(PLAIN, env)
  const [port] = here.model.services['web']?.ports ?? []
  expect(publishedHere(here, env).model.services['web']?.ports?.[0]).toBe(port)
})
