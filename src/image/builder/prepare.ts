import type { Diagnostic } from '../../diagnostics/index.ts'
import { FewAtOnce } from '../../linux/few-at-once.ts'
import { hostPlatform, type Platform, parsePlatform } from '../../oci/platform.ts'
import type { ImageRecord } from '../record.ts'
import type { StoreLease } from '../store/lease.ts'
import { checkDockerfile } from './check-dockerfile.ts'
import type { LoadedContext } from './context.ts'
import type { ArgInstruction } from './dockerfile/instruction.ts'
import { type ParseResult, parseDockerfile } from './dockerfile/parse.ts'
import { ensureImage } from './ensure-image.ts'
import { epochOf } from './epoch.ts'
import { globalArgs, nameStages } from './global-args.ts'
import { importedSteps } from './imported-steps.ts'
import { neededStages } from './needed-stages.ts'
import { contextOf } from './open-context.ts'
import type { BuildOptions } from './options.ts'
import type { BuildRun } from './run-state.ts'
import { checkRunnable, wantedPlatform } from './stage-platform.ts'
import { checkReferences, targetStage } from './stages.ts'
import { type PlatformBuild, stepsOf } from './stages-build.ts'
import { StepTrace } from './step-trace.ts'
import { once, tellFindings } from './tell-findings.ts'
import { WantedPaths } from './wanted-paths.ts'

/** Steps that make something side by side, whatever the machine: most of what a RUN does is waiting. BuildKit has no limit. */
const TOGETHER = 32

/** A build that is ready to begin: one a platform, and what the lint rules found. */
export interface Prepared {
  readonly builds: readonly [PlatformBuild, ...PlatformBuild[]]
  readonly found: readonly Diagnostic[]
  /** ARGs before the first FROM. */
  readonly globals: readonly ArgInstruction[]
}

/** What the platforms of one build have in common. */
interface Common {
  readonly options: BuildOptions
  readonly context: LoadedContext
  readonly parsed: ParseResult
  /** Whether something is built: images are asked for then. */
  readonly isBuilt: boolean
  readonly emit: BuildRun['emit']
  readonly shared: Pick<BuildRun, 'lease' | 'usedArgs' | 'trace' | 'imported' | 'recorded' | 'slots'>
}

interface PlannedBuild {
  readonly run: BuildRun
  readonly needed: readonly number[]
  readonly found: readonly Diagnostic[]
}

/**
 * Loads the context, reads the Dockerfile and decides, for each platform, which stages are built. Raises all that is wrong before a
 * step is done.
 */
export async function prepareBuild(
  options: BuildOptions,
  lease: StoreLease,
  isBuilt: boolean,
): Promise<Prepared> {
  const { platforms = [] } = options
  const asked = [...new Map(platforms.map(text => [text, parsePlatform(text)])).values()]
  const emit = once(options.onEvent ?? ((): void => undefined))
  const trace = new StepTrace(options.traced ? told => emit({ type: 'trace', trace: told }) : () => undefined)
  const wanted = new WantedPaths()
  const context = await contextOf(options, lease, { trace, wanted })
  const parsed = parseDockerfile(context.dockerfile, context.file)
  for (const { code, summary } of parsed.warnings) emit({ type: 'warning', code, text: summary })
  const common: Common = {
    options,
    context,
    parsed,
    isBuilt,
    emit,
    shared: {
      lease,
      usedArgs: new Set(),
      trace,
      imported: importedSteps(options, lease, { emit, trace }),
      recorded: new Map(),
      slots: new FewAtOnce(TOGETHER),
    },
  }
  const [first, ...others] = asked
  const planned: [PlannedBuild, ...PlannedBuild[]] = [await prepareFor(common, first)]
  for (const platform of others) planned.push(await prepareFor(common, platform))
  wanted.plan(planned)
  return {
    builds: withSteps(planned),
    found: planned.flatMap(({ found }) => found),
    globals: parsed.dockerfile.globals,
  }
}

/** Steps are counted through all platforms. */
function withSteps(planned: readonly [PlannedBuild, ...PlannedBuild[]]): Prepared['builds'] {
  const steps = planned.reduce(
    (total, { run, needed }) => needed.reduce((sum, index) => sum + stepsOf(run.stages[index]), total),
    0,
  )
  const counted = ({ run, needed }: PlannedBuild): PlatformBuild => ({
    run: { ...run, progress: { ...run.progress, steps } },
    needed,
  })
  const [first, ...others] = planned
  return [counted(first), ...others.map(counted)]
}

async function prepareFor(common: Common, asked: Platform | undefined): Promise<PlannedBuild> {
  const { options, context, parsed, isBuilt, emit, shared } = common
  const { dockerfile, escapeChar } = parsed
  const build = hostPlatform()
  const platforms = { build, target: asked ?? build }
  const globals = globalArgs({ options, parsed, platforms, usedArgs: shared.usedArgs })
  const stages = nameStages(dockerfile, escapeChar, globals)
  checkReferences(stages, context.contexts)
  const { store, args = {} } = options
  const run: BuildRun = {
    ...shared,
    options,
    context,
    stages,
    built: new Map(),
    globals,
    platforms,
    asked,
    epoch: epochOf(options.args),
    escapeChar,
    emit,
    progress: { step: 0, steps: 0, cached: true },
    materials: new Map(),
  }
  const needed = await neededStages({
    dockerfile,
    stages,
    target: targetStage(stages, options.target),
    contexts: context.contexts,
    imageOf: (reference, index) => imageOf(run, reference, { index, isBuilt }),
  })
  const found = await checkDockerfile({
    parsed,
    stages,
    needed,
    store,
    args,
    platforms,
    isIgnored: context.isIgnored,
  })
  tellFindings(found, run, context)
  if (isBuilt) checkRunnable(run, needed)
  return { run, needed, found }
}

/** Where nothing is built, nothing is fetched for it; a name that nobody can mean is told when its stage begins. */
async function imageOf(
  run: BuildRun,
  reference: string,
  { index, isBuilt }: { readonly index: number; readonly isBuilt: boolean },
): Promise<ImageRecord | undefined> {
  const platform = wantedPlatform(run, index)
  if (isBuilt) return ensureImage(run, reference, 'missing', platform)
  return run.options.store.resolveNamed(reference, platform)
}
