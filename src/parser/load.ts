import { PROJECT } from '../model/attributes/project.ts'
import type { ComposeModel, Project, Service } from '../model/index.ts'
import { checkConsistency } from './consistency/consistency.ts'
import type { LoadInput, LoadOptions, LoadResult } from './contract.ts'
import { withPlatform } from './defaults/platform.ts'
import { foldFiles } from './environment/env-files.ts'
import { explainIndentation } from './indentation/explain.ts'
import { Lineage } from './lineage.ts'
import { loadModel } from './model-pipeline.ts'
import { normalize } from './normalize/normalize.ts'
import { TreeOrigins } from './origins/tree-origins.ts'
import { selectServices } from './profiles/select.ts'
import { dropUnused } from './profiles/unused.ts'
import { projectName } from './project-name.ts'
import { Remotes } from './remote/remotes.ts'
import { Reporter } from './reporter.ts'
import { type Lookup, lookupIn, type Scope } from './scope.ts'
import { decode, toPlain } from './shape/decode.ts'
import {
  asMap,
  child,
  type Entry,
  type MapNode,
  map,
  type Node,
  withEntries,
  withKey,
  withoutKeys,
} from './tree/node.ts'
import { Source } from './tree/source.ts'
import { parseYaml } from './yaml/parse.ts'

/** A project on its way through the last passes. */
interface Work {
  readonly input: LoadInput
  readonly scope: Scope
  readonly name: string
  readonly env: Readonly<Record<string, string>>
  readonly lookup: Lookup
  readonly model: MapNode
  readonly disabled: ReadonlyMap<string, Entry>
}

/** One pass of a whole project, after all files are merged (`model-pipeline.ts` has the passes before). */
interface ProjectPass {
  readonly name: string
  readonly does: string
  readonly run: (work: Work) => Work
}

/** The passes of the merged project, in order. */
export const PROJECT_PASSES: readonly ProjectPass[] = [
  {
    name: 'normalize',
    does: 'adds the default network, implicit dependencies, names and the Dockerfile',
    run: work =>
      work.input.options?.normalize === false
        ? work
        : { ...work, model: normalize(work.model, work.name, Boolean(work.input.projectName)) },
  },
  { name: 'profiles', does: 'sets services aside that no profile or selection wants', run: selectPass },
  {
    name: 'platform',
    does: 'fills in DOCKER_DEFAULT_PLATFORM, where the project is to run',
    run: platformPass,
  },
  {
    name: 'consistency',
    does: 'checks references between parts of the model',
    run: consistencyPass,
  },
  {
    name: 'unused',
    does: 'drops resources that no service uses',
    run: work =>
      keepsAll(work.input.options)
        ? work
        : { ...work, model: dropUnused(work.model, servicesOf(work.model)) },
  },
  { name: 'env-files', does: 'folds env_file and label_file into the service', run: envFilesPass },
]

/** Loads Compose files into a project: text → Project, the Compose way, with positions to the end. */
export function load(input: LoadInput): LoadResult {
  const sources = new Map<string, Source>()
  const scope = createScope(input, sources)
  const { reporter } = scope
  const result = (project?: Project, merged?: MapNode): LoadResult => ({
    ...(project && !reporter.hasErrors ? { project } : {}),
    ...(merged && input.options?.interpolate === false ? { merged: toPlain(merged) } : {}),
    diagnostics: reporter.hasErrors
      ? explainIndentation(reporter.diagnostics, name => sources.get(name)?.text)
      : reporter.diagnostics,
    unfetched: scope.remotes.unfetched,
    sources: new Map([...sources].map(([name, source]) => [name, source.text])),
  })
  const files = input.files.map(({ name, text }) => new Source(name, text))
  for (const file of files) sources.set(file.name, file)
  const name = projectName(
    {
      given: input.projectName,
      files,
      folder: input.nameFolder ?? input.workingDir,
      instance: input.instance,
    },
    lookupIn(input.env),
    scope,
  )
  const env = { ...input.env, COMPOSE_PROJECT_NAME: name }
  const lookup = lookupIn(env)
  const model = loadModel({ files, workingDir: input.workingDir, lookup, includedFrom: [] }, scope)
  if (model === undefined || model.entries.size === 0) {
    if (!reporter.hasErrors)
      reporter.error('EMPTY_FILE', 'write a Compose file with services, got an empty one', {
        ...(files[0] ? { span: { source: files[0], start: 0, end: 0 } } : {}),
      })
    return result()
  }
  const start: Work = { input, scope, name, env, lookup, model, disabled: new Map() }
  const work = PROJECT_PASSES.reduce((at, pass) => pass.run(at), start)
  return result(toProject(work), work.model)
}

function createScope(input: LoadInput, sources: Map<string, Source>): Scope {
  const reporter = new Reporter()
  const documents = new Map<Source, readonly Node[]>()
  return {
    reporter,
    lineage: new Lineage(),
    remotes: new Remotes(input.remote),
    options: input.options ?? {},
    home: lookupIn(input.env)('HOME'),
    read: path => {
      const known = sources.get(path)
      if (known) return known
      const text = input.readFile?.(path)
      if (text === undefined) return undefined
      const source = new Source(path, text)
      sources.set(path, source)
      return source
    },
    documentsOf: file => documents.get(file) ?? [],
    parse: file => {
      const parsed = documents.get(file) ?? parseYaml(file, reporter)
      documents.set(file, parsed)
      return parsed
    },
  }
}

/** What was not interpolated is printed whole. */
function keepsAll(options: LoadOptions = {}): boolean {
  return options.allResources === true || options.interpolate === false
}

function servicesOf(model: MapNode): ReadonlyMap<string, Entry> {
  return asMap(child(model, 'services'))?.entries ?? new Map()
}

function withServices(model: MapNode, entries: ReadonlyMap<string, Entry>): MapNode {
  const services = asMap(child(model, 'services')) ?? map({})
  return withKey(model, 'services', withEntries(services, entries))
}

function selectPass(work: Work): Work {
  const services = asMap(child(work.model, 'services'))
  if (services === undefined) return work
  const { input, scope } = work
  const selection = {
    profiles: input.profiles ?? [],
    services: input.services ?? [],
    dependencies: input.options?.dependencies !== false,
  }
  const { enabled, disabled } = selectServices(services, selection, scope.reporter)
  const kept =
    selection.services.length > 0
      ? withoutOthers(enabled, selection.dependencies ? 'optional' : 'all')
      : enabled
  return { ...work, model: withServices(work.model, kept), disabled }
}

/** Services that stand alone: dependencies that were not selected are not waited for, those that are needed or those that are not. */
function withoutOthers(
  enabled: ReadonlyMap<string, Entry>,
  which: 'all' | 'optional',
): ReadonlyMap<string, Entry> {
  const kept = new Map<string, Entry>()
  for (const [name, entry] of enabled) {
    const dependsOn = asMap(child(entry.node, 'depends_on'))
    const others = [...(dependsOn?.entries ?? [])]
      .filter(([target, { node }]) => !enabled.has(target) && (which === 'all' || isOptional(node)))
      .map(([target]) => target)
    const node =
      dependsOn && entry.node.kind === 'map' && others.length > 0
        ? withKey(entry.node, 'depends_on', withoutKeys(dependsOn, others))
        : entry.node
    kept.set(name, { ...entry, node })
  }
  return kept
}

function isOptional(dependency: Node): boolean {
  const required = child(dependency, 'required')
  return required?.kind === 'scalar' && required.value === false
}

function platformPass(work: Work): Work {
  const platform = work.lookup('DOCKER_DEFAULT_PLATFORM')
  if (work.input.options?.defaultPlatform !== true || !platform) return work
  return { ...work, model: withServices(work.model, withPlatform(servicesOf(work.model), platform)) }
}

function consistencyPass(work: Work): Work {
  if (work.input.options?.checkConsistency === false) return work
  const { model, disabled, scope } = work
  checkConsistency({ project: model, enabled: servicesOf(model), disabled, reporter: scope.reporter })
  return work
}

function envFilesPass(work: Work): Work {
  if (work.input.options?.resolveEnvironment === false) return work
  const entries = new Map<string, Entry>()
  for (const [name, entry] of servicesOf(work.model)) {
    const node =
      entry.node.kind === 'map'
        ? foldFiles(entry.node, ['services', name], work.scope, work.lookup)
        : entry.node
    entries.set(name, { ...entry, node })
  }
  return { ...work, model: withServices(work.model, entries) }
}

/** The whole model, the services that are set aside included: their values have origins, too. */
function withDisabled({ model, disabled }: Work): MapNode {
  if (disabled.size === 0) return model
  return withServices(model, new Map([...servicesOf(model), ...disabled]))
}

function toProject(work: Work): Project {
  const { input, scope, name, env, model } = work
  // Texts with variables in them fit no type: then only `merged` counts.
  const reporter = input.options?.interpolate === false ? new Reporter() : scope.reporter
  const plain = decode(model, PROJECT, reporter) as Partial<ComposeModel>
  const disabled = map({ services: { kind: 'map', entries: work.disabled } })
  const others =
    work.disabled.size > 0 ? (decode(disabled, PROJECT, new Reporter()) as Partial<ComposeModel>) : {}
  return {
    name,
    model: { ...plain, name, services: plain.services ?? ({} as Record<string, Service>) },
    workingDir: input.workingDir,
    configFiles: input.files.map(file => file.name),
    environmentFiles: input.environmentFiles ?? [],
    environment: env,
    profiles: input.profiles ?? [],
    disabledServices: others.services ?? {},
    ...(input.instance ? { instance: { name: input.instance } } : {}),
    origins: new TreeOrigins(withDisabled(work), {
      files: input.files.map(file => file.name),
      lineage: scope.lineage,
      documentsOf: scope.documentsOf,
      environment: { lookup: work.lookup, placeOf: input.placeOfVariable ?? (() => undefined) },
      inheritedName: lookupIn(input.env)('COMPOSE_PROJECT_NAME'),
    }),
  }
}
