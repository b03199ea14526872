import { type Failure, failure } from '../../../diagnostics/index.ts'
import { isLoose } from './kubeconfig.ts'

/** A field that somebody else has set: who, and what else would have to be done to take it. */
export interface Conflict {
  /** `.spec.replicas` */
  readonly field: string
  /** `kubectl-edit` */
  readonly manager: string
}

/** What an API server answers where it does not do what it is asked (meta/v1 Status). */
export interface Status {
  readonly code: number
  readonly reason: string
  readonly message: string
  readonly causes: readonly { readonly reason: string; readonly message: string; readonly field: string }[]
}

/** A refusal, with the server's own words. */
export class Refusal extends Error {
  override readonly name = 'Refusal'
  readonly status: Status

  constructor(status: Status) {
    super(status.message)
    this.status = status
  }

  /** Fields that others have, where an apply was refused for these. */
  get conflicts(): readonly Conflict[] {
    if (this.status.code !== 409) return []
    return this.status.causes
      .filter(({ reason }) => reason === 'FieldManagerConflict')
      .map(({ field, message }) => ({
        field,
        manager: /^conflict with "([^"]*)"/.exec(message)?.[1] ?? message,
      }))
  }
}

/** Reads a Status, or whatever else stands in its place: a proxy's page for instance. */
export function statusOf(code: number, body: string): Status {
  const content = parsed(body)
  const details = isLoose(content) && isLoose(content['details']) ? content['details'] : {}
  const causes = Array.isArray(details['causes']) ? details['causes'].filter(isLoose) : []
  const text = (value: unknown): string => (typeof value === 'string' ? value : '')
  return {
    code,
    reason: isLoose(content) ? text(content['reason']) : '',
    message: (isLoose(content) ? text(content['message']) : body.slice(0, 300).trim()) || `status ${code}`,
    causes: causes.map(cause => ({
      reason: text(cause['reason']),
      message: text(cause['message']),
      field: text(cause['field']),
    })),
  }
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

/** A refusal as a failure of ours; `what` was to be done. */
export function failureOf(refusal: Refusal, what: string): Failure {
  const { code: status, message } = refusal.status
  const summary = `${what}: ${message}`
  const cause = refusal
  if (status === 401) {
    const hint = 'log in to the cluster anew, or choose another --context'
    return failure({ code: 'KUBERNETES_LOGIN', kind: 'unauthorized', summary, hint, cause })
  }
  if (status === 409) return failure({ code: 'KUBERNETES_CONFLICT', kind: 'conflict', summary, cause })
  if (status === 429 || status >= 500)
    return failure({ code: 'KUBERNETES_UNREACHABLE', kind: 'unavailable', summary, cause })
  const hint = status === 403 ? '`kubectl auth can-i --list` shows what you may do there' : undefined
  const kind = status === 403 ? 'unauthorized' : 'invalidArgument'
  return failure({
    code: 'KUBERNETES_REFUSED',
    kind,
    summary,
    ...(hint === undefined ? {} : { hint }),
    cause,
  })
}
