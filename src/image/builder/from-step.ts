import { formatPlatform, type Platform, parsePlatform, platformDistance } from '../../oci/platform.ts'
import type { Stage } from './dockerfile/instruction.ts'
import { ensureImage } from './ensure-image.ts'
import { contextNamed } from './further-contexts.ts'
import { noteImage } from './materials.ts'
import type { FurtherContext } from './options.ts'
import { failureAt } from './place.ts'
import type { BuildRun } from './run-state.ts'
import { baseStage } from './stages.ts'
import { type Args, StageState } from './state.ts'
import { expanderAt } from './variables.ts'

/** Where a stage begins, and the ONBUILD triggers to run first. */
export interface StageStart {
  readonly state: StageState
  readonly triggers: readonly string[]
}

/** The image of FROM: nothing, a stage before, a further context's image, or one from the store or its sources. */
export async function resolveFromImage(run: BuildRun, stage: Stage): Promise<StageStart> {
  const { index, from } = stage
  const platform = platformOf(run, stage)
  const image = run.stages[index]?.image ?? from.image
  const context = contextNamed(run.context.contexts, image)
  if (context === undefined && image === 'scratch')
    return { state: StageState.empty(index, platform), triggers: [] }
  const base = context === undefined ? baseStage(run.stages, image, index) : undefined
  const built = base === undefined ? undefined : await run.built.get(base)
  if (built !== undefined) return start(index, built.image, built.image.rootfs.diff_ids, built.args)
  // A folder is an image whose only layer is what lies in it.
  if (context !== undefined && 'folder' in context)
    return { state: StageState.empty(index, platform), triggers: [`COPY --from=${image} / /`] }
  const reference = context !== undefined && 'image' in context ? context.image : image
  const policy = run.options.pull && !isMadeHere(context) ? 'always' : 'missing'
  const record = await ensureImage(run, reference, policy, from.platform === undefined ? undefined : platform)
  noteImage(run, reference, record)
  return start(index, { ...record, author: record.author === '' ? undefined : record.author }, record.diffIds)
}

/** Where the image is another service's, it was built just before. */
function isMadeHere(context: FurtherContext | undefined): boolean {
  return context !== undefined && 'isLocal' in context
}

type Base = Omit<Parameters<typeof StageState.from>[1], 'author'> & { readonly author?: string | undefined }

function start(
  index: number,
  { author, ...base }: Base,
  diffIds: readonly string[],
  args?: Args,
): StageStart {
  const { os, architecture, variant, config, history, created } = base
  const platform = { os, architecture, ...(variant === undefined ? {} : { variant }) }
  const state = StageState.from(
    index,
    { ...platform, config, history, created, ...(author === undefined ? {} : { author }) },
    diffIds,
    args,
  )
  return { state, triggers: config.OnBuild ?? [] }
}

/** What a stage is for. Raises PLATFORM_UNSUPPORTED for what this machine can run nothing of. */
function platformOf(run: BuildRun, { from }: Stage): Platform {
  const expander = expanderAt(from.range, run.escapeChar, name => run.globals.get(name))
  const { target, build } = run.platforms
  const written = from.platform === undefined ? '' : expander.word(from.platform)
  const platform = written === '' ? target : parsePlatform(written)
  const isEmulated = platform.os === build.os && (run.options.emulated ?? []).includes(platform.architecture)
  if (
    isEmulated ||
    platformDistance({ ...platform, architecture: build.architecture, os: build.os }, platform) !== undefined
  )
    return platform
  throw failureAt(from.range, {
    code: 'PLATFORM_UNSUPPORTED',
    summary: `got platform "${formatPlatform(platform)}", this machine is "${formatPlatform(build)}"`,
    hint: `leave the platform out, or register a handler in binfmt_misc with the flag F (Debian: qemu-user-static)`,
  })
}
