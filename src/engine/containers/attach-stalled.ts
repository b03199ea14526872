import { type Failure, failure } from '../../diagnostics/index.ts'
import { PATIENCE } from '../runtime/index.ts'

/** What a client is told that was let go: by its stream, or by the answer to its wait. */
export function attachStalled(name: string): Failure {
  return failure({
    code: 'ATTACH_STALLED',
    kind: 'unavailable',
    summary: `Output of ${name} was not taken for ${PATIENCE / 1000} seconds, and the container goes on without this client`,
    hint: 'read on with `logs`',
  })
}
