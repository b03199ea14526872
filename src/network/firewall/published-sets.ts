import { type Address, addressBytes, canonicalAddress, type Family, parseAddress } from '../ip/address.ts'
import { concatenated, portBytes } from '../netlink/index.ts'
import type { Protocol, PublishedTarget } from '../ports/published.ts'
import type { FirewallState } from './firewall-state.ts'
import { rangeTo } from './rule-words.ts'
import { commentOf, type Element, type NamedSet, type Rule } from './table.ts'

/** Numbers of protocols. */
export const PROTOCOL: Readonly<Record<Protocol, number>> = { tcp: 6, udp: 17, sctp: 132 }
const FAMILIES: readonly Family[] = [4, 6]

/**
 * Maps of ports of all addresses of the host, and of single ones. Ports that follow each other and keep their numbers are a rule
 * instead; those whose numbers change have an element each, as a translation's own range of ports takes any of them.
 */
export function publishedSets(state: FirewallState): [string, NamedSet][] {
  const elements = { 4: [new Map(), new Map()], 6: [new Map(), new Map()] } as Readonly<
    Record<Family, readonly [Map<string, Element>, Map<string, Element>]>
  >
  for (const { family, isAtOne, elements: of } of translations(state))
    for (const [words, element] of of) elements[family][isAtOne ? 1 : 0].set(words, element)
  return FAMILIES.flatMap(family => {
    const address = `ipv${family}_addr` as const
    const value = [address, 'inet_service'] as const
    const [all, single] = elements[family]
    return [
      [`ports${family}`, { key: ['inet_proto', 'inet_service'], value, elements: all }],
      [`ports${family}_at`, { key: [address, 'inet_proto', 'inet_service'], value, elements: single }],
    ] satisfies [string, NamedSet][]
  })
}

/** The rules of ports that follow each other and keep their numbers. */
export function publishedRanges(state: FirewallState): Rule[] {
  return translations(state).flatMap(({ range }) => range ?? [])
}

/** What leads to ports of a container: elements of the maps, or a rule. */
interface Translation {
  readonly family: Family
  readonly isAtOne: boolean
  readonly elements: readonly (readonly [string, Element])[]
  readonly range?: Rule
}

function translations({ networks, published, nameOf }: FirewallState): Translation[] {
  const outward = new Set(networks.filter(({ internal }) => !internal).map(({ id }) => id))
  return published.flatMap(port => {
    const translation = outward.has(port.networkId) ? knownTranslation(port, nameOf?.(port)) : undefined
    return translation ?? []
  })
}

const made = new WeakMap<
  PublishedTarget,
  { readonly name: string | undefined; readonly translation: Translation | undefined }
>()

/** Made once: ten thousand are told from others by what they are. */
function knownTranslation(port: PublishedTarget, name: string | undefined): Translation | undefined {
  const known = made.get(port)
  if (known?.name === name && known !== undefined) return known.translation
  const translation = translationOf(port, name)
  made.set(port, { name, translation })
  return translation
}

/**
 * Where the kernel itself translates to; undefined for a port of one family that leads to the other, which is the relay's alone, as the kernel
 * translates within a family, and for one of a loopback address, or that is published so, which has its listener alone.
 */
export function translatedPlaces(
  port: PublishedTarget,
): { readonly host: Address; readonly target: Address } | undefined {
  const [host, target] = [parseAddress(port.hostIp), parseAddress(port.targetIp)]
  if (!host || !target || host.family !== target.family || isLoopback(port.hostIp)) return undefined
  return port.proxied === true ? undefined : { host, target }
}

function translationOf(port: PublishedTarget, name: string | undefined): Translation | undefined {
  const places = translatedPlaces(port)
  if (places === undefined) return undefined
  const { host, target } = places
  const isAtOne = host.value !== 0n
  const place = { family: host.family, isAtOne }
  const { count, protocol, hostPort, containerPort } = port
  if (count > 1 && hostPort === containerPort) {
    const range = { protocol, number: PROTOCOL[protocol], first: hostPort, last: hostPort + count - 1 }
    return { ...place, elements: [], range: rangeTo(range, isAtOne ? host : undefined, target) }
  }
  const at = isAtOne ? [addressBytes(host)] : []
  const words = isAtOne ? `${canonicalAddress(port.hostIp)} . ` : ''
  const comment = commentOf(name)
  const element = (_: unknown, index: number): [string, Element] => [
    `${words}${protocol} . ${hostPort + index}`,
    {
      value: `${port.targetIp} . ${containerPort + index}`,
      ...comment,
      encode: () => ({
        key: concatenated(...at, Uint8Array.of(PROTOCOL[protocol]), portBytes(hostPort + index)),
        value: concatenated(addressBytes(target), portBytes(containerPort + index)),
      }),
    },
  ]
  return { ...place, elements: Array.from({ length: count }, element) }
}

/** Whether nobody comes to this address of the host's but the host. */
export function isLoopback(ip: string): boolean {
  return ip.startsWith('127.') || ip === '::1'
}
