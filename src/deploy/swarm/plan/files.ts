import type { ConfigSpec, SecretSpec, ServiceSpec } from '../../../api/types/index.ts'
import type { Diagnostic } from '../../../diagnostics/index.ts'
import type { OperationCollector } from '../../../planner/core/builder.ts'
import type { Stack } from '../convert/convert.ts'
import type { StackFile } from '../convert/files.ts'
import { isOf, type ObservedStack } from './observed.ts'
import { idOf, type SwarmOperation } from './operation.ts'
import { baseOf, CONTENT_LABEL, type KeptFile, VERSION_LABEL, type Version } from './versions.ts'

type Collector = OperationCollector<SwarmOperation>

/** Makes the versions of configs and secrets that are missing, and gives others the labels of the file. */
export function planFiles(plan: Collector, versions: readonly Version[], problems: Diagnostic[]): void {
  for (const version of versions) {
    const { file, name, kept } = version
    if (file.external) {
      if (kept === undefined) problems.push(missing(file))
    } else if (kept === undefined) planMissing(plan, version)
    else planLabels(plan, version, kept)
    if (version.isUnproven === true)
      plan.warn(
        'SWARM_SECRET_UNPROVEN',
        `whether secret "${name}" has the content of the file is found out when it is deployed: others made it, and a swarm shows nobody what is in a secret`,
        undefined,
        file.place,
      )
  }
}

function missing({ kind, name, place }: StackFile): Diagnostic {
  return {
    severity: 'error',
    code: 'SWARM_EXTERNAL_MISSING',
    ...place,
    summary: `${kind} "${name}" is external, and not there`,
    hint: `docker ${kind} create ${name} FILE`,
  }
}

function planMissing(plan: Collector, { file, name }: Version): void {
  const isFirst = name === file.name
  plan.add({
    type: 'createFile',
    id: idOf(file.kind, name, 'create'),
    after: [],
    resource: { kind: file.kind, name },
    action: 'create',
    cause: isFirst ? '' : `content of "${file.key}" changed`,
    changes: [],
    kind: file.kind,
    wanted: wantedOf(file, name, isFirst ? file.labels : { ...file.labels, [VERSION_LABEL]: file.name }),
    ...(file.data === undefined ? {} : { data: file.data }),
  })
}

function wantedOf(
  { driver, templating }: StackFile,
  name: string,
  labels: Readonly<Record<string, string>>,
): ConfigSpec & SecretSpec {
  return {
    Name: name,
    Labels: labels,
    ...(driver === undefined ? {} : { Driver: driver }),
    ...(templating === undefined ? {} : { Templating: templating }),
  }
}

function planLabels(plan: Collector, { file, name }: Version, kept: KeptFile): void {
  const own = [VERSION_LABEL, CONTENT_LABEL]
  const labels = kept.Spec.Labels ?? {}
  const given = Object.fromEntries(Object.entries(labels).filter(([key]) => !own.includes(key)))
  const keys = [...new Set([...Object.keys(given), ...Object.keys(file.labels)])].sort()
  const changes = keys.flatMap(key => {
    const [from, to] = [given[key], file.labels[key]].map(value =>
      value === undefined ? undefined : JSON.stringify(value),
    )
    return from === to ? [] : [{ path: `labels.${key}`, from, to }]
  })
  if (changes.length === 0) return
  const kept_ = Object.fromEntries(Object.entries(labels).filter(([key]) => own.includes(key)))
  plan.add({
    type: 'updateFile',
    id: idOf(file.kind, name, 'update'),
    after: [],
    resource: { kind: file.kind, name },
    action: 'update',
    cause: '',
    changes,
    kind: file.kind,
    fileId: kept.ID,
    version: kept.Version.Index,
    wanted: wantedOf(file, name, { ...file.labels, ...kept_ }),
  })
}

/** What decides which versions nobody uses any more. */
export interface Usage {
  readonly stack: Stack
  readonly observed: ObservedStack
  readonly versions: readonly Version[]
  /** Services that are made or changed, by name. */
  readonly wanted: ReadonlyMap<string, ServiceSpec>
  readonly prune: boolean
}

/**
 * Removes versions of before that no service has, nor has had before its last change: it could not be rolled back without them.
 * With `prune` also what the file has no more.
 */
export function planObsoleteFiles(plan: Collector, usage: Usage): void {
  const { stack, observed, versions, prune } = usage
  const used = usedNames(usage)
  const bases = new Set(stack.files.map(({ kind, name }) => `${kind} ${name}`))
  const after = plan.idsFrom('service:')
  for (const [kind, all] of [
    ['config', observed.configs],
    ['secret', observed.secrets],
  ] as const)
    for (const kept of all) {
      const name = kept.Spec.Name ?? ''
      const isKnown = bases.has(`${kind} ${baseOf(kept)}`)
      if (!isOf(observed, kept.Spec) || used.has(`${kind} ${name}`) || !(isKnown || prune)) continue
      if (versions.some(version => version.file.kind === kind && version.name === name)) continue
      plan.add({
        type: 'removeFile',
        id: idOf(kind, name, 'remove'),
        after,
        resource: { kind, name },
        action: 'remove',
        cause: isKnown ? 'nobody uses this version' : 'not in the file',
        changes: [],
        bestEffort: true,
        kind,
        fileId: kept.ID,
      })
    }
}

function usedNames({ observed, wanted, stack, prune }: Usage): ReadonlySet<string> {
  const inFile = new Set(stack.services.map(({ name }) => name))
  const used = new Set<string>()
  const use = (spec: ServiceSpec | undefined): void => {
    const { Configs = [], Secrets = [] } = spec?.TaskTemplate?.ContainerSpec ?? {}
    for (const { ConfigName } of Configs) used.add(`config ${ConfigName ?? ''}`)
    for (const { SecretName } of Secrets) used.add(`secret ${SecretName ?? ''}`)
  }
  for (const spec of wanted.values()) use(spec)
  for (const { Spec, PreviousSpec } of observed.services) {
    const name = Spec.Name ?? ''
    if (prune && !inFile.has(name)) continue
    use(Spec)
    if (!wanted.has(name)) use(PreviousSpec)
  }
  return used
}
