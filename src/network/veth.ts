import { failure } from '../diagnostics/index.ts'
import type { Op } from '../native/index.ts'
import type { Endpoint } from './types.ts'

/** Name of the outside end: `tv` and the first 11 hex digits of the endpoint's id. */
export function vethName(endpointId: string): string {
  return `tv${endpointId.slice(0, 11)}`
}

/** A random locally administered unicast address, `02:…`. */
export function newMacAddress(): string {
  throw failure({ code: 'NOT_YET', summary: '' })
}

/**
 * Operations (stage `outside`) that bring a new network namespace, fd 100 of the monitor, onto all of its networks:
 * loopback up, one veth pair an endpoint, addresses, routes, the default route. Idempotent, so that a monitor can run
 * them again at each restart. An empty list gives a namespace with loopback alone (`network_mode: none`).
 */
export function endpointOps(endpoints: readonly Endpoint[]): Op[] {
  throw failure({ code: 'NOT_YET', summary: String(endpoints.length) })
}

/**
 * Operations for `native.run` that add `endpoint` to a running container, whose namespace is `netnsPath`
 * (`/proc/<monitor pid>/fd/100`); `all` are its endpoints afterwards, this one included: they decide the default route.
 */
export function connectOps(netnsPath: string, endpoint: Endpoint, all: readonly Endpoint[]): Op[] {
  throw failure({ code: 'NOT_YET', summary: netnsPath + endpoint.id + String(all.length) })
}

/** The opposite: removes the endpoint's pair, and gives the default route to the best of those that `remain`. */
export function disconnectOps(netnsPath: string, endpoint: Endpoint, remain: readonly Endpoint[]): Op[] {
  throw failure({ code: 'NOT_YET', summary: netnsPath + endpoint.id + String(remain.length) })
}
