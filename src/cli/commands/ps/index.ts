import type { ContainerSummary } from '../../../api/types/index.ts'
import { failure } from '../../../diagnostics/index.ts'
import {
  checkServices,
  isOneOff,
  listProjectContainers,
  nameOf,
  serviceOf,
} from '../../../project/containers.ts'
import { connectEngine, connectRunningEngine } from '../../../project/engine.ts'
import { resolveProject, serviceNames } from '../../../project/project-name.ts'
import { type Command, defineCommand } from '../../define-command.ts'
import { EXIT } from '../../exit-codes.ts'
import { flag, hidden, list, text } from '../../option.ts'
import { targetOf } from '../../target.ts'
import { psJson, psTable } from './view.ts'

interface PsOptions {
  readonly all: boolean
  readonly statuses: readonly string[]
  readonly orphans: boolean
}

interface Form {
  readonly quiet: boolean
  readonly services: boolean
  readonly format: string | undefined
  readonly noTrunc: boolean
}

/** `tscompose ps`. */
export const command: Command = defineCommand({
  description: 'Lists the running containers of the project, sorted by name.',
  options: {
    all: flag('-a, --all', 'Stopped ones, too'),
    quiet: flag('-q, --quiet', 'Ids alone'),
    format: text('--format <format>', 'table or json (one object a line)'),
    services: flag('--services', 'Names of services alone'),
    status: list('--status <status>', 'Only with this state; may be repeated'),
    filter: text('--filter <filter>', 'Only where status=VALUE'),
    orphans: hidden(flag('--orphans', '')),
    noOrphans: flag('--no-orphans', 'Leave out containers of services that the file does not have'),
    noTrunc: flag('--no-trunc', 'Show commands and ids whole'),
  },
  examples: [['tscompose ps --format json', 'for programs']],
  run: async (context, services, { all, status, filter, noOrphans, ...form }) => {
    const statuses = filter === undefined ? status : [...status, statusOf(filter)]
    const options: PsOptions = { all: all || statuses.length > 0, statuses, orphans: !noOrphans }
    const named = await resolveProject(targetOf(context), { needsModel: services.length > 0 || noOrphans })
    const known = named.project ? serviceNames(named.project) : undefined
    if (known) checkServices(known, services)
    // What is stopped is known to the engine's records alone; for what runs there need not be an engine.
    const docker = options.all ? await connectEngine(context.env) : await connectRunningEngine(context.env)
    const found = docker ? await listProjectContainers(docker, named.name, options.all) : []
    const shown = found.filter(container => isShown(container, services, options, known))
    context.streams.stdout.write(render(shown, form))
    return EXIT.ok
  },
})

function statusOf(filter: string): string {
  const status = /^status=(.+)$/.exec(filter)?.[1]
  if (status !== undefined) return status
  throw failure({
    code: 'FLAG_VALUE',
    kind: 'invalidArgument',
    summary: `--filter: got "${filter}", want status=VALUE`,
  })
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

function render(containers: readonly ContainerSummary[], form: Form): string {
  const lines = (values: readonly string[]): string => values.map(value => `${value}\n`).join('')
  if (form.quiet) return lines(containers.map(container => container.Id))
  if (form.services) return lines([...new Set(containers.map(serviceOf))])
  const { format = 'table', noTrunc } = form
  if (format === 'json')
    return containers.map(container => `${psJson(container, nameOf(container))}\n`).join('')
  if (format === 'table') return psTable(containers, !noTrunc)
  throw failure({
    code: 'FLAG_VALUE',
    kind: 'invalidArgument',
    summary: `--format: got "${format}", want table or json`,
  })
}
