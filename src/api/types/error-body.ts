import type { Diagnostic, ErrorKind } from '../../diagnostics/index.ts'

/** Body of every answer that is an error: Docker's `message`, and ours so that a client can rebuild the `Failure`. */
export interface ErrorBody {
  readonly message: string
  readonly diagnostics?: readonly Diagnostic[]
}

/** The one way from a kind to a status. */
export function statusOfKind(kind: ErrorKind): number {
  switch (kind) {
    case 'notModified':
      return 304
    case 'invalidArgument':
      return 400
    case 'unauthorized':
      return 401
    case 'notFound':
      return 404
    case 'conflict':
      return 409
    case 'internal':
      return 500
    case 'notImplemented':
      return 501
    case 'unavailable':
      return 503
  }
}

/** The one way back. Statuses that we never send are another engine's, or a proxy's. */
export function kindOfStatus(status: number): ErrorKind {
  switch (status) {
    case 304:
      return 'notModified'
    case 401:
    case 403:
      return 'unauthorized'
    case 404:
      return 'notFound'
    case 409:
      return 'conflict'
    case 405:
    case 501:
      return 'notImplemented'
    case 408:
    case 429:
    case 502:
    case 503:
    case 504:
      return 'unavailable'
    default:
      return status >= 400 && status < 500 ? 'invalidArgument' : 'internal'
  }
}
