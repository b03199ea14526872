import { encodeInstructions, jumpIf, jumpUnlessSame, load, setTo, store } from '../../linux/ebpf.ts'
import {
  BEGIN,
  CLIENTS,
  CONTEXT,
  copyWords,
  END,
  LOOPBACK4,
  LOOPBACK6_LAST,
  OURS,
  OWN_SOCKET,
  PLACE,
  placeOrEnd,
  SOCKET,
} from './socket-address.ts'

/** getpeername(2) of a client that was led elsewhere: whom it has asked for. */
export function peerName(family: 4 | 6): Uint8Array {
  const [last, first, words] =
    family === 4 ? [CONTEXT.ip4, CONTEXT.ip4, 1] : [CONTEXT.ip6 + 12, CONTEXT.ip6, 4]
  return encodeInstructions([
    ...BEGIN,
    ...placeOrEnd(OWN_SOCKET, CLIENTS),
    load('u32', 2, 0, PLACE.ledAddress),
    load('u32', 3, OURS, last),
    jumpUnlessSame(2, 3, 'end'),
    load('u32', 2, 0, PLACE.ledPort),
    load('u32', 3, OURS, CONTEXT.port),
    jumpUnlessSame(2, 3, 'end'),
    ...copyWords(words, [OURS, first], [0, PLACE.address + (4 - words) * 4]),
    ...copyWords(1, [OURS, CONTEXT.port], [0, PLACE.port]),
    ...END,
  ])
}

/** getsockname(2) of such a client: the loopback address of its family, by which it would have come there. */
export function ownName(family: 4 | 6): Uint8Array {
  return encodeInstructions([
    ...BEGIN,
    ...placeOrEnd(OWN_SOCKET, CLIENTS),
    load('u32', 2, 0, PLACE.ledAddress),
    load('u32', 3, OWN_SOCKET, family === 4 ? SOCKET.target4 : SOCKET.target6 + 12),
    jumpUnlessSame(2, 3, 'end'),
    ...(family === 4 ? [setTo(2, LOOPBACK4), store('u32', OURS, CONTEXT.ip4, 2)] : ownName6),
    ...END,
  ])
}

const ownName6 = [
  setTo(2, 0),
  store('u32', OURS, CONTEXT.ip6, 2),
  store('u32', OURS, CONTEXT.ip6 + 4, 2),
  load('u32', 3, 0, PLACE.address + 8),
  store('u32', OURS, CONTEXT.ip6 + 8, 3),
  setTo(2, LOOPBACK6_LAST),
  jumpIf(3, 0, 'own'),
  setTo(2, LOOPBACK4),
  { label: 'own' },
  store('u32', OURS, CONTEXT.ip6 + 12, 2),
] as const
