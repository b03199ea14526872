import {
  add,
  call,
  copy,
  encodeInstructions,
  jump,
  jumpIf,
  jumpIfNull,
  jumpUnless,
  load,
  setTo,
  store,
  storeConstant,
} from '../../linux/ebpf.ts'
import {
  BEGIN,
  CLIENTS,
  CONTEXT,
  type Code,
  copyWords,
  END,
  endUnlessLoopback,
  endUnlessZero,
  LAST_WORD,
  LISTENERS,
  LOOPBACK6_LAST,
  MAPPED,
  OTHER,
  OURS,
  OWN_SOCKET,
  PLACE,
  placeOf,
  placeOrEnd,
  SOCKET,
  STACK,
  zeros,
} from './socket-address.ts'

const LOOK_UP_TCP = 84
const LET_GO = 86
const CONNECTION_OF_SEVERAL = 196
const BIND = 64
const AF_INET6 = 10

/** On the stack: the ends of the connection that a listener is looked for, the place that it leads to, and ends of IPv6. */
const [ENDS, LEADS, ENDS6] = [-40, -64, -104] as const

/** Which sockets may be led: all of TCP, or none whose connection is one of several of a socket of MPTCP. Kernels without BTF of themselves cannot tell. */
export type LedSockets = 'all' | 'plain'

/**
 * connect(2) of a socket of IPv4: where the listener that it would come to has a place in the map, the kernel connects to that one instead. The listener is looked
 * for in the caller's own network namespace. Sockets that are bound, tied to a device or marked are let be: their way is somebody's choice.
 */
export function connect4(sockets: LedSockets): Uint8Array {
  return encodeInstructions([
    ...BEGIN,
    ...endIfOfSeveral(sockets),
    load('u32', LAST_WORD, OURS, CONTEXT.ip4),
    ...endUnlessLoopback(LAST_WORD),
    ...endUnlessZero([SOCKET.device, SOCKET.mark, SOCKET.source4]),
    ...findListener(4),
    ...takePlace(),
    // What leads to an address of IPv6 is the relay's.
    load('u32', 2, STACK, LEADS + 8),
    jumpUnless(2, MAPPED, 'end'),
    load('u32', 2, STACK, LEADS),
    jumpUnless(2, 0, 'end'),
    ...rememberAsked([storeConstant('u32', 0, PLACE.address + 8, MAPPED)]),
    ...copyWords(1, [OURS, CONTEXT.ip4], [STACK, LEADS + 12]),
    ...copyWords(1, [OURS, CONTEXT.port], [STACK, LEADS + PLACE.port]),
    ...END,
  ])
}

/** The same of a socket of IPv6, to ::1 or to ::ffff:127.0.0.0/104; one that is for IPv6 alone is not led to an address of IPv4. */
export function connect6(sockets: LedSockets): Uint8Array {
  return encodeInstructions([
    ...BEGIN,
    ...endIfOfSeveral(sockets),
    ...endUnlessZero([SOCKET.device, SOCKET.mark]),
    ...endIfBound6(),
    load('u32', 2, OURS, CONTEXT.ip6),
    jumpUnless(2, 0, 'end'),
    load('u32', 2, OURS, CONTEXT.ip6 + 4),
    jumpUnless(2, 0, 'end'),
    load('u32', LAST_WORD, OURS, CONTEXT.ip6 + 12),
    load('u32', 2, OURS, CONTEXT.ip6 + 8),
    jumpIf(2, MAPPED, 'mapped'),
    jumpUnless(2, 0, 'end'),
    jumpUnless(LAST_WORD, LOOPBACK6_LAST, 'end'),
    ...findListener(6),
    jump('found'),
    { label: 'mapped' },
    ...endUnlessLoopback(LAST_WORD),
    ...findListener(4),
    { label: 'found' },
    ...takePlace(),
    ...rememberAsked(copyWords(1, [0, PLACE.address + 8], [OURS, CONTEXT.ip6 + 8])),
    ...endUnlessForBoth(),
    ...copyWords(4, [OURS, CONTEXT.ip6], [STACK, LEADS]),
    ...copyWords(1, [OURS, CONTEXT.port], [STACK, LEADS + PLACE.port]),
    ...END,
  ])
}

/** Ends where the socket is a connection of one of MPTCP: names are asked of that one, which has nothing of ours, and would tell where it was led. */
function endIfOfSeveral(sockets: LedSockets): Code {
  if (sockets === 'all') return []
  return [
    copy(1, OWN_SOCKET),
    call(CONNECTION_OF_SEVERAL),
    jumpIfNull(0, 'by itself'),
    jump('end'),
    { label: 'by itself' },
  ]
}

/** Ends where the socket is bound to an address; by `endUnlessForBoth` it may be, for an attempt that failed. */
function endIfBound6(): Code {
  return [
    ...endUnlessZero([SOCKET.source6, SOCKET.source6 + 4]),
    load('u32', 2, OWN_SOCKET, SOCKET.source6 + 8),
    jumpIf(2, 0, 'not bound to IPv4'),
    jumpUnless(2, MAPPED, 'end'),
    ...placeOrEnd(OWN_SOCKET, CLIENTS),
    jump('not bound'),
    { label: 'not bound to IPv4' },
    ...endUnlessZero([SOCKET.source6 + 12]),
    { label: 'not bound' },
  ]
}

/**
 * Where ::1 was asked for and an address of IPv4 is led to: ends where the socket is for IPv6 alone (IPV6_V6ONLY). No program may look at that, but
 * the kernel refuses to bind such a one to ::ffff:0.0.0.0, which means nothing to others: their address is chosen when they connect.
 */
function endUnlessForBoth(): Code {
  const words = [AF_INET6, 0, 0, 0, MAPPED, 0, 0]
  return [
    load('u32', 2, OURS, CONTEXT.ip6 + 8),
    jumpIf(2, MAPPED, 'for both'),
    load('u32', 2, STACK, LEADS + 8),
    jumpUnless(2, MAPPED, 'for both'),
    load('u32', 2, STACK, LEADS),
    jumpUnless(2, 0, 'for both'),
    ...words.map((word, index) => storeConstant('u32', STACK, ENDS6 + index * 4, word)),
    copy(1, OURS),
    copy(2, STACK),
    add(2, ENDS6),
    setTo(3, words.length * 4),
    call(BIND),
    jumpUnless(0, 0, 'end'),
    { label: 'for both' },
  ]
}

/** OTHER: who listens at the address whose last word is LAST_WORD, and the port that is asked for. */
function findListener(family: 4 | 6): Code {
  const [words, length] = family === 4 ? [1, 12] : [4, 36]
  const at = family === 4 ? ENDS : ENDS6
  return [
    ...zeros(words * 2, at),
    store('u32', STACK, at + words * 8 - 4, LAST_WORD),
    storeConstant('u16', STACK, at + words * 8, 0),
    load('u32', 2, OURS, CONTEXT.port),
    store('u16', STACK, at + words * 8 + 2, 2),
    copy(1, OURS),
    copy(2, STACK),
    add(2, at),
    setTo(3, length),
    // The network namespace of the socket.
    setTo(4, -1),
    setTo(5, 0),
    call(LOOK_UP_TCP),
    jumpIfNull(0, 'end'),
    copy(OTHER, 0),
  ]
}

/** Takes the place that the listener leads to onto the stack, and lets go of the listener; ends where it leads nowhere. */
function takePlace(): Code {
  const letGo = [copy(1, OTHER), call(LET_GO)]
  return [
    ...placeOf(OTHER, LISTENERS),
    jumpIfNull(0, 'leads nowhere'),
    ...copyWords(5, [STACK, LEADS], [0, 0]),
    ...letGo,
    jump('leads'),
    { label: 'leads nowhere' },
    ...letGo,
    jump('end'),
    { label: 'leads' },
  ]
}

/** Keeps what was asked for with the client's socket. `third`: the word before the last. */
function rememberAsked(third: Code): Code {
  return [
    ...placeOrEnd(OWN_SOCKET, CLIENTS, 'make'),
    storeConstant('u32', 0, PLACE.address, 0),
    storeConstant('u32', 0, PLACE.address + 4, 0),
    ...third,
    store('u32', 0, PLACE.address + 12, LAST_WORD),
    ...copyWords(1, [0, PLACE.port], [OURS, CONTEXT.port]),
    ...copyWords(2, [0, PLACE.ledAddress], [STACK, LEADS + 12]),
  ]
}
