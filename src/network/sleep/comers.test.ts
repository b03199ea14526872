import { expect, test } from 'vitest'
import { COMERS, SENDERS } from './comers.ts'

const KNOWN = -0x1000
const NETWORK = -0x100000

interface Packet {
  readonly kind?: number
  readonly protocol: number
  readonly bytes: Buffer
}

/** What a filter says of a packet: the instructions of classic BPF that ours are made of. */
function takes(filter: Uint8Array, { kind = 0, protocol, bytes }: Packet): boolean {
  const steps = Buffer.from(filter)
  const at = (operand: number): number => operand - NETWORK
  let [a, x] = [0, 0]
  for (let index = 0; ; index += 1) {
    const code = steps.readUInt16LE(index * 8)
    const operand = steps.readInt32LE(index * 8 + 4)
    const jump = (yes: boolean): void => {
      index += steps.readUInt8(index * 8 + (yes ? 2 : 3))
    }
    if (code === 0x20) a = operand === KNOWN ? protocol : kind
    else if (code === 0x28) a = bytes.readUInt16BE(at(operand))
    else if (code === 0x30) a = bytes.readUInt8(at(operand))
    else if (code === 0xb1) x = (bytes.readUInt8(at(operand)) & 15) * 4
    else if (code === 0x01) x = operand
    else if (code === 0x48) a = bytes.readUInt16BE(x + at(operand))
    else if (code === 0x50) a = bytes.readUInt8(x + at(operand))
    else if (code === 0x54) a &= operand
    else if (code === 0x05) index += operand
    else if (code === 0x15) jump(a === operand)
    else if (code === 0x45) jump((a & operand) !== 0)
    else if (code === 0x06) return operand !== 0
    else throw new Error(`unknown instruction ${code}`)
  }
}

/** By IPv4 with options, so that the header's length counts. */
function four(protocol: number, transport: Buffer, fragment = 0): Packet {
  const head = Buffer.alloc(24)
  head.writeUInt8(0x46, 0)
  head.writeUInt16BE(fragment, 6)
  head.writeUInt8(protocol, 9)
  return { protocol: 0x0800, bytes: Buffer.concat([head, transport]) }
}

function six(protocol: number, transport: Buffer): Packet {
  const head = Buffer.alloc(40)
  head.writeUInt8(protocol, 6)
  return { protocol: 0x86dd, bytes: Buffer.concat([head, transport]) }
}

function tcp(flags: number): Buffer {
  const bytes = Buffer.alloc(20)
  bytes.writeUInt8(flags, 13)
  return bytes
}

function udp(from: number): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeUInt16BE(from, 0)
  return bytes
}

test.each<[string, Packet, { readonly comes: boolean; readonly sends: boolean }]>([
  ['that begins a connection', four(6, tcp(0x02)), { comes: true, sends: true }],
  ['that begins one by IPv6', six(6, tcp(0x02)), { comes: true, sends: true }],
  ['that answers one of the container’s', four(6, tcp(0x12)), { comes: false, sends: false }],
  ['that brings bytes', four(6, tcp(0x18)), { comes: false, sends: true }],
  ['that brings bytes by IPv6', six(6, tcp(0x18)), { comes: false, sends: true }],
  ['that only acknowledges', four(6, tcp(0x10)), { comes: false, sends: false }],
  ['that ends a connection', four(6, tcp(0x11)), { comes: false, sends: false }],
  ['that is a datagram', four(17, udp(4000)), { comes: true, sends: true }],
  ['that is one by IPv6', six(17, udp(4000)), { comes: true, sends: true }],
  ['of a name server', four(17, udp(53)), { comes: false, sends: false }],
  ['that is the rest of a datagram', four(17, udp(4000), 100), { comes: false, sends: false }],
  ['of a ping', four(1, Buffer.alloc(8)), { comes: false, sends: false }],
  ['to all', { ...four(17, udp(4000)), kind: 1 }, { comes: false, sends: false }],
  [
    'that asks who has an address',
    { protocol: 0x0806, bytes: Buffer.alloc(28) },
    { comes: false, sends: false },
  ],
])('a packet %s', (_, packet, { comes, sends }) => {
  expect([takes(COMERS, packet), takes(SENDERS, packet)]).toEqual([comes, sends])
})
