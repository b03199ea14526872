import { failure } from '../diagnostics/index.ts'
import type { Op } from '../native/index.ts'
import type { BridgeNetwork } from './types.ts'

/** The bridge's interface name: the user's, or `tsc-` and the first 11 hex digits of the network's id. */
export function bridgeName(network: Pick<BridgeNetwork, 'id' | 'bridgeName'>): string {
  return network.bridgeName ?? `tsc-${network.id.slice(0, 11)}`
}

/**
 * Operations (stage `outside`, host's network namespace) after which the bridge exists, has its gateway addresses and is
 * up, whatever was there before. For `native.run`, or in front of a container's own operations.
 */
export function ensureBridgeOps(network: BridgeNetwork): Op[] {
  throw failure({ code: 'NOT_YET', summary: network.name })
}

/** Operations that remove the bridge; fine when it is gone already. */
export function removeBridgeOps(network: Pick<BridgeNetwork, 'id' | 'bridgeName'>): Op[] {
  throw failure({ code: 'NOT_YET', summary: network.id })
}
