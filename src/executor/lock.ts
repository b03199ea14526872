import { failure } from '../diagnostics/index.ts'

export interface LockHolder {
  readonly pid: number
  /** Its command line, `tscompose up -d`. */
  readonly command: string
}

export interface LockOptions {
  /** RUN/projects. */
  readonly folder: string
  readonly project: string
  /** What this process is, for those who wait. */
  readonly command: string
  /** Called once for each holder that it has to wait for. */
  readonly onWait?: (holder: LockHolder) => void
  readonly signal?: AbortSignal
}

/** Runs `work` while this process alone holds the project; waits for whoever holds it. Freed by any death of the process. */
export async function withProjectLock<T>(_options: LockOptions, _work: () => Promise<T>): Promise<T> {
  throw failure({ code: 'NOT_IMPLEMENTED', summary: 'withProjectLock is being written' })
}
