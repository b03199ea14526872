import { type Failure, failure } from '../../diagnostics/index.ts'

/** In the words that the engine has for what is nowhere, so that nobody learns what others have. */
export function notThere(code: string, summary: string): Failure {
  return failure({ code, kind: 'notFound', summary })
}

/** What a scope does not give to anybody: 403. */
export function outOfScope(summary: string, hint?: string): Failure {
  return failure({
    code: 'SCOPE_REFUSED',
    kind: 'unauthorized',
    summary,
    ...(hint === undefined ? {} : { hint }),
  })
}
