import { failure } from '../../../diagnostics/index.ts'
import { exposure } from '../../../project/exposure.ts'
import { ps } from '../../../project/ps.ts'
import type { CommandContext } from '../../command.ts'
import { type Command, defineCommand } from '../../define-command.ts'
import { EXIT } from '../../exit-codes.ts'
import { flag, flagOn, list, text } from '../../option.ts'
import { targetOf } from '../../target.ts'
import { EXPOSURE } from '../../views/exposure.ts'
import { FORMAT_HELP, openFormat } from '../../views/listing/open-format.ts'
import { psListing } from './view.ts'

/** `tscompose ps`. */
export const command: Command = defineCommand({
  description:
    'Lists the running containers of the project, sorted by name. --format json prints one object a line.',
  options: {
    all: flag('-a, --all', 'Stopped ones, too'),
    quiet: flag('-q, --quiet', 'Ids alone'),
    format: text('--format <format>', FORMAT_HELP),
    services: flag('--services', 'Names of services alone'),
    status: list('--status <status>', 'Only with this state; may be repeated'),
    filter: text('--filter <filter>', 'Only where status=VALUE'),
    orphans: flagOn('--orphans', 'Containers of services that the file does not have, too (default)'),
    noOrphans: flag('--no-orphans', 'Leave out containers of services that the file does not have'),
    noTrunc: flag('--no-trunc', 'Show commands and ids whole'),
    exposure: flag(
      '--exposure',
      'Published ports instead: at which address and interface, who reaches them, and where egress leads',
    ),
  },
  conflicts: [
    ['exposure', 'quiet'],
    ['exposure', 'services'],
    ['exposure', 'all'],
  ],
  examples: [
    ['tscompose ps --format json', 'for programs'],
    ["tscompose ps --format 'table {{.Name}}\\t{{.Status}}'", 'two columns'],
  ],
  run: async (context, services, { all, status, filter, orphans, noOrphans, ...form }) => {
    const states = filter === undefined ? status : [...status, statusOf(filter)]
    const { quiet, format, noTrunc } = form
    if (form.exposure) return await showExposure(context, services, format)
    // A template that cannot be read asks no engine.
    const render = await openFormat(psListing(!noTrunc, Date.now()), format)
    const shown = await ps(targetOf(context), { all, states, services, orphans: orphans && !noOrphans })
    const { stdout } = context.streams
    if (quiet) stdout.write(lines(shown.map(({ id }) => id)))
    else if (form.services) stdout.write(lines([...new Set(shown.map(({ service }) => service))]))
    else stdout.write(render(shown))
    return EXIT.ok
  },
})

async function showExposure(
  context: CommandContext,
  services: readonly string[],
  format: string | undefined,
): Promise<number> {
  const render = await openFormat(EXPOSURE, format)
  context.streams.stdout.write(render(await exposure(targetOf(context), services)))
  return EXIT.ok
}

const lines = (values: readonly string[]): string => values.map(value => `${value}\n`).join('')

function statusOf(filter: string): string {
  const status = /^status=(.+)$/.exec(filter)?.[1]
  if (status !== undefined) return status
  throw failure({
    code: 'FLAG_VALUE',
    kind: 'invalidArgument',
    summary: `--filter: got "${filter}", want status=VALUE`,
  })
}
