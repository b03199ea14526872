import { type ErrorKind, Failure } from '../diagnostics/index.ts'

/** Waits for a call whose aim may be reached already: a failure of one of these kinds is as good as success. */
export async function tolerate(kinds: readonly ErrorKind[], call: Promise<unknown>): Promise<void> {
  try {
    await call
  } catch (error) {
    if (error instanceof Failure && kinds.includes(error.kind)) return
    throw error
  }
}
