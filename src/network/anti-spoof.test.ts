import { describe, expect, test } from 'vitest'
import { antiSpoofTable } from './anti-spoof.ts'
import { renderRuleset } from './nftables.ts'
import type { Endpoint } from './types.ts'

const ENDPOINT: Endpoint = {
  id: 'abcdef012345'.repeat(5),
  network: { id: '0123456789ab'.repeat(5), name: 'front', internal: false, subnets: [] },
  interfaceName: 'eth0',
  macAddress: '02:00:00:00:00:01',
  addresses: ['172.18.0.2/24', 'fd00::2/64', 'fe80::7/64'],
}

describe('antiSpoofTable', () => {
  test('lets only own MAC and addresses pass, and drops the rest', () => {
    const rules = antiSpoofTable('tscompose', [ENDPOINT]).map(line => line.trim())
    expect(rules).toEqual(
      expect.arrayContaining([
        'ether saddr != 02:00:00:00:00:01 drop',
        'ether type arp arp saddr ether 02:00:00:00:00:01 arp saddr ip { 172.18.0.2, 0.0.0.0 } accept',
        'ether type ip ip saddr { 172.18.0.2 } accept',
        'ether type ip6 ip6 saddr { fd00::2, fe80::/10, :: } accept',
        'iifname vmap { "tvabcdef01234" : jump guard_abcdef012345 }',
      ]),
    )
    expect(rules[rules.indexOf('}') - 1]).toBe('drop')
  })

  test('has nothing about a family that the endpoint does not have', () => {
    const text = antiSpoofTable('tscompose', [{ ...ENDPOINT, addresses: ['172.18.0.2/24'] }]).join('\n')
    expect(text).not.toContain('ip6')
  })

  test('is part of the transaction only where endpoints are guarded', () => {
    const state = { networks: [], published: [] }
    expect(renderRuleset('', state)).not.toContain('bridge')
    expect(renderRuleset('', { ...state, guarded: [] })).toMatch(
      /^add table bridge tscompose\ndelete table bridge /,
    )
  })

  test.each([
    { macAddress: '02:00" drop' },
    { id: 'x'.repeat(64) },
    { addresses: ['1.2.3.4; flush'] },
  ])('lets nothing unsafe in: %j', more => {
    expect(() => antiSpoofTable('tscompose', [{ ...ENDPOINT, ...more }])).toThrow(
      expect.objectContaining({ code: 'FIREWALL_UNSAFE' }),
    )
  })
})
