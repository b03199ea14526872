import { failure } from '../../../diagnostics/index.ts'

/** Why no file is converted; the same for all that belongs to it. */
export function noConversion(): Promise<never> {
  return Promise.reject(
    failure({
      code: 'COMMAND_NOT_YET',
      kind: 'notImplemented',
      summary: 'Compose files are not converted by images or templates here',
      hint: '`tscompose convert kubernetes` writes manifests, kustomize bases and Helm charts by itself',
    }),
  )
}
