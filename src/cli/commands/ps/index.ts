import { failure } from '../../../diagnostics/index.ts'
import { type ProjectContainer, ps } from '../../../project/ps.ts'
import { type Command, defineCommand } from '../../define-command.ts'
import { EXIT } from '../../exit-codes.ts'
import { flag, hidden, list, text } from '../../option.ts'
import { targetOf } from '../../target.ts'
import { psJson, psTable } from './view.ts'

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
    const states = filter === undefined ? status : [...status, statusOf(filter)]
    const shown = await ps(targetOf(context), { all, states, services, orphans: !noOrphans })
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

function render(containers: readonly ProjectContainer[], form: Form): string {
  const lines = (values: readonly string[]): string => values.map(value => `${value}\n`).join('')
  if (form.quiet) return lines(containers.map(({ id }) => id))
  if (form.services) return lines([...new Set(containers.map(({ service }) => service))])
  const { format = 'table', noTrunc } = form
  if (format === 'json') return lines(containers.map(psJson))
  if (format === 'table') return psTable(containers, !noTrunc)
  throw failure({
    code: 'FLAG_VALUE',
    kind: 'invalidArgument',
    summary: `--format: got "${format}", want table or json`,
  })
}
