import { digestOf } from '../../oci/digest-of.ts'
import type { CacheEntry } from '../store/cache.ts'
import type { LayerDraft } from '../store/layers.ts'
import type { BuildRun } from './run-state.ts'
import type { StageState } from './state.ts'

/** Counts up when the meaning of keys or layers changes, so that no old entry is taken for a new one. */
const CACHE_VERSION = 1

/** A step that changes files. */
export interface LayerStep {
  /** The instruction, for the image's history. */
  readonly text: string
  /** Everything that decides what the step makes, but for the layers below, which are added. */
  readonly inputs: unknown
  /** Fills the draft's `upper`. */
  readonly make: (draft: LayerDraft) => Promise<void>
}

/** Takes a step's layer from the cache, or makes it; two builds that need the same one make it once. */
export async function runLayerStep(run: BuildRun, state: StageState, step: LayerStep): Promise<void> {
  const { lease, options, progress } = run
  const key = digestOf(JSON.stringify([CACHE_VERSION, state.diffIds, step.inputs]))
  const { entry, made } = await lease.cache.once(key, {
    fresh: options.noCache ?? false,
    usable: async found => found.diffId === undefined || (await lease.layerInfo(found.diffId)) !== undefined,
    make: () => run.slots.run(() => makeLayer(run, step)),
  })
  if (made) progress.cached = false
  else run.emit({ type: 'cached', step: progress.step })
  if (entry.diffId === undefined) state.recordEmpty(step.text)
  else state.recordLayer(step.text, entry.diffId, entry.created)
}

async function makeLayer({ lease }: BuildRun, step: LayerStep): Promise<CacheEntry> {
  const draft = await lease.draft()
  try {
    await step.make(draft)
    const info = await draft.commit()
    const created = new Date().toISOString()
    return { created, text: step.text, ...(info === undefined ? {} : { diffId: info.diffId }) }
  } finally {
    await draft.discard()
  }
}
