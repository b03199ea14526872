import type { PlannedOperation, Resource as ResourceOf } from '../core/operation.ts'

/** What an operation works on; the name is the engine's: `lamp-web-1`, `lamp_back`. */
export type Resource = ResourceOf<'container' | 'network' | 'volume' | 'image'>

/** What happens to the resource as a whole, all its operations together: the unit of the rendered plan. */
export type Action =
  | 'create'
  | 'recreate'
  | 'start'
  | 'stop'
  | 'kill'
  | 'restart'
  | 'pause'
  | 'unpause'
  | 'remove'
  | 'update'
  | 'repair'
  | 'pull'
  | 'push'
  | 'build'
  | 'wait'

/**
 * An operation with a guard is executed only if one of these images has another digest than `from` once the operations
 * before it are done. So `up --build` is one plan: what a rebuilt image would change is in it, as a contingency.
 */
export interface Guard {
  readonly imageChanged: readonly { readonly reference: string; readonly from: string }[]
}

/** What becomes of the rest of an update where an operation of it fails. */
export interface UpdatePart {
  readonly service: string
  /** The replica that it is about: its other operations are left out then. */
  readonly replica: string
  /** How many replicas of the service may fail until those that come after are left out as well. */
  readonly tolerates: number
  /** What is removed again, so that the container before goes on alone. */
  readonly withdraws?: ContainerRef
}

/** What each operation has. */
export interface OperationBase extends PlannedOperation {
  readonly resource: Resource
  readonly action: Action
  readonly guard?: Guard
  readonly update?: UpdatePart
}

/**
 * A container: the one that `createdBy` created if that operation was executed, else the one that was there (`id`).
 * One of the two is always given; both where a replacement depends on a guard.
 */
export interface ContainerRef {
  readonly name: string
  readonly id?: string
  readonly createdBy?: string
}
