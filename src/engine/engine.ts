import { type Diagnostic, failure } from '../diagnostics/index.ts'
import type { Native } from '../native/index.ts'

export interface EngineOptions {
  /** State that survives a reboot: `/var/lib/tscompose`. */
  readonly root: string
  /** Sockets and locks: `/run/tscompose`. */
  readonly run: string
  readonly native: Native
  /** Version that `GET /version` answers. */
  readonly version?: string
  /** What went wrong without stopping anything: records set aside, limits that this machine cannot keep. */
  readonly onWarning?: (warning: Diagnostic) => void
}

/** A running engine. With its parts it satisfies `Backend` of src/api/server by its shape. */
export interface Engine {
  // containers, exec, images, build, networks, volumes, system follow as each gets written.
  /** No container runs or waits for a restart, and nothing is being made: the process may end. */
  idle(): boolean
  /** Lets go of monitors and of the lock; containers run on. */
  close(): Promise<void>
}

/**
 * Takes the lock of `run` (ENGINE_RUNNING when a living engine has it), reads the records, adopts what runs, applies
 * restart policies after a reboot, and repairs bridges and firewall where they are missing.
 */
export async function openEngine(options: EngineOptions): Promise<Engine> {
  throw failure({
    code: 'NOT_YET',
    kind: 'notImplemented',
    summary: `engine "${options.root}" is not written yet`,
  })
}
