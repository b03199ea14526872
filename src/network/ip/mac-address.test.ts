import { expect, test } from 'vitest'
import { newMacAddress } from './mac-address.ts'

test('a MAC address is local and unicast, and follows from the place where one is given', () => {
  const place = { networkId: 'a'.repeat(64), address: '172.18.0.2/24' }
  expect(newMacAddress()).toMatch(/^02(:[0-9a-f]{2}){5}$/)
  expect(newMacAddress()).not.toBe(newMacAddress())
  expect(newMacAddress(place)).toBe(newMacAddress({ ...place, address: '172.18.0.2' }))
  expect(newMacAddress(place)).not.toBe(newMacAddress({ ...place, networkId: 'b' }))
})
