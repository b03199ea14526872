import { align, attribute, nestedAttribute, textAttribute } from './attribute.ts'
import {
  be32Attribute,
  be64Attribute,
  commentAttribute,
  NFT_MSG,
  NFTA_DATA,
  NFTA_LIST_ELEM,
  type TableFamily,
  verdictAttribute,
} from './nft-attribute.ts'
import { nftMessage } from './nftables.ts'

/** Attributes of sets and their elements (linux/netfilter/nf_tables.h). */
const NFTA_SET = {
  TABLE: 1,
  NAME: 2,
  FLAGS: 3,
  KEY_TYPE: 4,
  KEY_LEN: 5,
  DATA_TYPE: 6,
  DATA_LEN: 7,
  DESCRIPTION: 9,
  ID: 10,
  TIMEOUT: 11,
  USERDATA: 13,
} as const
const NFTA_LIST = { TABLE: 1, SET: 2, ELEMENTS: 3 } as const
const NFTA_ELEMENT = { KEY: 1, DATA: 2, USERDATA: 6 } as const
const NFTA_DESCRIPTION_SIZE = 1
const NFT_SET_MAP = 8
const NFT_SET_TIMEOUT = 0x10
/** Rules add to it. */
const NFT_SET_EVAL = 0x20
/** A note for nft(8): keys are in the machine's byte order, as it reads names of interfaces. */
const HOST_ORDER = Buffer.from([0, 4, 1, 0, 0, 0])
const VERDICT_TYPE = 0xff_ff_ff_00
/** Bytes of elements that one message has: the length of an attribute is 16 bits. */
const ELEMENTS_MAX = 60_000

/** Types of keys and values: the number by which nft(8) knows them, which the kernel only keeps, and their bytes. */
const TYPES = {
  ipv4_addr: { number: 7, length: 4 },
  ipv6_addr: { number: 8, length: 16 },
  inet_proto: { number: 12, length: 1 },
  inet_service: { number: 13, length: 2 },
  ifname: { number: 41, length: 16 },
} as const

/** A type in the words of nft(8). */
export type DataType = keyof typeof TYPES

/** Where a set or map stands, and what it has. */
export interface SetPlace {
  readonly family: TableFamily
  readonly table: string
  readonly name: string
  /** More than one: put together. */
  readonly key: readonly DataType[]
  /** Of a map: what a key leads to. */
  readonly value?: readonly DataType[] | 'verdict'
  /** Elements go by themselves. */
  readonly passing?: Passing
}

/** How elements of a set come and go by themselves. */
interface Passing {
  /** Rules put them there, and they go after so many milliseconds; absent: whoever puts one there says when it goes. */
  readonly timeout?: number
  /** How many may be there. */
  readonly most: number
}

/** An element of a set, or of a map. */
export interface SetElement {
  readonly key: Buffer
  /** As the key, or the chain that a verdict jumps to. */
  readonly value?: Buffer | { readonly jump: string }
  readonly comment?: string
}

/** Makes a set or map; `id` is another one for each of a batch. */
export function newSet(place: SetPlace, id: number): Buffer {
  const { value, passing } = place
  return nftMessage(
    NFT_MSG.NEWSET,
    place.family,
    textAttribute(NFTA_SET.TABLE, place.table),
    textAttribute(NFTA_SET.NAME, place.name),
    be32Attribute(NFTA_SET.FLAGS, flagsOf(place)),
    be32Attribute(NFTA_SET.KEY_TYPE, typeNumber(place.key)),
    be32Attribute(NFTA_SET.KEY_LEN, lengthOf(place.key)),
    ...(value === undefined ? [] : valueAttributes(value)),
    ...(passing === undefined
      ? []
      : [nestedAttribute(NFTA_SET.DESCRIPTION, be32Attribute(NFTA_DESCRIPTION_SIZE, passing.most))]),
    be32Attribute(NFTA_SET.ID, id),
    ...(passing?.timeout === undefined ? [] : [be64Attribute(NFTA_SET.TIMEOUT, passing.timeout)]),
    ...(place.key[0] === 'ifname' ? [attribute(NFTA_SET.USERDATA, HOST_ORDER)] : []),
  )
}

function flagsOf({ value, passing }: SetPlace): number {
  const kind = value === undefined ? 0 : NFT_SET_MAP
  if (passing === undefined) return kind
  return kind | NFT_SET_TIMEOUT | (passing.timeout === undefined ? 0 : NFT_SET_EVAL)
}

/** Removes a set that no rule looks into; it must be there. */
export function removeSet({ family, table, name }: SetPlace): Buffer {
  return nftMessage(
    NFT_MSG.DELSET,
    family,
    textAttribute(NFTA_SET.TABLE, table),
    textAttribute(NFTA_SET.NAME, name),
  )
}

function valueAttributes(value: NonNullable<SetPlace['value']>): Buffer[] {
  return value === 'verdict'
    ? [be32Attribute(NFTA_SET.DATA_TYPE, VERDICT_TYPE), be32Attribute(NFTA_SET.DATA_LEN, 0)]
    : [
        be32Attribute(NFTA_SET.DATA_TYPE, typeNumber(value)),
        be32Attribute(NFTA_SET.DATA_LEN, lengthOf(value)),
      ]
}

/** Adds elements. */
export function newElements(place: SetPlace, elements: readonly SetElement[]): Buffer[] {
  return elementMessages(NFT_MSG.NEWSETELEM, place, elements)
}

/** Removes elements, by their keys. */
export function removeElements(place: SetPlace, keys: readonly Buffer[]): Buffer[] {
  return elementMessages(
    NFT_MSG.DELSETELEM,
    place,
    keys.map(key => ({ key })),
  )
}

/** As many messages as it takes. */
function elementMessages(type: number, place: SetPlace, elements: readonly SetElement[]): Buffer[] {
  const messages: Buffer[] = []
  let list: Buffer[] = []
  let length = 0
  const end = (): void => {
    if (list.length === 0) return
    messages.push(
      nftMessage(
        type,
        place.family,
        textAttribute(NFTA_LIST.TABLE, place.table),
        textAttribute(NFTA_LIST.SET, place.name),
        nestedAttribute(NFTA_LIST.ELEMENTS, ...list),
      ),
    )
    list = []
    length = 0
  }
  for (const element of elements) {
    const bytes = elementBytes(element)
    if (length + bytes.length > ELEMENTS_MAX) end()
    list.push(bytes)
    length += bytes.length
  }
  end()
  return messages
}

function elementBytes({ key, value, comment }: SetElement): Buffer {
  return nestedAttribute(
    NFTA_LIST_ELEM,
    nestedAttribute(NFTA_ELEMENT.KEY, attribute(NFTA_DATA.VALUE, key)),
    ...(value === undefined ? [] : [nestedAttribute(NFTA_ELEMENT.DATA, valueBytes(value))]),
    ...commentAttribute(NFTA_ELEMENT.USERDATA, comment),
  )
}

function valueBytes(value: NonNullable<SetElement['value']>): Buffer {
  return Buffer.isBuffer(value) ? attribute(NFTA_DATA.VALUE, value) : verdictAttribute('jump', value.jump)
}

/** Parts of a key or value, each in a register of its own. */
export function concatenated(...parts: readonly Uint8Array[]): Buffer {
  return Buffer.concat(parts.map(part => Buffer.concat([part], align(part.length))))
}

/** A port, as headers and sets have it. */
export function portBytes(port: number): Buffer {
  const bytes = Buffer.alloc(2)
  bytes.writeUInt16BE(port)
  return bytes
}

/** nft(8) puts types together in 6 bits each. */
function typeNumber(types: readonly DataType[]): number {
  return types.reduce((number, type) => (number << 6) | TYPES[type].number, 0)
}

function lengthOf(types: readonly DataType[]): number {
  const [only] = types
  return types.length === 1 && only !== undefined
    ? TYPES[only].length
    : types.reduce((sum, type) => sum + align(TYPES[type].length), 0)
}
