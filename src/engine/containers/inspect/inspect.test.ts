import { expect, test } from 'vitest'
import type { HostConfig } from '../../../api/types/index.ts'
import { termsOf } from '../../terms/index.ts'
import { renderConfig } from './config.ts'
import { renderHostConfig } from './host-config.ts'

const told = (host: HostConfig, version: 1 | 2 = 2) =>
  renderHostConfig(host, termsOf({}, host), {
    maskedPaths: ['/sys/devices/system/cpu/cpu0/thermal_throttle'],
    cgroups: { version } as never,
  })

test('a log driver is always told', () => {
  expect(told({}).LogConfig).toEqual({ Type: 'json-file', Config: {} })
  expect(told({ LogConfig: { Type: 'none' } }).LogConfig).toEqual({ Type: 'none', Config: {} })
})

test('what nobody asked for has the value that Docker gives it', () => {
  expect(told({})).toMatchObject({
    Binds: null,
    NetworkMode: 'bridge',
    RestartPolicy: { Name: 'no', MaximumRetryCount: 0 },
    IpcMode: 'private',
    ShmSize: 67108864,
    Runtime: 'runc',
    Memory: 0,
    PidsLimit: null,
    ConsoleSize: [0, 0],
  })
  expect(told({})).not.toHaveProperty('Mounts')
  expect(told({}, 1).OomKillDisable).toBe(false)
  expect(told({}, 2).OomKillDisable).toBeNull()
})

test('an empty value asks for the default', () => {
  const empty: HostConfig = {
    NetworkMode: 'default',
    IpcMode: '',
    Runtime: '',

    RestartPolicy: { Name: '' },
  }
  expect(told(empty)).toEqual(told({}))
})

test('an empty list stays what it was', () => {
  expect(told({ Binds: [], Dns: [] })).toMatchObject({ Binds: [], Dns: [] })
})

test('memory alone is as much swap again', () => {
  expect(told({ Memory: 64 }).MemorySwap).toBe(128)
  expect(told({ Memory: 64, MemorySwap: -1 }).MemorySwap).toBe(-1)
})

test('hidden paths are those that are hidden', () => {
  expect(told({}).MaskedPaths).toContain('/sys/devices/system/cpu/cpu0/thermal_throttle')
  expect(told({ MaskedPaths: [] }).MaskedPaths).toEqual([])
  expect(told({ Privileged: true })).toMatchObject({ MaskedPaths: null, ReadonlyPaths: null })
})

test('a configuration has every field of Docker', () => {
  expect(renderConfig({ Image: 'app', ExposedPorts: {}, Volumes: {} })).toEqual({
    ...{
      Hostname: '',
      Domainname: '',
      User: '',
      AttachStdin: false,
      AttachStdout: false,
      AttachStderr: false,
    },
    ...{ Tty: false, OpenStdin: false, StdinOnce: false, Env: null, Cmd: null, Image: 'app', Volumes: null },
    ...{ WorkingDir: '', Entrypoint: null, OnBuild: null, Labels: {} },
  })
})
