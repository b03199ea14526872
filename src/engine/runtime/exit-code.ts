import { Failure } from '../../diagnostics/index.ts'

/** Docker's exit code of a container that could not be started. */
export function exitCodeOfFailure(error: unknown): number {
  if (!(error instanceof Failure)) return 128
  if (error.code === 'COMMAND_NOT_FOUND' || error.code === 'WORKING_DIR_MISSING') return 127
  return error.code === 'COMMAND_NOT_EXECUTABLE' ? 126 : 128
}
