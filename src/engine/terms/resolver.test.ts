import { expect, test } from 'vitest'
import { termsOf } from './index.ts'
import { refusals } from './refusals.test-support.ts'

test('servers, search domains and options', () => {
  expect(termsOf({}, { Dns: ['1.1.1.1'], DnsSearch: ['a.test'], DnsOptions: ['ndots:2'] }).resolver).toEqual({
    dns: ['1.1.1.1'],
    search: ['a.test'],
    options: ['ndots:2'],
  })
  expect(termsOf({}, {}).resolver).toEqual({ dns: [], search: [], options: [] })
})

test('a container in the network of another asks the servers of that one', () => {
  const host = { NetworkMode: 'container:x' }
  expect(refusals({}, { ...host, Dns: ['1.1.1.1'] })).toEqual(['NETWORK_MODE HostConfig.Dns'])
  expect(refusals({}, { ...host, Dns: [] })).toEqual([])
})

test('what no resolv.conf could say is refused, all of it', () => {
  const given = { Dns: ['1.1.1.1', '', '300.1.1.1', 'x'], DnsSearch: ['a b'], DnsOptions: ['a\nb'] }
  expect(refusals({}, given)).toEqual([
    'DNS_INVALID HostConfig.Dns',
    'DNS_INVALID HostConfig.Dns',
    'DNS_INVALID HostConfig.DnsSearch',
    'DNS_INVALID HostConfig.DnsOptions',
  ])
})
