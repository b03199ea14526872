import { type Failure, failure } from '../../diagnostics/index.ts'

/** What is no HTTP, or none that is understood here. */
export function protocolFailure(got: string): Failure {
  return failure({
    code: 'ENGINE_PROTOCOL',
    kind: 'internal',
    summary: `talk HTTP with the engine: got ${got}`,
  })
}
