import type { AttachedProgram, AttachedPrograms } from '../../native/index.ts'
import { connect4, connect6, type LedSockets } from './connect-program.ts'
import { ownName, peerName } from './name-programs.ts'
import { PLACE_WORDS } from './socket-address.ts'

/** Families that are led; those of whose connections others' rules have a say are not. */
export interface Families {
  readonly ipv4: boolean
  readonly ipv6: boolean
}

/** Places in a control group where a program is asked (enum bpf_attach_type). */
const ATTACH = {
  connect4: 10,
  connect6: 11,
  peerName4: 29,
  peerName6: 30,
  ownName4: 31,
  ownName6: 32,
} as const

/**
 * What has connections of the host's processes to loopback addresses lead to containers' published ports without a way through the relay. Programs that hide
 * it from clients come first, so that none sees it.
 */
export function shortcutPrograms(
  group: string,
  { ipv4, ipv6 }: Families,
  sockets: LedSockets,
): AttachedPrograms {
  const programs: AttachedProgram[] = []
  if (ipv4)
    programs.push(
      { place: ATTACH.peerName4, code: peerName(4), shared: true },
      { place: ATTACH.ownName4, code: ownName(4), shared: true },
      { place: ATTACH.connect4, code: connect4(sockets) },
    )
  if (ipv6)
    programs.push(
      { place: ATTACH.peerName6, code: peerName(6), shared: true },
      { place: ATTACH.ownName6, code: ownName(6), shared: true },
      { place: ATTACH.connect6, code: connect6(sockets) },
    )
  return { group, valueLength: PLACE_WORDS * 4, types: mapTypes(PLACE_WORDS), programs }
}

const KIND = { number: 1, array: 3 } as const

/** BTF (linux/btf.h) of two types, which maps of sockets want: a number, the key, and an array of numbers. */
function mapTypes(words: number): Uint8Array {
  const names = Uint8Array.from([0, 'n'.charCodeAt(0), 0])
  const types = [
    [1, KIND.number << 24, 4, 32],
    [0, KIND.array << 24, 0, 1, 1, words],
  ].flat()
  const head = new DataView(new ArrayBuffer(HEAD))
  head.setUint16(0, 0xeb9f, true)
  head.setUint8(2, 1)
  for (const [index, number] of [HEAD, 0, types.length * 4, types.length * 4, names.length].entries())
    head.setUint32(4 + index * 4, number, true)
  const body = new DataView(new ArrayBuffer(types.length * 4))
  for (const [index, number] of types.entries()) body.setUint32(index * 4, number, true)
  return Buffer.concat([new Uint8Array(head.buffer), new Uint8Array(body.buffer), names])
}

const HEAD = 24
