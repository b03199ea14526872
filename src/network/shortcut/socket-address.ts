import {
  and,
  call,
  copy,
  EXIT,
  type Instruction,
  jumpIfNull,
  jumpUnless,
  type Label,
  load,
  loadMap,
  setTo,
  store,
  storeConstant,
} from '../../linux/ebpf.ts'

/** A piece of a program. */
export type Code = readonly (Instruction | Label)[]

/**
 * What a socket has of ours, in a map: seven words, an address in the form of IPv6 and a port, in the order of the wire. Of a listener that is the place that it
 * leads to. Of a client it is what was asked for, and behind it the last word of the address, and the port, that it has instead.
 */
export const PLACE = { address: 0, port: 16, ledAddress: 20, ledPort: 24 } as const
export const PLACE_WORDS = 7

/** The maps, by number: of listeners, which monitors fill, and of clients. */
export const LISTENERS = 0
export const CLIENTS = 1

/** Of struct bpf_sock_addr, which programs begin with. */
export const CONTEXT = { ip4: 4, ip6: 8, port: 24, protocol: 36, socket: 64 } as const
/** Of struct bpf_sock. */
export const SOCKET = { device: 0, mark: 16, source4: 24, source6: 28, target4: 52, target6: 56 } as const

/** 127.0.0.1, the last word of ::1, and the word before an address of IPv4 in one of IPv6 (::ffff:0:0/96), as the kernel has them. */
export const LOOPBACK4 = 0x0100007f
export const LOOPBACK6_LAST = 0x01000000
export const MAPPED: number = 0xffff0000 | 0

/** Registers: those that calls leave alone. */
export const OURS = 6
export const OWN_SOCKET = 7
export const OTHER = 8
export const LAST_WORD = 9
export const STACK = 10

const STORAGE_OF_SOCKET = 107
const CREATE = 1
const TCP = 6

/** Keeps the context, and goes on with sockets of TCP alone. */
export const BEGIN: Code = [
  copy(OURS, 1),
  load('u32', 2, OURS, CONTEXT.protocol),
  jumpUnless(2, TCP, 'end'),
  load('u64', OWN_SOCKET, OURS, CONTEXT.socket),
]

/** The kernel goes on, with what it has in the context. */
export const END: Code = [{ label: 'end' }, setTo(0, 1), EXIT]

/** Register 0: what a socket has in a map, or null. */
export function placeOf(socket: number, map: number, flag: 'find' | 'make' = 'find'): Code {
  return [
    ...loadMap(1, map),
    copy(2, socket),
    setTo(3, 0),
    setTo(4, flag === 'make' ? CREATE : 0),
    call(STORAGE_OF_SOCKET),
  ]
}

/** The same, or the end. */
export function placeOrEnd(socket: number, map: number, flag: 'find' | 'make' = 'find'): Code {
  return [...placeOf(socket, map, flag), jumpIfNull(0, 'end')]
}

/** Copies words by way of register 2. */
export function copyWords(
  count: number,
  [to, toOffset]: readonly [number, number],
  [from, fromOffset]: readonly [number, number],
): Code {
  return Array.from({ length: count }, (_, index) => [
    load('u32', 2, from, fromOffset + index * 4),
    store('u32', to, toOffset + index * 4, 2),
  ]).flat()
}

/** Ends where one of these words of the socket is not zero. */
export function endUnlessZero(offsets: readonly number[]): Code {
  return offsets.flatMap(offset => [load('u32', 2, OWN_SOCKET, offset), jumpUnless(2, 0, 'end')])
}

/** Ends where an address of IPv4, in a register, is not of loopback. */
export function endUnlessLoopback(register: number): Code {
  return [copy(2, register), and(2, 0xff), jumpUnless(2, 127, 'end')]
}

/** Zeros, from an offset of the stack on. */
export function zeros(count: number, offset: number): Code {
  return Array.from({ length: count }, (_, index) => storeConstant('u32', STACK, offset + index * 4, 0))
}
