import type { ImageRecord } from '../record.ts'
import type { NamedContext } from './context.ts'
import type { Stage } from './dockerfile/instruction.ts'
import { ensureImage } from './ensure-image.ts'
import { contextNamed } from './further-contexts.ts'
import { noteImage } from './materials.ts'
import type { BuildRun } from './run-state.ts'
import { platformOfStage, wantedPlatform } from './stage-platform.ts'
import { baseStage } from './stages.ts'
import { type BuiltStage, StageState } from './state.ts'

/** Where a stage begins, and the ONBUILD triggers to run first. */
export interface StageStart {
  readonly state: StageState
  readonly triggers: readonly string[]
}

/** The image of FROM: nothing, a stage before, a further context's image, or one from the store or its sources. */
export async function resolveFromImage(run: BuildRun, stage: Stage): Promise<StageStart> {
  const { index, from } = stage
  const platform = platformOfStage(run, index)
  const image = run.stages[index]?.image ?? from.image
  const context = contextNamed(run.context.contexts, image)
  if (context === undefined && image === 'scratch')
    return { state: StageState.empty(index, platform), triggers: [] }
  const base = context === undefined ? baseStage(run.stages, image, index) : undefined
  const built = base === undefined ? undefined : await run.built.get(base)
  if (built !== undefined) return start(index, built.image, built.image.rootfs.diff_ids, built)
  if (context !== undefined && 'built' in context)
    return start(index, context.built, context.built.rootfs.diff_ids)
  // A folder is an image whose only layer is what lies in it.
  if (context !== undefined && 'files' in context)
    return { state: StageState.empty(index, platform), triggers: [`COPY --from=${image} / /`] }
  const { reference, record } = await baseImage(run, index, image)
  noteImage(run, reference, record)
  return start(index, { ...record, author: record.author === '' ? undefined : record.author }, record.diffIds)
}

/** The image from elsewhere that a stage begins with, which is here then; `image` names it, or a context that does. */
export async function baseImage(
  run: BuildRun,
  index: number,
  image: string,
): Promise<{ readonly reference: string; readonly record: ImageRecord }> {
  const context = contextNamed(run.context.contexts, image)
  const reference = context !== undefined && 'image' in context ? context.image : image
  const policy = run.options.pull && !isMadeHere(context) ? 'always' : 'missing'
  return { reference, record: await ensureImage(run, reference, policy, wantedPlatform(run, index)) }
}

/** Where the image is another service's, it was built just before. */
function isMadeHere(context: NamedContext | undefined): boolean {
  return context !== undefined && 'isLocal' in context
}

type Base = Omit<Parameters<typeof StageState.from>[1], 'author'> & { readonly author?: string | undefined }

function start(
  index: number,
  { author, ...base }: Base,
  diffIds: readonly string[],
  { args, done }: Partial<Pick<BuiltStage, 'args' | 'done'>> = {},
): StageStart {
  const { os, architecture, variant, config, history, created } = base
  const platform = { os, architecture, ...(variant === undefined ? {} : { variant }) }
  const state = StageState.from(
    index,
    { ...platform, config, history, created, ...(author === undefined ? {} : { author }) },
    diffIds,
    args,
    done,
  )
  return { state, triggers: config.OnBuild ?? [] }
}
