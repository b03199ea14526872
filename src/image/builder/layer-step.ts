import { clampTimes } from '../layer/clamp-times.ts'
import type { CacheEntry } from '../store/cache.ts'
import type { LayerDraft } from '../store/layers.ts'
import { momentOf } from './epoch.ts'
import type { BuildOptions } from './options.ts'
import type { BuildRun } from './run-state.ts'
import type { StageState } from './state.ts'
import { stepKey } from './step-key.ts'

/** What steps are done with; says nothing that a layer could depend on. */
export type StepTools = Pick<BuildRun, 'lease' | 'emit'> & Pick<BuildOptions, 'trees' | 'runner' | 'signal'>

/** All that is at hand to make a step's layer. */
export interface Making<Inputs> {
  readonly tools: StepTools
  readonly inputs: Inputs
  /** Layers below, bottom first. */
  readonly below: readonly string[]
  /** Its `upper` is to be filled. */
  readonly draft: LayerDraft
}

/**
 * A kind of step that changes files: a constant of its module, so that `make` sees nothing of a build but what it is
 * given. That is what the key is made of, too: a step cannot depend on what its key leaves out.
 */
export interface StepKind<Inputs> {
  readonly keyword: string
  /**
   * It may do what its layer does not show: change a cache mount, ask a network. The same step upon the same layers is done as often as
   * it is written then, and not once.
   */
  readonly actsBeside?: boolean
  readonly make: (making: Making<Inputs>) => Promise<void>
}

/** A step that changes files. */
export interface LayerStep<Inputs> {
  readonly kind: StepKind<Inputs>
  readonly inputs: Inputs
  /** The instruction, for the image's history. */
  readonly text: string
  /** The layers that it is made upon, where they are not the stage's: its layer is the same whatever else is below it. */
  readonly below?: readonly string[]
}

/** Takes a step's layer from the cache, or makes it; two builds that need the same one make it once. */
export async function runLayerStep<Inputs>(
  run: BuildRun,
  state: StageState,
  step: LayerStep<Inputs>,
): Promise<void> {
  const { lease, progress } = run
  const below = step.below ?? state.diffIds
  const { keyword, actsBeside = false } = step.kind
  const plainKey = stepKey(keyword, below, step.inputs, { epoch: run.epoch })
  const repeats = actsBeside ? state.repeatsOf(plainKey) : 0
  const key = repeats === 0 ? plainKey : stepKey(keyword, below, step.inputs, { epoch: run.epoch, repeats })
  const fresh = isFresh(run, state) && !run.recorded.has(key)
  let imported: CacheEntry | undefined
  const { entry, made } = await lease.cache.once(key, {
    fresh,
    usable: async found => found.diffId === undefined || (await lease.layerInfo(found.diffId)) !== undefined,
    make: async () => {
      imported = fresh ? undefined : await run.imported.take(key)
      const entry = imported ?? (await run.slots.run(() => makeLayer(run, below, step)))
      // Before anybody else asks: what this build has made is as new as it can be, and is not made again.
      run.recorded.set(key, { key, below, entry })
      return entry
    },
  })
  run.recorded.set(key, { key, below, entry })
  if (made && imported === undefined) progress.cached = false
  else run.emit({ type: 'cached', step: progress.step })
  if (entry.diffId === undefined) state.recordEmpty(step.text)
  else state.recordLayer(step.text, entry.diffId, entry.created)
}

/** Whether the cache is not asked: for the whole build, or for this stage. */
function isFresh({ options, stages }: BuildRun, { index }: StageState): boolean {
  const name = stages[index]?.stage.name ?? String(index)
  return options.noCache === true || (options.noCacheFilter ?? []).some(each => each.toLowerCase() === name)
}

function toolsOf({ lease, emit, options: { trees, runner, signal } }: BuildRun): StepTools {
  return { lease, emit, trees, runner, ...(signal === undefined ? {} : { signal }) }
}

async function makeLayer<Inputs>(
  run: BuildRun,
  below: readonly string[],
  { kind, inputs, text }: LayerStep<Inputs>,
): Promise<CacheEntry> {
  const tools = toolsOf(run)
  const { epoch } = run
  const draft = await tools.lease.draft()
  try {
    await kind.make({ tools, inputs, below, draft })
    if (epoch !== undefined) await clampTimes(draft.upper, epoch)
    const info = await draft.commit()
    const created = momentOf(epoch)
    return { created, text, ...(info === undefined ? {} : { diffId: info.diffId }) }
  } finally {
    await draft.discard()
  }
}
