import { attributesOf, SERVICE } from '../../model/attributes/index.ts'
import { type RequestInput, unsupported } from './input.ts'

type InVain = readonly [path: readonly string[], reason: string]

let inVain: readonly InVain[] | undefined

/** What has no effect here, by path, and why; in the order of their names. */
function allInVain(): readonly InVain[] {
  inVain ??= attributesOf(SERVICE)
    .flatMap(({ path, field: { effect } }): InVain[] =>
      effect === undefined || effect === 'parts' || effect.inVain === undefined
        ? []
        : [[path, effect.inVain]],
    )
    .sort(([a], [b]) => (a.join('.') < b.join('.') ? -1 : 1))
  return inVain
}

/** Warns of everything that the service asks for in vain. */
export function warnNotApplied(input: RequestInput): void {
  const { service } = input.operation
  for (const [path, reason] of allInVain())
    if (at(service, path) !== undefined) input.warn(unsupported(input, path, reason))
  const mode = service.deploy?.mode ?? 'replicated'
  if (mode !== 'replicated') input.warn(unsupported(input, ['deploy', 'mode'], `"${mode}" needs a cluster`))
}

/** What stands at a path of keys. */
function at(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (part, key) => (part instanceof Object ? Reflect.get(part, key) : undefined),
    value,
  )
}
