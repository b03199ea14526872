/** One thing that the kernel has otherwise than it was set up: `Path` as `endpoint.front.link`, values as text. */
export interface Drift {
  readonly Path: string
  readonly Want: string
  readonly Got: string
  /**
   * What puts it right: the engine where it stands (`place`), which nobody notices but by its absence; or nothing but a new container, so that
   * it is only told (`none`). Absent: the container's next start. `unseen`: the kernel could not be asked, twice, and whether something has drifted is not known.
   */
  readonly Repair?: 'place' | 'none' | 'unseen'
}

/** Ours: something that may have changed what has drifted: links, addresses, routes or tables; files or groups; or it was time to look. */
export interface KernelStir {
  readonly Of: 'network' | 'files' | 'time' | 'repair'
  /** What the engine has put right since the last one, as it goes. */
  readonly Mended?: readonly MendedThing[]
}

/** Ours: a container or network of which the engine has put something right, by their names. */
export interface MendedThing {
  readonly Kind: 'container' | 'network'
  readonly Name: string
  /** Of Compose; absent of networks. */
  readonly Service?: string
  readonly Drift: readonly Drift[]
}

/** Ours: body of `POST /tscompose/containers/{id}/repair`, and of that of networks. */
export interface RepairRequest {
  /** `Path` of what is to be put right. */
  readonly Paths: readonly string[]
}
