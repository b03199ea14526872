import { expect, test } from 'vitest'
import { unsupportedWarnings } from './without-effect.ts'

test('what has no effect is named, where it says something', () => {
  expect(unsupportedWarnings({ CgroupParent: '/x', Runtime: 'kata', CpuCount: 0, StorageOpt: {} })).toEqual([
    'HostConfig.CgroupParent has no effect on this engine',
    'HostConfig.Runtime "kata" is not used: containers always run by this engine itself',
  ])
  expect(unsupportedWarnings({ Memory: 1, Runtime: 'runc', Isolation: 'default' })).toEqual([])
})

test('so is what has none by its value', () => {
  const given = { Isolation: 'hyperv', SecurityOpt: ['label=disable'], NetworkDisabled: true }
  expect(unsupportedWarnings(given)).toHaveLength(3)
})
