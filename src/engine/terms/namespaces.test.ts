import { expect, test } from 'vitest'
import type { HostConfig } from '../../api/types/index.ts'
import { termsOf } from './index.ts'
import { runtimeNamespaces } from './namespaces.ts'
import { refusals } from './refusals.test-support.ts'

const PRIVATE = { kind: 'private' }
const HOST = { kind: 'host' }

test('are all private when nothing is said', () => {
  expect(termsOf({}, {}).namespaces).toEqual({
    hostIds: false,
    pid: PRIVATE,
    ipc: PRIVATE,
    uts: PRIVATE,
    cgroup: PRIVATE,
    withoutShm: false,
  })
})

test.each([
  [{ PidMode: 'host' }, { pid: HOST }],
  [{ PidMode: 'container:db' }, { pid: { kind: 'container', reference: 'db' } }],
  [{ IpcMode: 'host' }, { ipc: HOST }],
  [{ IpcMode: 'container:db' }, { ipc: { kind: 'container', reference: 'db' } }],
  [{ IpcMode: 'shareable' }, { ipc: PRIVATE }],
  [{ IpcMode: 'private' }, { ipc: PRIVATE, unjoinable: 'private' }],
  [{ IpcMode: 'none' }, { ipc: PRIVATE, unjoinable: 'none', withoutShm: true }],
  [{ UTSMode: 'host' }, { uts: HOST }],
  [{ CgroupnsMode: 'host' }, { cgroup: HOST }],
  [{ CgroupnsMode: 'private' }, { cgroup: PRIVATE }],
])('%j', (host, terms) => {
  expect(termsOf({}, host).namespaces).toMatchObject(terms)
})

test.each([
  ['PidMode', ['', 'host', 'container:a'], ['private', 'container:', 'x']],
  ['IpcMode', ['', 'none', 'private', 'shareable', 'host', 'container:a'], ['container', 'x']],
  ['UTSMode', ['', 'host'], ['private', 'container:a']],
  ['UsernsMode', ['', 'host'], ['keep-id', 'x']],
  ['CgroupnsMode', ['', 'private', 'host'], ['container:a', 'x']],
])('%s is one of its words', (field, known, unknown) => {
  for (const mode of known) expect(refusals({}, { [field]: mode })).toEqual([])
  for (const mode of unknown)
    expect(refusals({}, { [field]: mode })).toEqual([`NAMESPACE_MODE HostConfig.${field}`])
})

test('in the words of the runtime other containers are processes, and their networks files', () => {
  const found = (host: HostConfig) => {
    const { namespaces, network } = termsOf({}, host)
    return runtimeNamespaces(namespaces, network.mode, {
      process: reference => ({ kind: 'process', pid: reference.length, startTime: 1n }),
      network: reference => ({ kind: 'path', path: `/${reference}` }),
    })
  }
  expect(found({ PidMode: 'container:db', NetworkMode: 'container:web', IpcMode: 'none' })).toEqual({
    pid: { kind: 'process', pid: 2, startTime: 1n },
    net: { kind: 'path', path: '/web' },
    ipc: PRIVATE,
    uts: PRIVATE,
    cgroup: PRIVATE,
    withoutShm: true,
  })
  expect(found({ NetworkMode: 'host' }).net).toEqual(HOST)
  for (const NetworkMode of ['none', 'lamp_back', '']) expect(found({ NetworkMode }).net).toEqual(PRIVATE)
})
