/** What becomes of a container when an attribute that it was made with changes. */
export type OnChange =
  /** Our engine can change it while the container runs (`src/engine/containers/adapters.ts`); with a Docker Engine a new one takes its place. */
  | 'hot'
  /** A new container takes its place. */
  | 'cold'
  /** Nothing: no container is made from it, so it is not in the hash; whoever acts upon it reads it afresh. */
  | 'none'

/** Who acts upon an attribute that is no field of a create request. */
export type Actor =
  /** Folded into other attributes, or a choice of services. */
  | 'loader'
  /** Which containers there are, in which order, and what is refused. */
  | 'planner'
  | 'build'
  | 'pull'
  /** Run or put into the container around each start. */
  | 'start'
  | 'stop'
  /** The attached `up`. */
  | 'attach'
  | 'watch'
  /** None on one machine; a `mode` that one machine does not have is told. */
  | 'cluster'

/** What an attribute is to the container, network or volume that it belongs to. */
export interface Effect {
  readonly change: OnChange
  /**
   * Fields that it sets, as the Engine API's create request of that thing has them: `HostConfig.Memory`. A part of an
   * attachment sets one of an endpoint, `EndpointsConfig.*.Aliases`; of a secret or config, one of who mounts it.
   */
  readonly sets: readonly string[]
  readonly by?: Actor
  /** Why it has no effect here; `up` says so. */
  readonly inVain?: string
}
