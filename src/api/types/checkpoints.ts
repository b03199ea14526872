/** A checkpoint of a container. */
export interface Checkpoint {
  readonly Name: string
}

/** Body of `POST /containers/{id}/checkpoints`. */
export interface CheckpointCreateRequest {
  readonly CheckpointID?: string | undefined
  /** Where it is kept, if not with the container. */
  readonly CheckpointDir?: string | undefined
  /** Ends the container. */
  readonly Exit?: boolean | undefined
}
