import { failure } from '../../../diagnostics/index.ts'

/** Why no file is converted; the same for all that belongs to it. */
export function noConversion(): Promise<never> {
  return Promise.reject(
    failure({
      code: 'COMMAND_NOT_YET',
      kind: 'notImplemented',
      summary: 'a Compose file cannot be converted into manifests of Kubernetes yet',
      hint: 'give what `tscompose config` prints to another tool, kompose for one',
    }),
  )
}
