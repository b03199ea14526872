import { isIP } from 'node:net'

/** `4` or `6`. */
export type Family = 4 | 6

/** An IP address as a number, so that ranges are arithmetic. */
export interface Address {
  readonly family: Family
  readonly value: bigint
}

/** Bits of an address of the family. */
export function bitsOf(family: Family): 32 | 128 {
  return family === 4 ? 32 : 128
}

/** A numeric address, or undefined for anything else (zones, `010.1.1.1`, spaces and names included). */
export function parseAddress(text: string): Address | undefined {
  const family = text.includes('%') ? 0 : isIP(text)
  if (family === 4) return { family, value: parseDotted(text) }
  if (family === 6) return { family, value: parseColons(text) }
  return undefined
}

/** The canonical text: dotted, or RFC 5952. */
export function formatAddress(address: Address): string {
  return address.family === 4 ? formatDotted(address.value) : formatColons(address.value)
}

/** Network byte order: 4 or 16 bytes. */
export function addressBytes(address: Address): Buffer {
  const digits = bitsOf(address.family) / 4
  return Buffer.from(address.value.toString(16).padStart(digits, '0'), 'hex')
}

/** The opposite of `addressBytes`; other lengths are undefined. */
export function addressFromBytes(bytes: Uint8Array): Address | undefined {
  if (bytes.length === 4) return { family: 4, value: BigInt(wordAt(bytes, 0)) }
  if (bytes.length !== 16) return undefined
  const high = (BigInt(wordAt(bytes, 0)) << 32n) | BigInt(wordAt(bytes, 4))
  return { family: 6, value: (high << 64n) | (BigInt(wordAt(bytes, 8)) << 32n) | BigInt(wordAt(bytes, 12)) }
}

function wordAt(bytes: Uint8Array, at: number): number {
  const [first = 0, second = 0, third = 0, last = 0] = [
    bytes[at],
    bytes[at + 1],
    bytes[at + 2],
    bytes[at + 3],
  ]
  return ((first << 24) | (second << 16) | (third << 8) | last) >>> 0
}

/** Canonical text of a valid address, the text itself of anything else. */
export function canonicalAddress(text: string): string {
  // One of IPv4 that is valid has no other text.
  if (!text.includes(':')) return text
  const address = parseAddress(text)
  return address ? formatAddress(address) : text
}

function parseDotted(text: string): bigint {
  // Numbers are several times as quick as big ones, and a network's addresses are all read for each that is given.
  return BigInt(text.split('.').reduce((value, part) => value * 256 + Number(part), 0))
}

function parseColons(text: string): bigint {
  const [head = '', tail] = text.split('::')
  const left = groups(head)
  const right = groups(tail ?? '')
  const middle = tail === undefined ? [] : Array<bigint>(8 - left.length - right.length).fill(0n)
  return [...left, ...middle, ...right].reduce((value, group) => (value << 16n) | group, 0n)
}

/** 16-bit groups of one side of `::`; a dotted end counts as two. */
function groups(text: string): bigint[] {
  if (text === '') return []
  return text.split(':').flatMap(part => {
    if (!part.includes('.')) return [BigInt(`0x${part}`)]
    const value = parseDotted(part)
    return [value >> 16n, value & 0xffffn]
  })
}

function formatDotted(value: bigint): string {
  const number = Number(value)
  return `${number >>> 24}.${(number >>> 16) & 255}.${(number >>> 8) & 255}.${number & 255}`
}

function formatColons(value: bigint): string {
  const parts = Array.from({ length: 8 }, (_, index) =>
    ((value >> BigInt(112 - 16 * index)) & 0xffffn).toString(16),
  )
  const zeros = longestZeros(parts)
  if (zeros.length < 2) return parts.join(':')
  const head = parts.slice(0, zeros.start).join(':')
  const tail = parts.slice(zeros.start + zeros.length).join(':')
  return `${head}::${tail}`
}

function longestZeros(parts: readonly string[]): { start: number; length: number } {
  let best = { start: 0, length: 0 }
  for (let start = 0; start < parts.length; start++) {
    let length = 0
    while (parts[start + length] === '0') length++
    if (length > best.length) best = { start, length }
  }
  return best
}
