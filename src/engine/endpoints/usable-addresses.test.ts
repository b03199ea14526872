import { expect, test } from 'vitest'
import type { Container } from '../state/container.ts'
import type { EndpointRecord } from '../state/container-record.ts'
import { askedIPv6, usableAddresses } from './usable-addresses.ts'

const ALL = 'net.ipv6.conf.all.disable_ipv6'
const OWN = 'net/ipv6/conf/eth0/disable_ipv6'
const BOTH = ['172.18.0.2/16', 'fd00::2/64', '172.18.0.9/16']

const containerWith = (values: Readonly<Record<string, string>>): Container =>
  ({ terms: { sysctls: { values } } }) as unknown as Container

function usable(values: Readonly<Record<string, string>>, option = ''): readonly string[] {
  const record: Partial<EndpointRecord> = {
    addresses: BOTH.slice(0, 2),
    kept: BOTH.slice(2),
    interfaceName: 'eth0',
    driverOpts: option === '' ? {} : { 'com.docker.network.endpoint.sysctls': option },
  }
  return usableAddresses(containerWith(values), record as EndpointRecord)
}

test.each([
  ['of all interfaces', { [ALL]: '1' }],
  ['of its own', { [OWN]: '1' }],
  ['of its own, behind all', { [ALL]: '0', [OWN]: '1' }],
])('an interface whose IPv6 is switched off has no address of it: %s', (_, values) => {
  expect(usable(values)).toEqual(['172.18.0.2/16', '172.18.0.9/16'])
})

test('so has one of which the endpoint says so, until the container says otherwise', () => {
  const option = 'net.ipv6.conf.IFNAME.disable_ipv6=1'
  expect(usable({}, option)).toEqual(['172.18.0.2/16', '172.18.0.9/16'])
  expect(usable({ [ALL]: '0' }, option)).toEqual(BOTH)
})

test.each([
  ['nothing', {}],
  ['another interface', { 'net.ipv6.conf.eth1.disable_ipv6': '1' }],
  ['interfaces that come later', { 'net.ipv6.conf.default.disable_ipv6': '1' }],
  ['its own on again', { [ALL]: '1', [OWN]: '0' }],
])('all others have theirs: %s', (_, values) => {
  expect(usable(values)).toEqual(BOTH)
})

test('what was asked for last is what counts, and what was not asked for is as the network has it', () => {
  const of = { driverOpts: {}, interfaceName: 'eth0' }
  const answers = [{}, { [ALL]: '0' }, { [ALL]: '1', [OWN]: '0' }, { [OWN]: '0', [ALL]: '1' }].map(values =>
    askedIPv6(containerWith(values), of),
  )
  expect(answers).toEqual([undefined, true, true, false])
})
