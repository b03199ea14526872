import { Metadata, type ServiceError, status } from '@grpc/grpc-js'
import { type ErrorKind, Failure } from '../../../../diagnostics/index.ts'
import { asFailure, describe } from '../../answer/error.ts'
import { codecOf, type Encodable } from '../proto/messages.ts'

/** A google.rpc.Status: what failed, as it travels. */
export type RpcStatus = Encodable<'RpcStatus'>

/** A failure that has come as a status, and goes on as it came. */
export class StatusFailure extends Error {
  readonly status: RpcStatus

  constructor(told: RpcStatus) {
    super(told.message ?? '')
    this.status = told
  }
}

/** What an aborted call is aborted with: clients look for the words. */
export class Canceled extends StatusFailure {
  constructor() {
    super({ code: status.CANCELLED, message: 'context canceled' })
  }
}

/** The status of anything that was thrown. BuildKit's own failures have no code, so that clients show the message alone. */
export function statusOf(error: unknown): RpcStatus {
  if (error instanceof StatusFailure) return error.status
  const failure = asFailure(error)
  return { code: codeOfKind(failure.kind), message: describe(failure) }
}

function codeOfKind(kind: ErrorKind): number {
  switch (kind) {
    case 'notFound':
      return status.NOT_FOUND
    case 'notImplemented':
      return status.UNIMPLEMENTED
    case 'unavailable':
    case 'unauthorized':
    case 'invalidArgument':
    case 'conflict':
    case 'notModified':
    case 'internal':
      return status.UNKNOWN
  }
}

/** The same as an error of the library's. */
export function serviceError(error: unknown): ServiceError {
  const { code = status.UNKNOWN, message = '', details = [] } = statusOf(error)
  const metadata = new Metadata()
  // The library escapes it as an address, which throws at text that is none: names of files may be any bytes.
  const told = message.replace(/\p{Surrogate}/gu, '\ufffd')
  if (details.length > 0)
    metadata.set('grpc-status-details-bin', codecOf('RpcStatus').encode({ code, message, details }))
  return Object.assign(new Error(told), { code, details: told, metadata })
}

/** Whether a failure is one of our own making, which the engine's log is to tell. */
export function isInternal(error: unknown): boolean {
  return !(error instanceof StatusFailure) && (!(error instanceof Failure) || error.kind === 'internal')
}
