import { expect, test } from 'vitest'
import { parseLink } from './hosts.ts'
import { termsOf } from './index.ts'
import { refusals } from './refusals.test-support.ts'

test('names with addresses, and links', () => {
  const host = { ExtraHosts: ['a:1.2.3.4', 'b=[fd00::0009]', 'up:host-gateway'], Links: ['/db:/sql', 'web'] }
  expect(termsOf({}, host).hosts).toEqual({
    extra: [
      { name: 'a', address: '1.2.3.4' },
      { name: 'b', address: 'fd00::9' },
      { name: 'up', address: 'host-gateway' },
    ],
    links: [
      { reference: 'db', alias: 'sql' },
      { reference: 'web', alias: 'web' },
    ],
  })
})

test('a link is an alias for another, which has none of its own without one', () => {
  expect(parseLink('/lamp-db-1:db')).toEqual({ reference: 'lamp-db-1', alias: 'db' })
  expect(parseLink('lamp-db-1')).toEqual({ reference: 'lamp-db-1', alias: 'lamp-db-1' })
})

test.each([
  'a',
  'a:',
  ':1.2.3.4',
  'a:nowhere',
  'a b:1.2.3.4',
  'a:1.2.3.4\n6.6.6.6 b',
])('%j is refused', text => {
  expect(refusals({}, { ExtraHosts: [text] })).toEqual(['HOSTS_INVALID HostConfig.ExtraHosts'])
})

test('a container in the network of another has the files of that one', () => {
  expect(refusals({}, { NetworkMode: 'container:x', ExtraHosts: ['a:1.2.3.4'], Links: ['y'] })).toEqual([
    'NETWORK_MODE HostConfig.ExtraHosts',
    'NETWORK_MODE HostConfig.Links',
  ])
})

test("links cannot be had in the host's network", () => {
  expect(refusals({}, { NetworkMode: 'host', Links: ['a:b'] })).toEqual(['NETWORK_MODE HostConfig.Links'])
  expect(refusals({}, { NetworkMode: 'host', ExtraHosts: ['a:1.2.3.4'] })).toEqual([])
})
