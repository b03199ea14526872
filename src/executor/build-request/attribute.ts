import { type Diagnostic, Failure } from '../../diagnostics/index.ts'
import type { Project } from '../../model/index.ts'
import type { BuildImage } from '../../planner/index.ts'
import type { ExecuteOptions } from '../options.ts'
import { placeOf } from '../place-of.ts'

/** What a build's request is made from. */
export interface BuildInput {
  readonly operation: BuildImage
  readonly project: Project | undefined
  readonly options: Pick<
    ExecuteOptions,
    'engineRoot' | 'fetchContext' | 'foreignEngine' | 'signal' | 'traceBuilds'
  >
  /** Says what can not be done; never silence. */
  readonly warn: (diagnostic: Diagnostic) => void
}

/** What is to be said of an attribute of `build`. */
export interface BuildProblem {
  /** Below `build`: `['additional_contexts', 'base']`. */
  readonly at: readonly (string | number)[]
  readonly summary: string
  readonly hint?: string
}

/** Warns of an attribute of `build` that has no effect, at its line. */
export function warnOf(input: BuildInput, { at, summary, hint }: BuildProblem): void {
  const path = pathOf(input, at)
  input.warn({
    severity: 'warning',
    code: 'ATTRIBUTE_NOT_APPLIED',
    path,
    summary: `"build.${at.join('.')}" of service "${input.operation.serviceName}" is not applied: ${summary}`,
    ...(hint === undefined ? {} : { hint }),
    ...placed(input, at),
  })
}

/** The failure of a build that cannot be what an attribute of `build` asks for, at its line. */
export function refusal(
  input: BuildInput,
  { at, ...problem }: BuildProblem & { readonly code: string },
): Failure {
  const diagnostic: Diagnostic = {
    severity: 'error',
    path: pathOf(input, at),
    ...problem,
    ...placed(input, at),
  }
  return new Failure('invalidArgument', [diagnostic])
}

function pathOf({ operation }: BuildInput, at: BuildProblem['at']): string {
  return ['services', operation.serviceName, 'build', ...at].join('.')
}

function placed({ project, operation }: BuildInput, at: BuildProblem['at']): Pick<Diagnostic, 'range'> {
  return placeOf(project, operation.serviceName, ['build', ...at])
}
