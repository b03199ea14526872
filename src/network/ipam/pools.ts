import { type Family, parseAddress } from '../ip/address.ts'
import { type Prefix, prefixOf } from '../ip/prefix.ts'

/** Room for 4,093 containers. 31 of Docker's /16 use all there is up; of these there are two thousand. */
const IPV4_LENGTH = 20
/** How far they are apart in the third number. */
const STEP = 1 << (24 - IPV4_LENGTH)

/** What the order of candidates depends on. */
export interface PoolOptions {
  /** At least 5 bytes that decide the ULA prefix. */
  readonly seed: Uint8Array
  /** For the predefined network `bridge`. */
  readonly predefined: boolean
}

/** Subnets to try, best first. */
export function candidates(family: Family, options: PoolOptions): Generator<Prefix> {
  return family === 4 ? ipv4Candidates(options.predefined) : ipv6Candidates(options.seed)
}

/**
 * 172.18.0.0/20, 172.19.0.0/20 … 172.31.0.0/20, 172.18.16.0/20 …: networks that follow each other differ in the second
 * number, as people know it from Docker. 172.17 is left to the predefined network while there is anything else of
 * Docker's pools. The last two are for hosts whose routes take all private addresses (a VPN): 10.128.0.0/9, and the
 * range for benchmarks of RFC 2544, which nobody routes.
 */
function* ipv4Candidates(predefined: boolean): Generator<Prefix> {
  const predefinedPool = interleaved([17])
  if (predefined) yield* predefinedPool
  yield* interleaved(range(18, 31))
  yield* subnetsOf('192.168.0.0', 16)
  if (!predefined) yield* predefinedPool
  yield* subnetsOf('10.128.0.0', 9)
  yield* subnetsOf('198.18.0.0', 15)
}

function* interleaved(seconds: readonly number[]): Generator<Prefix> {
  for (let third = 0; third < 256; third += STEP)
    for (const second of seconds) yield block(`172.${second}.${third}.0`, IPV4_LENGTH, 0n)
}

/** All that are within `first` with so many bits. */
function* subnetsOf(first: string, length: number): Generator<Prefix> {
  for (let index = 0; index < 1 << (IPV4_LENGTH - length); index++)
    yield block(first, IPV4_LENGTH, BigInt(index) << BigInt(32 - IPV4_LENGTH))
}

/** RFC 4193: fd, 40 bits that are random once and then stay, 16 bits to count with. */
function* ipv6Candidates(seed: Uint8Array): Generator<Prefix> {
  const global = Buffer.from(seed.slice(0, 5)).toString('hex')
  const first = `fd${global.slice(0, 2)}:${global.slice(2, 6)}:${global.slice(6, 10)}::`
  for (let index = 0; index < 65536; index++) yield block(first, 64, BigInt(index) << 64n)
}

function block(first: string, length: number, offset: bigint): Prefix {
  const address = parseAddress(first)
  if (!address) throw new TypeError(`not an address: ${first}`)
  return prefixOf({ family: address.family, value: address.value + offset }, length)
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index)
}
