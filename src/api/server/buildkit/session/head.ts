import { failure } from '../../../../diagnostics/index.ts'
import type { SessionHead } from './session.ts'

const PREFIX = 'x-docker-expose-session-'

/** What a client says of its session, by the values of its headers or its metadata. Raises SESSION_HEAD. */
export function sessionHead(values: (name: string) => readonly string[]): SessionHead {
  const id = values(`${PREFIX}uuid`)[0] ?? ''
  if (id === '')
    throw failure({
      code: 'SESSION_HEAD',
      kind: 'invalidArgument',
      summary: 'a session needs an id in X-Docker-Expose-Session-Uuid',
    })
  // Headers of one name may have been joined by commas, of which no path has any.
  const methods = values(`${PREFIX}grpc-method`).flatMap(text => text.split(/, */))
  return { id, sharedKey: values(`${PREFIX}sharedkey`)[0] ?? '', methods }
}
