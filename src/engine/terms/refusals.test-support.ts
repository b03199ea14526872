import type { ContainerConfig, HostConfig } from '../../api/types/index.ts'
import { Failure } from '../../diagnostics/index.ts'
import type { Machine } from '../runtime/index.ts'
import { checkTerms } from './index.ts'
import { Problems } from './problems.ts'

/** A machine with two CPUs and one node of memory. */
export const SMALL_MACHINE: Machine = {
  processors: () => 2,
  online: what => (what === 'cpu' ? '0-1\n' : '0\n'),
  mostOpenFiles: () => 1_048_576,
}

/** What is said against a request: `CODE place`, in order. */
export function refusals(
  config: ContainerConfig,
  host: HostConfig,
  machine: Machine = SMALL_MACHINE,
): string[] {
  const problems = new Problems()
  checkTerms(config, host, problems, machine)
  try {
    problems.throwIfAny()
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    return error.diagnostics.map(({ code, path }) => `${code} ${path}`)
  }
  return []
}

/** The code of what reading throws; undefined when it does not. */
export function codeOf(read: () => unknown): string | undefined {
  try {
    read()
  } catch (error) {
    if (error instanceof Failure) return error.code
    throw error
  }
  return undefined
}
