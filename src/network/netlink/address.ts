import { type Address, addressBytes, addressFromBytes, bitsOf, formatAddress } from '../ip/address.ts'
import { lastOf, prefixOf } from '../ip/prefix.ts'
import { attribute, eachAttribute, u32At } from './attribute.ts'
import { AF, familyOf } from './family.ts'
import { dumpRequest, eachMessage, type Listing, NLM_F, pathOf, RTM, request } from './message.ts'

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

/** Bytes of struct ifaddrmsg. */
const HEAD = 8

/** Asks for all addresses of a namespace, of every family. When they were given is left out. */
export function dumpAddresses(): Listing {
  const keep = [pathOf(IFA.LOCAL), pathOf(IFA.ADDRESS)]
  return { bytes: dumpRequest(RTM.GETADDR, Buffer.alloc(HEAD)), head: HEAD, keep }
}

/** Addresses of a dump's answer; other messages and families are passed over. */
export function parseAddresses(bytes: Buffer): LinkAddress[] {
  const found: LinkAddress[] = []
  eachMessage(bytes, (type, from, to) => {
    if (type !== RTM.NEWADDR || to - from < HEAD) return
    const address = addressAt(bytes, from, to)
    if (address !== undefined) found.push({ link: u32At(bytes, from + 4), address })
  })
  return found
}

function addressAt(bytes: Buffer, from: number, to: number): string | undefined {
  const [family, prefixLength = 0] = [familyOf(bytes[from] ?? 0), bytes[from + 1]]
  let own: Buffer | undefined
  eachAttribute(bytes, from + HEAD, to, (type, start, end) => {
    if (type === IFA.LOCAL || (type === IFA.ADDRESS && own === undefined)) own = bytes.subarray(start, end)
  })
  const address = own && addressFromBytes(own)
  if (address === undefined || family !== address.family || prefixLength > bitsOf(family)) return undefined
  return `${formatAddress(address)}/${prefixLength}`
}
