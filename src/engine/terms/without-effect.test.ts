import { expect, test } from 'vitest'
import { Problems } from './problems.ts'
import { checkRefused, unsupportedWarnings } from './without-effect.ts'

test('what has no effect is named, where it says something', () => {
  expect(unsupportedWarnings({ CpuPercent: 1, CpuCount: 0, StorageOpt: {} })).toEqual([
    'HostConfig.CpuPercent has no effect on this engine',
  ])
  expect(unsupportedWarnings({ Memory: 1, Runtime: 'runc', Isolation: 'default' })).toEqual([])
})

test('so is what has none by its value', () => {
  expect(unsupportedWarnings({ NetworkDisabled: true })).toHaveLength(1)
})

test('what a container would not be the same without is refused, as by Docker', () => {
  const codesOf = (given: Parameters<typeof checkRefused>[0]): string[] => {
    const problems = new Problems()
    checkRefused(given, problems)
    return problems.found.map(({ code }) => code)
  }
  expect(codesOf({ Runtime: 'kata', Isolation: 'hyperv', StorageOpt: { size: '1G' } })).toEqual([
    'RUNTIME_UNKNOWN',
    'ISOLATION_INVALID',
    'STORAGE_OPTION',
  ])
  expect(codesOf({ DeviceRequests: [{ Count: -1, Capabilities: [['gpu']] }] })).toEqual(['DEVICE_DRIVER'])
  expect(codesOf({ Runtime: 'runc', Isolation: 'default', StorageOpt: {}, DeviceRequests: [] })).toEqual([])
})
