import { type Diagnostic, Failure } from '../../diagnostics/index.ts'
import { Slots } from '../../linux/slots.ts'
import { hostPlatform, parsePlatform } from '../../oci/platform.ts'
import { canonicalReference, familiarReference, parseReference } from '../../oci/reference.ts'
import type { ImageConfig } from '../config.ts'
import { type Platforms, PROXY_ARGS, platformArgs } from '../defaults.ts'
import type { ImageRecord } from '../record.ts'
import { ImportedSteps } from '../step-cache/imports.ts'
import type { StoreLease } from '../store/lease.ts'
import { attestImage } from './attest-image.ts'
import { checkDockerfile, lineOfFinding } from './check-dockerfile.ts'
import { loadContext } from './context.ts'
import type { ArgInstruction, Dockerfile } from './dockerfile/instruction.ts'
import { parseDockerfile } from './dockerfile/parse.ts'
import { ensureImage } from './ensure-image.ts'
import { atEpoch, EPOCH_ARG, epochOf } from './epoch.ts'
import { exportCaches, withInlineCache } from './export-steps.ts'
import { neededStages } from './needed-stages.ts'
import type { BuildOptions, BuildResult } from './options.ts'
import { type BuildRun, nobody } from './run-state.ts'
import { checkReferences, type NamedStage, targetStage } from './stages.ts'
import { buildStages, stepsOf } from './stages-build.ts'
import { StepTrace } from './step-trace.ts'
import { argValue, expanderAt } from './variables.ts'

const NAME_DEFAULT = 'Dockerfile'
/** Steps that make something side by side, whatever the machine: most of what a RUN does is waiting. BuildKit has no limit. */
const TOGETHER = 32

/**
 * Builds an image from a Dockerfile. Raises one Failure with all problems of the Dockerfile (with their lines), or
 * BUILD_STEP_FAILED with the line of the step and the last lines of its output; the store is then as before, but for
 * the cache of the steps that succeeded.
 */
export async function build(options: BuildOptions): Promise<BuildResult> {
  // Wrong names are known before any work is done.
  const tags = (options.tags ?? []).map(tag => familiarReference(parseReference(tag)))
  const lease = await options.store.lease()
  const begun = Date.now()
  try {
    const { run, needed } = await prepare(options, lease, true)
    const config = await buildStages(run, needed)
    warnUnusedArgs(run)
    const labelled = withInlineCache(run, withLabels(atEpoch(config, run.epoch), options.labels))
    const id = await run.trace.during('exporting to image', async say => {
      const record = await options.store.addImage(labelled, tags)
      await attestImage(run, record, begun)
      say(`writing image ${record.id}`)
      for (const tag of tags) say(`naming to ${canonicalReference(parseReference(tag))}`)
      return record.id
    })
    run.emit({ type: 'built', imageId: id })
    for (const tag of tags) run.emit({ type: 'tagged', reference: tag })
    await exportCaches(run, labelled)
    return { imageId: id, cached: run.progress.cached }
  } finally {
    await lease.end()
  }
}

/** Checks a Dockerfile and builds nothing. Raises what is wrong with it, and what its lint rules find, as one Failure. */
export async function check(options: BuildOptions): Promise<void> {
  const lease = await options.store.lease()
  try {
    const { found } = await prepare({ ...options, onEvent: () => undefined }, lease, false)
    const findings = found.map(each => ({ ...each, severity: 'error' as const }))
    if (findings.length > 0) throw new Failure('invalidArgument', findings)
  } finally {
    await lease.end()
  }
}

async function prepare(
  options: BuildOptions,
  lease: StoreLease,
  isBuilt: boolean,
): Promise<{ run: BuildRun; needed: readonly number[]; found: readonly Diagnostic[] }> {
  const emit = options.onEvent ?? ((): void => undefined)
  const context = await loadContext(
    {
      context: options.context,
      contexts: options.contexts,
      dockerfile: options.dockerfile ?? NAME_DEFAULT,
      dockerfileText: options.dockerfileText,
      trees: options.trees,
      signal: options.signal,
    },
    lease,
  )
  const parsed = parseDockerfile(context.dockerfile, context.file)
  const { dockerfile, warnings, escapeChar } = parsed
  for (const { code, summary } of warnings) emit({ type: 'warning', code, text: summary })
  const platforms = platformsOf(options)
  const usedArgs = new Set<string>()
  const globals = globalArgs(options, dockerfile, escapeChar, platforms, usedArgs)
  const stages = nameStages(dockerfile, escapeChar, globals)
  checkReferences(stages)
  const { store, args = {} } = options
  const { isIgnored } = context
  const found = await checkDockerfile({ parsed, stages, store, args, platforms, isIgnored })
  for (const finding of found) emit({ type: 'warning', code: finding.code, text: lineOfFinding(finding) })
  const target = targetStage(stages, options.target)
  const needed = await neededStages({
    dockerfile,
    stages,
    target,
    contexts: context.contexts,
    imageOf: reference => imageOf({ options, emit }, reference, isBuilt),
  })
  const steps = needed.reduce((total, index) => total + stepsOf(stages[index]), 0)
  const progress = { step: 0, steps, cached: true }
  const run: BuildRun = {
    options,
    lease,
    context,
    stages,
    built: new Map(),
    globals,
    platforms,
    epoch: epochOf(options.args),
    escapeChar,
    usedArgs,
    emit,
    trace: new StepTrace(options.traced ? trace => emit({ type: 'trace', trace }) : () => undefined),
    progress,
    slots: new Slots(TOGETHER),
    imported: importedSteps(options, lease, emit),
    recorded: new Map(),
    materials: new Map(),
  }
  return { run, needed, found }
}

function platformsOf({ platform = '' }: BuildOptions): Platforms {
  const build = hostPlatform()
  return { build, target: platform === '' ? build : parsePlatform(platform) }
}

function importedSteps(options: BuildOptions, lease: StoreLease, emit: BuildRun['emit']): ImportedSteps {
  const { store, cacheFrom = [], credentials = nobody, signal = new AbortController().signal } = options
  return new ImportedSteps(cacheFrom, {
    store,
    lease,
    credentials,
    signal,
    onWarning: text => emit({ type: 'warning', code: 'BUILD_CACHE_IMPORT', text }),
    onStatus: status => emit({ type: 'status', status }),
  })
}

/** Where nothing is built, nothing is fetched for it; a name that nobody can mean is told when its stage begins. */
async function imageOf(
  run: Pick<BuildRun, 'options' | 'emit'>,
  reference: string,
  isBuilt: boolean,
): Promise<ImageRecord | undefined> {
  if (isBuilt) return ensureImage(run, reference)
  return run.options.store.resolve(reference)
}

function globalArgs(
  options: BuildOptions,
  dockerfile: Dockerfile,
  escapeChar: string,
  platforms: Platforms,
  usedArgs: Set<string>,
): ReadonlyMap<string, string | undefined> {
  const values = new Map<string, string | undefined>(platformArgs(platforms))
  values.set('TARGETSTAGE', options.target ?? 'default')
  const declare = ({ assignments, range }: ArgInstruction): void => {
    const expander = expanderAt(range, escapeChar, name => values.get(name))
    for (const assignment of assignments) {
      usedArgs.add(assignment.name)
      const sources = { given: options.args ?? {}, globals: new Map<string, string>(), platforms }
      values.set(assignment.name, argValue(assignment, sources, expander))
    }
  }
  for (const instruction of dockerfile.globals) declare(instruction)
  return values
}

/** FROM sees the ARGs before the first FROM and nothing else. */
function nameStages(
  { stages }: Dockerfile,
  escapeChar: string,
  globals: ReadonlyMap<string, string | undefined>,
): readonly NamedStage[] {
  return stages.map(stage => {
    const { range, image } = stage.from
    return { stage, image: expanderAt(range, escapeChar, name => globals.get(name)).word(image) }
  })
}

function withLabels(config: ImageConfig, labels: Readonly<Record<string, string>> | undefined): ImageConfig {
  if (labels === undefined || Object.keys(labels).length === 0) return config
  return { ...config, config: { ...config.config, Labels: { ...config.config.Labels, ...labels } } }
}

function warnUnusedArgs(run: BuildRun): void {
  const unused = Object.keys(run.options.args ?? {}).filter(
    name => !run.usedArgs.has(name) && !PROXY_ARGS.has(name) && name !== EPOCH_ARG,
  )
  if (unused.length === 0) return
  run.emit({
    type: 'warning',
    code: 'BUILD_ARG_UNUSED',
    text: `build arguments were given but no ARG asks for them: ${unused.join(', ')}`,
  })
}
