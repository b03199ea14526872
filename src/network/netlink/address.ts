import { type Address, addressBytes, addressFromBytes, bitsOf, formatAddress } from '../ip/address.ts'
import { lastOf, prefixOf } from '../ip/prefix.ts'
import { attribute, parseAttributes } from './attribute.ts'
import { AF, familyOf } from './family.ts'
import { dumpRequest, NLM_F, parseMessages, RTM, request } from './message.ts'

/** Attributes of addresses (linux/if_addr.h). */
const IFA = { ADDRESS: 1, LOCAL: 2, BROADCAST: 4 } as const
/** No duplicate address detection: an IPv6 address works at once. We hand the addresses out; there are no duplicates. */
const IFA_F_NODAD = 2

/** Gives a link an address with its prefix length; EEXIST when it has it already. */
export function addAddress(link: number, address: Address, prefixLength: number): Buffer {
  return request(
    RTM.NEWADDR,
    NLM_F.CREATE | NLM_F.EXCL,
    ...addressOf(link, address, prefixLength),
    ...broadcast(address, prefixLength),
  )
}

/** Takes an address from a link; EADDRNOTAVAIL when it has it not. */
export function removeAddress(link: number, address: Address, prefixLength: number): Buffer {
  return request(RTM.DELADDR, 0, ...addressOf(link, address, prefixLength))
}

/** struct ifaddrmsg, and the address. */
function addressOf(link: number, address: Address, prefixLength: number): Buffer[] {
  const header = Buffer.alloc(8)
  header.writeUInt8(AF[address.family], 0)
  header.writeUInt8(prefixLength, 1)
  header.writeUInt8(address.family === 6 ? IFA_F_NODAD : 0, 2)
  header.writeUInt32LE(link, 4)
  const bytes = addressBytes(address)
  return [header, attribute(IFA.LOCAL, bytes), attribute(IFA.ADDRESS, bytes)]
}

function broadcast(address: Address, prefixLength: number): Buffer[] {
  if (address.family === 6 || prefixLength > 30) return []
  const value = lastOf(prefixOf(address, prefixLength))
  return [attribute(IFA.BROADCAST, addressBytes({ family: 4, value }))]
}

/** An address of a link as the kernel tells of it. */
export interface LinkAddress {
  readonly link: number
  /** With prefix length, `172.18.0.1/24`. */
  readonly address: string
}

/** Asks for all addresses of a namespace, of every family. */
export function dumpAddresses(): Buffer {
  return dumpRequest(RTM.GETADDR, Buffer.alloc(8))
}

/** Addresses of a dump's answer; other messages and families are passed over. */
export function parseAddresses(bytes: Buffer): LinkAddress[] {
  return parseMessages(bytes).flatMap(({ type, body }) => {
    if (type !== RTM.NEWADDR || body.length < 8) return []
    const attributes = parseAttributes(body.subarray(8))
    const address = addressFromBytes(
      attributes.get(IFA.LOCAL) ?? attributes.get(IFA.ADDRESS) ?? Buffer.alloc(0),
    )
    const prefixLength = body.readUInt8(1)
    if (!address || familyOf(body.readUInt8(0)) !== address.family || prefixLength > bitsOf(address.family))
      return []
    return [{ link: body.readUInt32LE(4), address: `${formatAddress(address)}/${prefixLength}` }]
  })
}
