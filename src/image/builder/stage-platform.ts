import type { Range } from '../../diagnostics/index.ts'
import { formatPlatform, type Platform, parsePlatform, platformDistance } from '../../oci/platform.ts'
import { contextNamed } from './further-contexts.ts'
import { failureAt } from './place.ts'
import type { BuildRun } from './run-state.ts'
import { baseStage } from './stages.ts'
import { expanderAt } from './variables.ts'

/** What decides the platforms of stages. */
type Stages = Pick<BuildRun, 'stages' | 'globals' | 'platforms' | 'escapeChar' | 'context' | 'options'>

/** What a stage is for: what its FROM says, what the stage is for that it begins with, or else what is built. */
export function platformOfStage(run: Stages, index: number): Platform {
  const named = run.stages[index]
  const { target } = run.platforms
  if (named === undefined) return target
  const { stage, image } = named
  const base =
    contextNamed(run.context.contexts, image) === undefined ? baseStage(run.stages, image, index) : undefined
  if (base !== undefined) return platformOfStage(run, base)
  const expander = expanderAt(stage.from.range, run.escapeChar, name => run.globals.get(name))
  const written = stage.from.platform === undefined ? '' : expander.word(stage.from.platform)
  return written === '' ? target : parsePlatform(written)
}

/** The platform that the image of a stage's FROM has to be for; undefined where nobody has asked for one. */
export function wantedPlatform(run: BuildRun, index: number): Platform | undefined {
  const named = run.stages[index]?.stage.from.platform
  return named === undefined ? run.asked : platformOfStage(run, index)
}

/**
 * Refuses, before anything is done, each RUN whose programs this machine does not run: files for another platform can be copied
 * anywhere. Raises PLATFORM_UNSUPPORTED at its line.
 */
export function checkRunnable(run: Stages, needed: readonly number[]): void {
  for (const index of needed) {
    const command = run.stages[index]?.stage.instructions.find(({ keyword }) => keyword === 'RUN')
    if (command !== undefined) checkRun(run, index, command.range)
  }
}

/** The same of one RUN, which a trigger of the image may have brought. */
export function checkRun(run: Stages, index: number, range: Range): void {
  const { build } = run.platforms
  const platform = platformOfStage(run, index)
  const isEmulated = platform.os === build.os && (run.options.emulated ?? []).includes(platform.architecture)
  // Of an own processor all variants are tried: it is the kernel that knows which it has.
  const own = { ...platform, architecture: build.architecture, os: build.os }
  if (isEmulated || platformDistance(own, platform) !== undefined) return
  throw failureAt(range, {
    code: 'PLATFORM_UNSUPPORTED',
    summary: `a RUN for "${formatPlatform(platform)}" cannot be run, this machine is "${formatPlatform(build)}"`,
    hint: 'register a handler in binfmt_misc with the flag F (Debian: qemu-user-static), or run it in a stage FROM --platform=$BUILDPLATFORM',
  })
}
