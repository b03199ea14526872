import { failure, messageOf } from '../../../diagnostics/index.ts'

/** The error for a file of settings that says something that cannot be. */
export function wrongFile(path: string, problem: unknown): Error {
  return failure({
    kind: 'invalidArgument',
    code: 'REGISTRY_SETTINGS',
    summary: `the settings of registries in "${path}" cannot be used`,
    detail: typeof problem === 'string' ? problem : messageOf(problem),
    ...(problem instanceof Error ? { cause: problem } : {}),
  })
}

/** The texts of a list that was read; raises REGISTRY_SETTINGS where it is none. */
export function textsOf(path: string, field: string, value: unknown): readonly string[] {
  if (value === undefined) return []
  const isTexts = Array.isArray(value) && value.every(each => typeof each === 'string')
  if (!isTexts) throw wrongFile(path, `"${field}" is no list of texts`)
  return value
}
