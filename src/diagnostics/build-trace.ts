/** A step, or other work of a build, as it is known by now: each message about it stands for all before. */
export interface TraceVertex {
  /** Names it among all others. */
  readonly digest: string
  /** What had to be done before. */
  readonly inputs: readonly string[]
  readonly name: string
  /** RFC 3339, as are the next and all other times. */
  readonly started: string
  readonly completed?: string
  readonly cached?: boolean
  readonly error?: string
}

/**
 * What happens in a build at one moment: BuildKit's SolveStatus as `--progress rawjson` of its clients prints it. Bytes are in
 * base64.
 */
export interface BuildTrace {
  readonly vertexes?: readonly TraceVertex[]
  readonly statuses?: readonly {
    readonly id: string
    readonly vertex: string
    readonly current: number
    readonly timestamp: string
    readonly started: string
    readonly completed?: string
  }[]
  readonly logs?: readonly {
    readonly vertex: string
    /** 1 is stdout, 2 stderr. */
    readonly stream: number
    readonly data: string
    readonly timestamp: string
  }[]
  readonly warnings?: readonly {
    readonly vertex: string
    readonly level: number
    readonly short: string
    readonly detail: null
    /** Where in the Dockerfile, and all of its text. */
    readonly place?: { readonly file: string; readonly text: string; readonly line: number }
  }[]
}
