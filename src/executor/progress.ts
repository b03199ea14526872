import type { BuildTrace } from '../api/types/index.ts'
import type { Failure } from '../diagnostics/index.ts'

/** The words of Compose's progress. */
export type StateWord =
  | 'Creating'
  | 'Created'
  | 'Starting'
  | 'Started'
  | 'Waiting'
  | 'Healthy'
  | 'Exited'
  | 'Restarting'
  | 'Restarted'
  | 'Running'
  | 'Stopping'
  | 'Stopped'
  | 'Killing'
  | 'Killed'
  | 'Removing'
  | 'Removed'
  | 'Building'
  | 'Built'
  | 'Pulling'
  | 'Pulled'
  | 'Pushing'
  | 'Pushed'
  | 'Skipped'
  | 'Recreate'
  | 'Recreated'
  | 'Moving'
  | 'Moved'
  | 'Draining'
  | 'Drained'
  | 'Updating'
  | 'Updated'
  | 'Repairing'
  | 'Repaired'
  | 'Copying'
  | 'Copied'
  | 'Committing'
  | 'Committed'
  | 'Exporting'
  | 'Exported'
  | 'Pausing'
  | 'Paused'
  | 'Unpausing'
  | 'Unpaused'
  | 'Connecting'
  | 'Connected'
  | 'Disconnecting'
  | 'Disconnected'
  | 'Error'

/** One step forward of one operation; views are made of these alone. */
export interface ProgressEvent {
  /** Id of the operation in the plan; `wait:<container>` for readiness waits outside of a plan. */
  readonly operation: string
  /** `Container lamp-web-1`. */
  readonly resource: string
  /** `Container`, `Network`, `Volume`, `Image`. */
  readonly kind: string
  readonly name: string
  readonly status: 'working' | 'done' | 'warning' | 'error'
  readonly text: StateWord
  /** A line of a build, a layer of a pull, why something was skipped, what a failed hook said. */
  readonly detail?: string
  /** Bytes or steps so far, and in all, where they are known. */
  readonly current?: number
  readonly total?: number
  /** What happens in a build at this moment, where it is asked for; such an event says nothing else. */
  readonly trace?: BuildTrace
  /** Milliseconds since the operation began; on events that end it. */
  readonly elapsed?: number
  readonly failure?: Failure
}

/** Receives progress; must not throw. */
export type ProgressListener = (event: ProgressEvent) => void
