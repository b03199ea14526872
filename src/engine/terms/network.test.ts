import { expect, test } from 'vitest'
import { termsOf } from './index.ts'

test.each([
  [undefined, { kind: 'network', network: 'bridge' }],
  ['', { kind: 'network', network: 'bridge' }],
  ['default', { kind: 'network', network: 'bridge' }],
  ['host', { kind: 'host' }],
  ['none', { kind: 'none' }],
  ['container:x', { kind: 'container', reference: 'x' }],
  ['lamp_back', { kind: 'network', network: 'lamp_back' }],
])('network mode %s', (NetworkMode, mode) => {
  expect(termsOf({}, { NetworkMode }).network).toEqual({ mode })
})

test('the MAC address is that of the first network', () => {
  expect(termsOf({ MacAddress: '02:42:00:00:00:01' }, {}).network.macAddress).toBe('02:42:00:00:00:01')
})
