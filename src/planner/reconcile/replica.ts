import type { Service } from '../../model/index.ts'
import type { Change } from '../core/operation.ts'
import type { ObservedContainer } from '../observed/observed.ts'
import type { ContainerRef, Guard } from '../plan/operation.ts'
import type { SelectedService } from '../project/service-set.ts'
import type { Spec } from '../spec/stored.ts'
import type { ImageDecision } from './images.ts'

/** Why a container has to be replaced. With a guard: only if an image turns out to be another one. */
export interface Obsolete {
  readonly cause: string
  readonly changes: readonly Change[]
  readonly guard?: Guard
}

/** What becomes of one replica. */
export interface Replica {
  readonly number: number
  /** Its name in the end. */
  readonly name: string
  /** The container that is there now. */
  readonly existing: ObservedContainer | undefined
  /** Set when the container is replaced; with `existing` undefined it is created. */
  readonly obsolete: Obsolete | undefined
  /** What differs, where `existing` stays and gets all of that while it runs. */
  readonly adapted: readonly Change[]
  /** `existing` must go before the new one is made, since something that it uses is remade. */
  readonly removeFirst: boolean
  /** The new one is started while `existing` runs, and gets its names and ports from it. */
  readonly beside: boolean
  /** The container has another name than it should (a replacement that was cut off, somebody's rename): it is renamed. */
  readonly rename: boolean
  /** How operations name the container that stays in the end. */
  readonly ref: ContainerRef
}

/** What becomes of a service. */
export interface ServiceFate {
  readonly selected: SelectedService
  readonly spec: Spec
  readonly image: ImageDecision
  readonly replicas: readonly Replica[]
  /** Containers that go: too many, or left over from a replacement that was cut off. */
  readonly surplus: readonly { readonly container: ObservedContainer; readonly cause: string }[]
}

/** Whether a container is to be replaced by one that is started first, as far as the service says. */
export function isStartFirst({ deploy }: Service): boolean {
  return deploy?.update_config?.order === 'start-first'
}

/** Id of the operation that creates a replica. */
export function createIdOf(name: string): string {
  return `container:${name}:create`
}

/** True when the plan certainly makes a new container for the replica. */
export function isNew(replica: Replica): boolean {
  return (
    replica.existing === undefined || (replica.obsolete !== undefined && replica.obsolete.guard === undefined)
  )
}

/** True when the plan may replace the container, or does. */
export function mayChange(replica: Replica): boolean {
  return replica.existing === undefined || replica.obsolete !== undefined
}

/** Either guard is enough; undefined (no condition) wins over both. */
export function anyOf(a: Guard | undefined, b: Guard | undefined): Guard | undefined {
  if (a === undefined || b === undefined) return undefined
  const seen = new Map(
    [...a.imageChanged, ...b.imageChanged].map(one => [`${one.reference} ${one.from}`, one]),
  )
  return { imageChanged: [...seen.values()] }
}
