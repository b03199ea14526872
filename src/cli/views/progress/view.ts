import type { ProgressListener } from '../../../project/run-plan.ts'

/** A view of a running plan. */
export interface ProgressView {
  readonly onEvent: ProgressListener
  /** Lines of others come from now on: what is shown so far stays where it is, what follows is plain lines. */
  giveWay(): Promise<void>
  /** Ends the view; resolves when the terminal is calm again. May be called again. */
  finish(): Promise<void>
}

export interface ProgressOptions {
  /** The output of build steps is not shown. */
  readonly quietBuild: boolean
  /** Lines of others are printed meanwhile: nothing may be drawn over. */
  readonly besideLogs: boolean
}
