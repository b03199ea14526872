import { setMaxListeners } from 'node:events'
import { failure } from '../../diagnostics/index.ts'
import { formatPlatform } from '../../oci/platform.ts'
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

function tracedStage(
  { stage: { index, name = `stage-${index}`, from, instructions } }: NamedStage,
  platform: string | undefined,
): TracedStage {
  const shown = platform === undefined ? name : `${platform} ${name}`
  return { name: shown, texts: [from, ...instructions].map(({ text }) => text) }
}

/** A build for one platform, whose stages are known. */
export interface PlatformBuild {
  readonly run: BuildRun
  /** Stages that it needs, in the order of the file, the one that becomes the image last. */
  readonly needed: readonly number[]
}

interface PlacedStage {
  readonly run: BuildRun
  readonly named: NamedStage
}

/**
 * Builds the stages of all platforms side by side, and gives the image of each one's last. Each waits for another
 * only at the instruction that takes something from it; that is always one before it, so that no two wait for each other.
 * The first that fails ends the others, and is what is raised.
 */
export async function buildStages(builds: readonly PlatformBuild[]): Promise<readonly ImageConfig[]> {
  const all: readonly PlacedStage[] = builds.flatMap(({ run, needed }) =>
    needed.flatMap(index => {
      const named = run.stages[index]
      return named === undefined ? [] : [{ run, named }]
    }),
  )
  const [first] = builds
  if (first === undefined) throw nothingBuilt()
  const events = new StageEvents(all.length, first.run.emit)
  const others = new AbortController()
  const signals = first.run.options.signal === undefined ? [] : [first.run.options.signal]
  const signal = AbortSignal.any([...signals, others.signal])
  // All steps that run side by side listen to it: that is no leak.
  setMaxListeners(0, signal)
  let failed: { readonly position: number; readonly error: unknown } | undefined
  let step = 0
  for (const [position, { run, named }] of all.entries()) {
    const platform = builds.length === 1 ? undefined : formatPlatform(run.platforms.target)
    const traced = run.trace.stage(tracedStage(named, platform), all.length === 1)
    const emit: BuildRun['emit'] = event => {
      traced.hear(event)
      events.tell(position, event)
    }
    const own = { ...run, options: { ...run.options, signal }, emit, progress: { ...run.progress, step } }
    step += stepsOf(named)
    const building = buildStage(own, named.stage).finally(() => {
      run.progress.cached &&= own.progress.cached
    })
    run.built.set(named.stage.index, building)
    building.then(
      () => events.end(position),
      (error: unknown) => {
        traced.fail(error)
        failed ??= { position, error }
        others.abort(error)
      },
    )
  }
  await Promise.allSettled(builds.flatMap(({ run }) => [...run.built.values()]))
  if (failed !== undefined) {
    events.fail(failed.position)
    throw failed.error
  }
  return Promise.all(builds.map(imageOf))
}

async function imageOf({ run, needed }: PlatformBuild): Promise<ImageConfig> {
  const last = await run.built.get(needed.at(-1) ?? -1)
  if (last === undefined) throw nothingBuilt()
  return last.image
}

function nothingBuilt(): Error {
  return failure({ code: 'BUILD_TARGET', summary: 'no stage was built' })
}
