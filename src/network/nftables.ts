import { failure } from '../diagnostics/index.ts'
import type { BridgeNetwork, PublishedTarget } from './types.ts'

/** All that the table follows from: every network that exists, and the published ports of every running container. */
export interface FirewallState {
  readonly networks: readonly BridgeNetwork[]
  readonly published: readonly PublishedTarget[]
}

/** `tscompose`, or `tscompose_<engineId>` for an engine with a root of its own. */
export function tableName(engineId: string): string {
  return engineId === '' ? 'tscompose' : `tscompose_${engineId}`
}

/** The whole table as one `nft -f` transaction; without networks, its removal. */
export function renderRuleset(engineId: string, state: FirewallState): string {
  throw failure({ code: 'NOT_YET', summary: engineId + String(state.networks.length) })
}
