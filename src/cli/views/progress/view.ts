import type { ProgressListener } from '../../../executor/index.ts'

/** A view of a running plan. */
export interface ProgressView {
  readonly onEvent: ProgressListener
  /** Ends the view; resolves when the terminal is calm again. */
  finish(): Promise<void>
}

export interface ProgressOptions {
  /** The output of build steps is not shown. */
  readonly quietBuild: boolean
}
