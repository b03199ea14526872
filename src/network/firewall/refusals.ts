import type { OpenNetnsOp, SetupOp } from '../../native/index.ts'
import { type Family, formatAddress } from '../ip/address.ts'
import { dumpElements, parseElements } from '../netlink/index.ts'
import { REFUSED_MS, refusedSet } from './egress.ts'
import { EGRESS_TABLE } from './egress-names.ts'

/** Where a container was kept from going. */
export interface Refusal {
  readonly address: string
  readonly protocol: string
  readonly port: number
  readonly packets: number
  /** When last: Unix time in milliseconds. */
  readonly last: number
}

const PROTOCOLS: Readonly<Record<number, string>> = {
  1: 'icmp',
  6: 'tcp',
  17: 'udp',
  58: 'icmp6',
  132: 'sctp',
}

/** Operations for `native.run` that list what a network namespace has refused; `readRefusals` reads their outputs. */
export function refusalOps(netns: Omit<OpenNetnsOp, 'op'>): SetupOp[] {
  return [
    { ...netns, op: 'openNetns' },
    ...([4, 6] as const).map(
      (family): SetupOp => ({
        op: 'netlinkDump',
        netns: 'container',
        protocol: 'netfilter',
        bytes: dumpElements('inet', EGRESS_TABLE, refusedSet(family)),
      }),
    ),
  ]
}

/** What was refused, the last first. */
export function readRefusals(outputs: readonly Buffer[], now: number): Refusal[] {
  return outputs
    .flatMap(parseElements)
    .flatMap(({ key, expires = 0, packets }) => {
      const target = readKey(key)
      return target === undefined ? [] : [{ ...target, packets, last: now - (REFUSED_MS - expires) }]
    })
    .sort((a, b) => b.last - a.last)
}

/** An element's key: address, protocol and port, each in words of four bytes. */
function readKey(key: Buffer): Pick<Refusal, 'address' | 'protocol' | 'port'> | undefined {
  if (key.length !== 12 && key.length !== 24) return undefined
  const family: Family = key.length === 12 ? 4 : 6
  const at = family === 4 ? 4 : 16
  const value = BigInt(`0x${key.subarray(0, at).toString('hex')}`)
  const number = key.readUInt8(at)
  return {
    address: formatAddress({ family, value }),
    protocol: PROTOCOLS[number] ?? String(number),
    port: key.readUInt16BE(at + 4),
  }
}
