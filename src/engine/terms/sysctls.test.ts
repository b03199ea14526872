import { expect, test } from 'vitest'
import { termsOf } from './index.ts'

test('are given as they are', () => {
  const values = { 'net.core.somaxconn': '1024' }
  expect(termsOf({}, { Sysctls: values }).sysctls).toEqual({ values, forwards: false })
  expect(termsOf({}, {}).sysctls).toEqual({ values: {}, forwards: false })
})

test.each([
  'net.ipv4.ip_forward',
  'net/ipv4/ip_forward',
  'net.ipv4.conf.all.forwarding',
  'net.ipv6.conf.eth0.forwarding',
])('%s makes a router of it', name => {
  expect(termsOf({}, { Sysctls: { [name]: '1' } }).sysctls.forwards).toBe(true)
})

test.each(['net.ipv4.ip_forward_use_pmtu', 'net.ipv4.conf.all.mc_forwarding'])('%s does not', name => {
  expect(termsOf({}, { Sysctls: { [name]: '1' } }).sysctls.forwards).toBe(false)
})
