import type { IncomingHttpHeaders } from 'node:http'
import { invalid } from './values.ts'

/** Bytes of a body that says nothing, as `{}` or `null`. */
const NO_BODY = 7

/** Before version 1.24 of the API a start brought its own `HostConfig`. In Docker's words. Errors: invalidArgument. */
export function refuseStartBody(headers: IncomingHttpHeaders): void {
  const isKnown = headers['transfer-encoding'] === undefined
  if (isKnown && Number(headers['content-length'] ?? 0) <= NO_BODY) return
  throw invalid(
    'starting container with non-empty request body was deprecated since API v1.22 and removed in v1.24',
  )
}
