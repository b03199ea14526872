import { expect, test } from 'vitest'
import { SYSFS_LINKS } from './links.ts'

test('a link is known by its name and its index', () => {
  expect([SYSFS_LINKS.has('lo'), SYSFS_LINKS.indexOf('lo')]).toEqual([true, 1])
})

test('one that is no port of a bridge has no master, and one that is no bridge no ports', () => {
  expect(SYSFS_LINKS.masterOf('lo')).toBeUndefined()
  expect(SYSFS_LINKS.portsOf('lo')).toEqual([])
})

test('one that is not there is nothing, and no error', () => {
  const name = 'no-such-link'
  expect(SYSFS_LINKS.has(name)).toBe(false)
  expect([SYSFS_LINKS.indexOf(name), SYSFS_LINKS.masterOf(name)]).toEqual([undefined, undefined])
  expect(SYSFS_LINKS.portsOf(name)).toEqual([])
})
