import { setMaxListeners } from 'node:events'
import { failure } from '../../diagnostics/index.ts'
import type { ImageConfig } from '../config.ts'
import type { BuildRun } from './run-state.ts'
import { buildStage } from './stage-build.ts'
import { StageEvents } from './stage-events.ts'
import type { NamedStage } from './stages.ts'
import type { TracedStage } from './step-trace.ts'

/** Steps that a stage is counted as: its FROM and its instructions. */
export function stepsOf(named: NamedStage | undefined): number {
  return named === undefined ? 0 : 1 + named.stage.instructions.length
}

function tracedStage({
  stage: { index, name = `stage-${index}`, from, instructions },
}: NamedStage): TracedStage {
  return { name, texts: [from, ...instructions].map(({ text }) => text) }
}

/**
 * Builds the stages, given in the order of the file, side by side, and gives the image of the last. Each waits for another
 * only at the instruction that takes something from it; that is always one before it, so that no two wait for each other.
 * The first that fails ends the others, and is what is raised.
 */
export async function buildStages(run: BuildRun, needed: readonly number[]): Promise<ImageConfig> {
  const events = new StageEvents(needed.length, run.emit)
  const others = new AbortController()
  const signals = run.options.signal === undefined ? [] : [run.options.signal]
  const signal = AbortSignal.any([...signals, others.signal])
  // All steps that run side by side listen to it: that is no leak.
  setMaxListeners(0, signal)
  const options = { ...run.options, signal }
  let failed: { readonly position: number; readonly error: unknown } | undefined
  let step = 0
  for (const [position, index] of needed.entries()) {
    const named = run.stages[index]
    if (named === undefined) continue
    const traced = run.trace.stage(tracedStage(named), needed.length === 1)
    const emit: BuildRun['emit'] = event => {
      traced.hear(event)
      events.tell(position, event)
    }
    const own = { ...run, options, emit, progress: { ...run.progress, step } }
    step += stepsOf(named)
    const building = buildStage(own, named.stage).finally(() => {
      run.progress.cached &&= own.progress.cached
    })
    run.built.set(index, building)
    building.then(
      () => events.end(position),
      (error: unknown) => {
        traced.fail(error)
        failed ??= { position, error }
        others.abort(error)
      },
    )
  }
  const results = await Promise.allSettled(run.built.values())
  if (failed !== undefined) {
    events.fail(failed.position)
    throw failed.error
  }
  const last = results.at(-1)
  if (last?.status === 'fulfilled') return last.value.image
  throw failure({ code: 'BUILD_TARGET', summary: 'no stage was built' })
}
