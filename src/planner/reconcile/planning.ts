import type { Guard } from '../plan/operation.ts'
import type { Context } from './context.ts'
import type { Decisions } from './fates.ts'
import type { Replica, ServiceFate } from './replica.ts'

/** All that the operations on containers are made from. */
export interface ContainerPlanning {
  readonly context: Context
  readonly decisions: Decisions
  readonly fates: ReadonlyMap<string, ServiceFate>
  /** What waits for all pulls and builds (`behindImages`). */
  readonly images: readonly string[]
}

/** Why a container that stays is stopped and started, and what comes between. */
export interface Restart {
  readonly cause: string
  readonly guard: Guard | undefined
  /** Operations between its stop and its start. */
  readonly between: readonly string[]
  /** Services whose containers must be up before it starts again. */
  readonly behind: readonly string[]
}

/** By service, those that wait for its completion. */
export type OneShots = ReadonlyMap<string, readonly ServiceFate[]>

/** Everything that starts are planned from. */
export interface StartPlanning extends ContainerPlanning {
  readonly restarts: ReadonlyMap<string, Restart>
  /** By service: operations after which its containers count as started, hooks done. */
  readonly ready: Map<string, readonly string[]>
  readonly oneShots: OneShots
  /** One-shot services that have completed and need not run again. */
  readonly completed: ReadonlySet<string>
}

/** The condition under which a replica's replacement happens; undefined for what happens anyway. */
export function guardOf(replica: Replica): Guard | undefined {
  return replica.existing === undefined ? undefined : replica.obsolete?.guard
}
