import type { PublishedTarget } from '../ports/published.ts'
import type { OpenPorts } from './rule-words.ts'

/** What the table has for a network: the link by which its packets come and go, and what may pass. */
export interface FirewallNetwork {
  /** Its first 12 hex digits are in the names of the network's chains. */
  readonly id: string
  /** Its chains say it. */
  readonly name: string
  /** The interface of the host that leads to the network's containers. */
  readonly link: string
  /** Nothing leaves by another link, and nothing comes in by one. */
  readonly internal: boolean
  /** CIDRs of its containers' addresses. */
  readonly subnets: readonly string[]
  /** CIDRs: what comes from there takes the host's address where it leaves. */
  readonly masqueraded: readonly string[]
}

/** What another firewall does not hold our networks to any more, since it had to trust them whole: where they come to on the host. */
export interface Guard {
  /** As firewalld names links: `tsc-+` are all that begin so. */
  readonly links: readonly string[]
  /** Ports that it has open for everybody. */
  readonly opened: readonly OpenPorts[]
}

/** All that the table follows from: every network that exists, and the published ports of every running container. */
export interface FirewallState {
  readonly networks: readonly FirewallNetwork[]
  readonly published: readonly PublishedTarget[]
  /** Where ports led that lead elsewhere now, while the connections that have come by them last. */
  readonly draining?: readonly PublishedTarget[]
  /** Addresses from which the host is reached where a network's others do not reach it. */
  readonly hostAccess?: readonly string[]
  readonly guard?: Guard
  /** The name of the container that a port leads to: the kernel's map says it. */
  readonly nameOf?: (port: PublishedTarget) => string | undefined
}
