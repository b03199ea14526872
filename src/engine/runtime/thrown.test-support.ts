import { Failure } from '../../diagnostics/index.ts'

/** Code of the Failure that a function throws, for assertions; `undefined` when it returns. */
export function codeOfThrown(run: () => unknown): string | undefined {
  try {
    run()
    return undefined
  } catch (error) {
    if (error instanceof Failure) return error.code
    throw error
  }
}
