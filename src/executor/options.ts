import type { Readable } from 'node:stream'
import type { Failure } from '../diagnostics/index.ts'
import type { Project } from '../model/index.ts'
import type { Observed, Operation } from '../planner/index.ts'
import type { Caller } from './create-request/index.ts'
import type { ProgressListener } from './progress.ts'

/** Where `execute` reads what is not in the plan. */
export interface ExecuteOptions {
  /** Secrets' and configs' bytes, build contexts' base; needed by plans that create containers or build. */
  readonly project?: Project
  /** What was observed of images: where the plan makes and fetches none they are not asked for again. */
  readonly images?: Observed['images']
  readonly onEvent?: ProgressListener
  /** Whether events of builds tell what happens at each moment, too. */
  readonly traceBuilds?: boolean
  /** Operations at once; default 16, -1 = no limit. */
  readonly parallel?: number
  /** After abort nothing new starts; waits end at once; calls on their way end by themselves. */
  readonly signal?: AbortSignal
  /** Called after a container is made and before it starts: attach here, so that no line is lost. */
  readonly beforeStart?: (container: { id: string; name: string; service: string }) => Promise<void>
  /** Output of hooks, `name ->` prefixed by the view. */
  readonly onHookOutput?: (container: string, line: string) => void
  /** True: the engine is on another machine, so that what its binds name need not be on this one. */
  readonly engineElsewhere?: boolean
  /** Where our engine keeps its state, if that is on this machine: no build context may hold it. */
  readonly engineRoot?: string | undefined
  /** True: the engine is not ours, so that its builder is Docker's old one. */
  readonly foreignEngine?: boolean
  /** Who runs the command: files in binds may be made his. Absent where the engine is on another machine. */
  readonly caller?: Caller
  /** Brings a build context here that is an address, and says where it is; undefined: the engine is to fetch it. */
  readonly fetchContext?: (address: string) => Promise<string | undefined>
  /** Reads a build context; default: the folder through `.dockerignore`. Tests replace it. */
  readonly readContext?: (operation: Operation & { type: 'buildImage' }) => Promise<Readable>
}

export type Outcome = 'done' | 'failed' | 'skipped' | 'unneeded'

export interface FailedOperation {
  readonly operation: Operation
  readonly failure: Failure
}

export interface ExecuteResult {
  readonly ok: boolean
  /** By operation id. 'skipped': something before it failed, or abort; 'unneeded': its guard said so. */
  readonly outcomes: ReadonlyMap<string, Outcome>
  /** Root causes only, in plan order. */
  readonly failures: readonly FailedOperation[]
  /** Failures of best-effort operations, and what a container asked for that is not supported. */
  readonly warnings: readonly Failure[]
  /** Containers that the plan created, by the name that they have in the end. */
  readonly created: ReadonlyMap<string, string>
  readonly aborted: boolean
}

export interface WaitOptions {
  readonly onEvent?: ProgressListener
  /** Milliseconds; absent = for ever. */
  readonly timeout?: number
  readonly signal?: AbortSignal
  /** Services to wait for; absent = all of the project. */
  readonly services?: readonly string[]
}
