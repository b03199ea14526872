import { ImportedSteps } from '../step-cache/imports.ts'
import type { StoreLease } from '../store/lease.ts'
import type { BuildOptions } from './options.ts'
import { type BuildRun, nobody } from './run-state.ts'
import type { StepTrace } from './step-trace.ts'

/** The steps of `cache_from`; what cannot be had of them is told, and is no failure. */
export function importedSteps(
  options: BuildOptions,
  lease: StoreLease,
  { emit, trace }: { readonly emit: BuildRun['emit']; readonly trace: StepTrace },
): ImportedSteps {
  const { store, cacheFrom = [], credentials = nobody, signal = new AbortController().signal } = options
  return new ImportedSteps(cacheFrom, {
    store,
    lease,
    credentials,
    signal,
    onWarning: text => {
      emit({ type: 'warning', code: 'BUILD_CACHE_IMPORT', text })
      trace.warn({ text })
    },
    onStatus: status => {
      emit({ type: 'status', status })
      trace.warn({ text: status })
    },
  })
}
