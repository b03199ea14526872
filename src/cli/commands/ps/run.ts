import type { ContainerSummary } from '../../../api/types/index.ts'
import { failure } from '../../../diagnostics/index.ts'
import type { CommandModule, RawOptions } from '../../command.ts'
import { checkServices, isOneOff, listProjectContainers, nameOf, serviceOf } from '../../containers.ts'
import { connectEngine, connectRunningEngine } from '../../engine-start.ts'
import { EXIT } from '../../exit-codes.ts'
import { resolveProject, serviceNames } from '../../project-name.ts'
import { psJson, psTable } from './view.ts'

interface PsOptions {
  readonly all: boolean
  readonly statuses: readonly string[]
  readonly orphans: boolean
}

export const run: CommandModule['run'] = async (context, services, raw) => {
  const options = readOptions(raw)
  const named = await resolveProject(context, { needsModel: services.length > 0 || !options.orphans })
  const known = named.project ? serviceNames(named.project) : undefined
  if (known) checkServices(known, services)
  // What is stopped is known to the engine's records alone; for what runs there need not be an engine.
  const docker = options.all ? await connectEngine(context) : await connectRunningEngine(context)
  const found = docker ? await listProjectContainers(docker, named.name, options.all) : []
  const shown = found.filter(container => isShown(container, services, options, known))
  context.streams.stdout.write(render(shown, raw))
  return EXIT.ok
}

function readOptions(raw: RawOptions): PsOptions {
  const statuses = Array.isArray(raw['status']) ? raw['status'].map(String) : []
  const filter = typeof raw['filter'] === 'string' ? raw['filter'] : undefined
  const status = filter === undefined ? undefined : /^status=(.+)$/.exec(filter)?.[1]
  if (filter !== undefined && status === undefined)
    throw failure({
      code: 'FLAG_VALUE',
      kind: 'invalidArgument',
      summary: `--filter: got "${filter}", want status=VALUE`,
    })
  const wanted = status === undefined ? statuses : [...statuses, status]
  return {
    all: raw['all'] === true || wanted.length > 0,
    statuses: wanted,
    orphans: raw['orphans'] !== false,
  }
}

function isShown(
  container: ContainerSummary,
  services: readonly string[],
  options: PsOptions,
  known: readonly string[] | undefined,
): boolean {
  const service = serviceOf(container)
  if (services.length > 0 && !services.includes(service)) return false
  if (options.statuses.length > 0 && !options.statuses.includes(container.State)) return false
  if (isOneOff(container) && !options.all) return false
  return options.orphans || known === undefined || known.includes(service)
}

function render(containers: readonly ContainerSummary[], raw: RawOptions): string {
  const lines = (values: readonly string[]): string => values.map(value => `${value}\n`).join('')
  if (raw['quiet'] === true) return lines(containers.map(container => container.Id))
  if (raw['services'] === true) return lines([...new Set(containers.map(serviceOf))])
  const format = raw['format'] ?? 'table'
  if (format === 'json')
    return containers.map(container => `${psJson(container, nameOf(container))}\n`).join('')
  if (format === 'table') return psTable(containers, raw['trunc'] !== false)
  throw failure({
    code: 'FLAG_VALUE',
    kind: 'invalidArgument',
    summary: `--format: got "${String(format)}", want table or json`,
  })
}
