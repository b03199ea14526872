import { describe, expect, test } from 'vitest'
import type { Address } from '../ip/address.ts'
import { parseAddress } from '../ip/address.ts'
import { addAddress, parseAddresses } from './address.ts'
import { parseAttributes } from './attribute.ts'
import { createBridge, createVethPair, deleteLink, setLinkUp } from './link.ts'
import { parseLinks } from './link-list.ts'
import { parseMessages } from './message.ts'
import { deleteDefaultRoute, setDefaultRoute } from './route.ts'

/** Bytes that `ip` of iproute2 6.1 sent for the command in the test's name, without the sequence number. */
const recorded = (hex: string): string => hex.replaceAll(/\s/g, '')

const ip = (text: string): Address => {
  const address = parseAddress(text)
  if (!address) throw new TypeError(text)
  return address
}

describe('rtnetlink messages equal those of `ip`', () => {
  test('link set dev 77 up', () => {
    expect(setLinkUp(77).toString('hex')).toBe(
      recorded('20000000 10000500 00000000 00000000 00000000 4d000000 01000000 01000000'),
    )
  })

  test('addr add 172.18.0.1/24 brd + dev 77', () => {
    const bytes = addAddress(77, ip('172.18.0.1'), 24)
    expect(bytes.toString('hex')).toBe(
      recorded(`30000000 14000506 00000000 00000000 02180000 4d000000 08000200 ac120001
        08000100 ac120001 08000400 ac1200ff`),
    )
  })

  test('-6 addr add fd00::1/64 dev 77 nodad', () => {
    const bytes = addAddress(77, ip('fd00::1'), 64)
    expect(bytes.toString('hex')).toBe(
      recorded(`40000000 14000506 00000000 00000000 0a400200 4d000000
        14000200 fd000000 00000000 00000000 00000001 14000100 fd000000 00000000 00000000 00000001`),
    )
  })

  test('route replace default via 172.18.0.10', () => {
    expect(setDefaultRoute(ip('172.18.0.10')).toString('hex')).toBe(
      recorded('24000000 18000505 00000000 00000000 02000000 fe030001 00000000 08000500 ac12000a'),
    )
  })

  test('link del dev 78', () => {
    expect(deleteLink(78).toString('hex')).toBe(
      recorded('20000000 11000500 00000000 00000000 00000000 4e000000 00000000 00000000'),
    )
  })

  test('link add 77 type bridge, with address and MTU', () => {
    const bytes = createBridge({
      name: 'tsc-0123456789a',
      index: 77,
      macAddress: '02:00:00:00:00:01',
      mtu: 1400,
    })
    const [message] = parseMessages(bytes)
    const attributes = parseAttributes(message?.body.subarray(16) ?? Buffer.alloc(0))
    expect(attributes.get(1)?.toString('hex')).toBe('020000000001')
    expect(attributes.get(3)?.toString()).toBe('tsc-0123456789a\0')
    expect(attributes.get(4)?.toString('hex')).toBe('78050000')
    expect(attributes.get(18)?.toString('hex')).toBe('0a000100627269646765' + '0000')
  })

  test('link add type veth peer: the whole nested part', () => {
    const bytes = createVethPair(
      { name: 'tvabc', index: 78, mtu: 1400, master: 77 },
      { name: 'eth0', index: 5, macAddress: '02:00:00:00:00:02', mtu: 1400, netnsFd: 100 },
    )
    expect(bytes.toString('hex')).toBe(
      recorded(`a8000000 10000506 00000000 00000000 00000000 4e000000 01000000 01000000
        0a000300 7476616263000000 08000400 78050000 08000a00 4d000000 08001f00 01000000 08002000 01000000
        5c001200 08000100 76657468 50000200 4c000100 00000000 05000000 00000000 00000000
        09000300 6574683000000000 0a000100 0200000000020000 08000400 78050000 08001c00 64000000
        08001f00 01000000 08002000 01000000`),
    )
  })
})

describe('parsers', () => {
  test('read links of a dump', () => {
    const bridge = recorded(`4c000000 10002200 2258026b 86430000 00000100 4d000000 03100000 00000000
      14000300 7473632d 30313233 34353637 38396100 08000400 dc050000 10001200 0b000100 62726964 67650000`)
    const dump = Buffer.concat([
      Buffer.from(bridge, 'hex'),
      createBridge({ name: 'br0', index: 9 }),
      deleteLink(78),
    ])
    expect(parseLinks(dump)).toEqual([
      { index: 77, name: 'tsc-0123456789a', up: true, kind: 'bridge', mtu: 1500 },
      { index: 9, name: 'br0', up: false, kind: 'bridge' },
    ])
  })

  test('read addresses, and pass over what is broken', () => {
    const good = addAddress(7, ip('10.0.0.1'), 8)
    expect(parseAddresses(Buffer.concat([good, deleteDefaultRoute(4)]))).toEqual([
      { link: 7, address: '10.0.0.1/8' },
    ])
    for (let length = 0; length < good.length; length++)
      expect(parseAddresses(good.subarray(0, length))).toEqual([])
  })
})
